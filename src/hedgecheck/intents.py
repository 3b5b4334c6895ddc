"""What a strategy wants of an engine: the word that everything else is about."""

from typing import Literal

from hedgecheck.values import frozen

Side = Literal["buy", "sell"]


@frozen
class Intent:
    """What a strategy wants, once: leg A, and leg B in proportion to what leg A fills; ``amount_b`` 0 is no
    leg B. ``reduces``: it closes what is held, and asks for nothing where nothing is."""

    id: str
    symbol_a: str
    side_a: Side
    amount_a: int
    symbol_b: str
    side_b: Side
    amount_b: int
    price_a: int | None = None
    stop_a: int | None = None
    stop_b: int | None = None
    reduces: bool = False

    @property
    def symbols(self) -> tuple[str, ...]:
        """What it trades: two symbols, or one where there is no leg B."""
        return (self.symbol_a, self.symbol_b) if self.amount_b else (self.symbol_a,)
