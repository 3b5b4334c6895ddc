"""What a tool is found to do, as it is written down in JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Found:
    """One search: how many executions it performed, and why the last one failed (None: it did not)."""

    executions: int
    why: str | None


@dataclass(frozen=True)
class Row:
    """One tool in one way of using it.

    ``hits``: by engine, executions until its defect was found, one for each seed; None where it was not.
    ``alarms``: by correct program that was accused, of what. ``tried``: executions of each that was not.
    ``shrunk``: by engine, what is left of a failure when it was made small; ``rates``: executions a second of
    CPU time, as shipped and with the heap frozen. ``why_not``: why it has no figures.
    """

    tool: str
    version: str
    way: str
    settings: str
    hits: dict[str, list[int | None]] = field(default_factory=dict)
    alarms: dict[str, str] = field(default_factory=dict)
    sound: int = 0
    tried: int = 0
    shrunk: dict[str, int] = field(default_factory=dict)
    rates: tuple[float, float] | None = None
    why_not: str = ""


@dataclass(frozen=True)
class Results:
    """One run of the benchmark. ``command`` made it; ``budget`` is the most executions of one search."""

    python: str
    command: str
    seeds: int
    budget: int
    rows: list[Row]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Results":
        """What ``as_json`` made."""
        rows = [Row(**{**each, "rates": _pair(each["rates"])}) for each in values["rows"]]
        return Results(**{**values, "rows": rows})


def _pair(rates: list[float] | tuple[float, float] | None) -> tuple[float, float] | None:
    return None if rates is None else (rates[0], rates[1])
