"""``hedgecheck live`` with a defect planted in it, to be killed.

python -m tests.quality.kill_sabotage stores_later live --broker ... --store ...
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any

from core.messages import Event, SubmitOrder
from core.orders import is_settled
from hedgecheck import drive
from hedgecheck.cli import call
from hedgecheck.live.log import DurableLog
from hedgecheck.live.shell import Shell

LATE_SECONDS = 0.3


def stores_later() -> None:
    """The log says that events are stored, and stores them a while later: what follows from them leaves
    before."""
    at_once = DurableLog.append
    told: dict[DurableLog, int] = {}
    under_way: set[asyncio.Task[None]] = set()

    async def store(log: DurableLog, events: Sequence[Event]) -> None:
        await asyncio.sleep(LATE_SECONDS)
        await at_once(log, events)

    async def append(log: DurableLog, events: Sequence[Event]) -> int:
        told[log] = told.get(log, log._store.head.position) + len(events)
        under_way.add(asyncio.create_task(store(log, events)))
        return told[log]

    DurableLog.append = append  # type: ignore[method-assign]


def sends_again() -> None:
    """A shell that begins sends every order again of which it does not know the end."""
    recover = Shell._recover

    async def _recover(shell: Shell) -> None:
        for trade in shell.state.trades:
            for order in trade.orders:
                if not is_settled(order):
                    again = SubmitOrder(order.id, order.symbol, order.side, order.quantity, None, False)
                    await shell.broker.send(drive.command_of(again))  # type: ignore[arg-type]
        await recover(shell)

    Shell._recover = _recover  # type: ignore[method-assign]


DEFECTS: dict[str, Callable[[], Any]] = {"stores_later": stores_later, "sends_again": sends_again}

if __name__ == "__main__":
    DEFECTS[sys.argv[1]]()
    sys.exit(call(sys.argv[2:]))
