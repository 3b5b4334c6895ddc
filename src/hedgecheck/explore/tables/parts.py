"""What an engine must say of itself for a table search: how its state falls into trades."""

from collections.abc import Hashable, Sequence
from typing import Any, Protocol


class Parts(Protocol):
    """How an engine's state is taken apart and put together. Everything is a function of its arguments."""

    def neutral(self, state: Any) -> Any:
        """The state had nothing come over all trades: no halt, no new day, no restart."""

    def shared(self, state: Any) -> Hashable:
        """What came over all trades, but for recovering."""

    def refusing(self, state: Any) -> Any:
        """The state with a gate that refuses whatever it is asked."""

    def is_recovering(self, state: Any) -> bool:
        """Whether it waits for the fate of orders from before a restart."""

    def is_resolved(self, state: Any) -> bool:
        """Whether the fate of every order is known."""

    def is_valued(self, state: Any) -> bool:
        """Whether everything held has a price."""

    def weights(self, state: Any) -> tuple[int, ...]:
        """What the gate adds up over trades, for these alone: in flight, gross, heat, net long, net short."""

    def binding(self, most: Sequence[int], least_gain: int, most_gain: int) -> tuple[int, ...]:
        """The places of the weights that may come to matter to the gate, where all trades together weigh at
        most so much and have gained at least and at most so much. Raises ``UsageError`` where more than sums
        matters."""

    def gain(self, state: Any) -> int:
        """Equity above what it began with; 0 where it is not known."""

    def part(self, state: Any, symbols: Sequence[str], strategy: str) -> Hashable:
        """What of the state is that strategy's alone."""

    def together(self, states: Sequence[Any], everybody: Any, recovering: bool) -> Any:
        """The state of one engine with the trades of all of these; ``everybody`` tells what came over all."""
