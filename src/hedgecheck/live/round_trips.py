"""A strategy to watch the shell by: it buys one symbol against another, holds both for a while, and leaves.

Each intent is a function of the seed, the strategy's name and the intent's number, so that after a restart
the next one is what it would have been. It earns nothing but fees for the venue.
"""

import asyncio
from random import Random

from core.engine import State, equity
from core.messages import ExitRequested, SignalId, SignalReceived
from core.positions import price_of
from core.settings import Instrument
from core.trade import Trade
from core.units import Lots, Side
from hedgecheck.live.shell import Shell
from hedgecheck.values import frozen

SHARE_BPS = 100  # of the equity that each leg is worth
WHOLE_BPS = 10_000


@frozen
class RoundTrips:
    """``name``: of the strategy, without a digit. ``pause_seconds``: between two steps. ``rounds``:
    pairs to trade, None for no end. ``held_max``: pairs that are held at most."""

    name: str
    seed: int = 0
    pause_seconds: float = 0.5
    rounds: int | None = None
    held_max: int = 1

    async def __call__(self, shell: Shell) -> None:
        """Trades until all rounds are done and left. Raises ``ShellStopped``."""
        done = 0
        while self.rounds is None or done < self.rounds:
            await asyncio.sleep(self.pause_seconds)
            held = self._held(shell.state)
            if len(held) >= self.held_max:
                await self._leave(shell, held[0])
                continue
            asked = self._next(shell.state)
            if asked is not None:
                await shell.trade(asked)
                done += 1

    def _held(self, state: State) -> list[Trade]:
        """Trades of this strategy that ended hedged, and were not left yet, the oldest first."""
        mine = [each for each in state.trades if each.signal.strategy == self.name]
        return [each for each in mine if each.outcome == "hedged" and each.phase in ("ended", "held")]

    async def _leave(self, shell: Shell, trade: Trade) -> None:
        signal = trade.signal
        await shell.tell(ExitRequested(signal))
        await shell.until(lambda state: not _works(state, signal))

    def _next(self, state: State) -> SignalReceived | None:
        """The intent of the next number; None while a price is not known."""
        number = dict(state.high_water).get(self.name, 0) + 1
        drawn = Random(f"{self.seed} {self.name} {number}")
        first, second = drawn.sample(state.settings.instruments, 2)
        side: Side = drawn.choice(("buy", "sell"))
        other: Side = "sell" if side == "buy" else "buy"
        one, two = _lots(state, first), _lots(state, second)
        if not one or not two:
            return None
        signal = SignalId(self.name, number)
        return SignalReceived(signal, first.symbol, side, one, second.symbol, other, two)


def _works(state: State, signal: SignalId) -> bool:
    """Whether a trade is on its way out."""
    return any(each.signal == signal and each.phase == "exit" for each in state.trades)


def _lots(state: State, traded: Instrument) -> Lots:
    """A leg's size: the share of the equity, on the venue's steps; 0 where none can be told."""
    worth, price = equity(state), price_of(state.prices, traded.symbol)
    if worth is None or price is None:
        return Lots(0)
    lots = worth * SHARE_BPS // WHOLE_BPS // (price * traded.tick_lot_value)
    return Lots(max(traded.minimum_quantity, lots // traded.quantity_step * traded.quantity_step))
