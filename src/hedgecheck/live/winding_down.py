"""How a shell is brought to rest, and what is open where it does not get there."""

import asyncio

from core.engine import State
from core.messages import ExitRequested
from core.orders import is_settled, status
from core.plan import open_lots
from core.trade import Trade
from hedgecheck import drive
from hedgecheck.live.shell import Shell


async def wind_down(shell: Shell, patience_seconds: float) -> tuple[str, ...]:
    """Leaves every trade: what works is cancelled, what is held is closed at the market. Returns what is
    still open then, or after ``patience_seconds``, one line each; nothing where all is flat. A trade that
    waits for a person, and lots that no trade holds, are not waited for. Whoever still gives signals must be
    stopped before. Raises ``ShellStopped``."""
    for trade in shell.state.trades:
        await shell.tell(ExitRequested(trade.signal))
    try:
        async with asyncio.timeout(patience_seconds):
            await shell.until(lambda state: not any(map(_may_leave, state.trades)))
    except TimeoutError:
        pass
    return still_open(shell.state)


def still_open(state: State) -> tuple[str, ...]:
    """Positions, and orders whose end is not known, in words; of both what is below an order's minimum is
    left out: nobody can trade it."""
    minimum = {each.symbol: each.minimum_quantity for each in state.settings.instruments}
    held = [
        f"{each.symbol}: {'long' if each.lots > 0 else 'short'} {abs(each.lots)} lots"
        for each in state.book.positions
        if abs(each.lots) >= minimum[each.symbol]
    ]
    return (*held, *[line for trade in state.trades for line in _orders(trade)])


def tripped_breakers(state: State) -> tuple[str, ...]:
    """The names of those that are."""
    return tuple([each.name for each in state.breakers if each.phase == "tripped"])


def _may_leave(trade: Trade) -> bool:
    """Whether there is something of it that will go by itself."""
    legs = (trade.leg_a, trade.leg_b)
    held = any(abs(open_lots(trade, leg)) >= leg.minimum for leg in legs)
    return trade.phase != "parked" and (held or not all(map(is_settled, trade.orders)))


def _orders(trade: Trade) -> list[str]:
    return [
        f"order {drive.order_name(order.id)}: {order.side} {order.quantity} {order.symbol}, "
        f"{order.filled} filled, {'outcome unknown' if order.unknown else status(order)}"
        for order in trade.orders
        if not is_settled(order)
    ]
