"""Strategies as users write them, for ``hedgecheck live --strategy``."""

from core.messages import SignalId, SignalReceived
from core.units import Lots
from hedgecheck.live.shell import Shell


async def fails(shell: Shell) -> None:
    """Holds a pair, and then has a mistake in it."""
    signal = SignalId("mine", 1)
    await shell.trade(SignalReceived(signal, "AAA", "buy", Lots(10), "BBB", "sell", Lots(10)))
    print(1 // len(shell.state.halts))


def plain(shell: Shell) -> None:
    """Not async."""
