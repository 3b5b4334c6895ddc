"""The pytest node under ``verify`` that is running: its name, its seed, the failures kept from earlier runs,
and what its executions came to.

The plugin makes it and settles it; the decorator reads it and writes down what happened. Under Hypothesis's
``given`` one node calls its test many times: a kept token is dropped only where no call failed with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hedgecheck.verifying.stats import Work
from hedgecheck.verifying.stored import Store


@dataclass(slots=True)
class Node:
    """``id`` is relative to pytest's root folder, and the same on every machine; ``command`` runs it alone.
    ``repeats``: its test is called many times. ``kept``: tokens of earlier runs, tried before anything."""

    id: str
    command: str
    seed: int
    is_seed_drawn: bool
    repeats: bool = False
    kept: tuple[str, ...] = ()
    found: str | None = None
    failed: set[str] = field(default_factory=set)
    outdated: dict[str, str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    strayed: list[Exception] = field(default_factory=list)
    work: Work = field(default_factory=Work)

    def dropped(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Which kept tokens fail no more, and what is to be said of those that no longer fit."""
        gone = [each for each in self.kept if each not in self.failed]
        outdated = [each for each in gone if each in self.outdated and each not in self.passed]
        said = tuple(f"stored {each} is dropped: {self.outdated[each]}" for each in outdated)
        return tuple(each for each in gone if each in self.passed or each in self.outdated), said

    def settle(self, store: Store) -> tuple[str, ...]:
        """Keeps what was found and drops what fails no more. Returns what a person should hear of it."""
        drop, said = self.dropped()
        complaint = store.update(self.id, add=self.found, drop=drop)
        return (*said, complaint) if complaint else said


_running: list[Node] = []


def current() -> Node | None:
    """The node that is running, or None outside of pytest."""
    return _running[-1] if _running else None


@contextmanager
def running(node: Node) -> Iterator[None]:
    """While it is entered, this is the node that is running."""
    _running.append(node)
    try:
        yield
    finally:
        _running.pop()
