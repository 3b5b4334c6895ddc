"""The shell: how long an order flow takes with its durable appends, and how long recovery takes.

``python -m benchmarks live [FLOWS]``. A flow is a pair: from the signal given to the shell until the call
returns hedged, two orders sent and filled, every event stored before what follows from it leaves. The venue
trades at once, so that what is measured is the shell. The baseline takes turns with it: the same flows with a
log in memory. PostgreSQL is the one of the tests (see ``tests.integration.store.servers``).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from benchmarks.store import flow, opening
from core.messages import ExitRequested, SignalId, SignalReceived
from core.units import Lots, Nanoseconds
from core.values import replace
from hedgecheck.live.log import DurableLog, MemoryLog
from hedgecheck.live.ports import Account, Log, Opening
from hedgecheck.live.shell import Shell
from hedgecheck.live.store import EventStore
from hedgecheck.messages import Accepted, CreateOrder, EngineEvent, Filled, Price, Report, Request, Status
from tests.integration.store.conftest import schema
from tests.integration.store.servers import Unavailable, postgresql

FLOWS = 1_000
EVENTS = 100_000
UNKNOWN = 16  # orders without an answer when the process ended
PRICE = 1_000
FLOW_MS_MAX, RECOVERY_SECONDS_MAX = 100.0, 5.0


class Prompt:
    """A broker whose venue fills every order at once, and knows a fill of every order that is asked about."""

    name = "prompt"

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = symbols

    async def send(self, request: Request) -> tuple[EngineEvent, ...]:
        """See ``Broker``."""
        name = request.client_order_id
        if isinstance(request, CreateOrder):
            fill = Filled(name, f"{name}.1", request.symbol, request.side, request.amount, PRICE)
            return Accepted(name), fill
        fill = Filled(name, f"{name}.1", "", "buy", 10, PRICE)
        return (Status(name, "found", "closed", (fill,), 10),)

    async def stream(self) -> AsyncIterator[Report]:
        """See ``Broker``."""
        for symbol in self._symbols:
            yield Price(symbol, PRICE)
        await asyncio.Event().wait()

    async def account(self) -> Account:
        """See ``Broker``."""
        return Account()

    async def close(self) -> None:
        """See ``Broker``."""


def pairs() -> Iterator[SignalReceived]:
    """One after the other, of two symbols."""
    for number in count(1):
        yield SignalReceived(SignalId("pairs", number), "S0", "buy", Lots(10), "S1", "sell", Lots(10))


def brief() -> Opening:
    """As for the store, but a trade that has ended stays no longer than it must."""
    begins = opening()
    protocol = replace(begins.settings.protocol, linger=Nanoseconds(1))
    return replace(begins, settings=replace(begins.settings, protocol=protocol))


def shell_over(log: Log) -> Shell:
    """A shell of the benchmark's symbols."""
    return Shell(log, Prompt([each.symbol for each in log.opening.settings.instruments]))


async def flows(address: str, number: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each flow, durable and in memory; each trade is left before the next."""
    durable = DurableLog(EventStore.create(address, brief()), found=_raise)
    shells = (shell_over(durable), shell_over(MemoryLog(brief())))
    spent: tuple[list[float], list[float]] = ([], [])
    for shell in shells:
        await shell.start()
    for signal in islice(pairs(), number):
        for shell, took in zip(shells, spent, strict=True):
            begun = time.perf_counter()
            outcome = await shell.trade(signal)
            took.append((time.perf_counter() - begun) * 1e3)
            assert outcome == "hedged", f"Invariant: a flow ends hedged, and not {outcome}"
            await shell.tell(ExitRequested(signal.signal))
            await shell.until(lambda state: not state.trades)
    for shell in shells:
        await shell.close()
    durable.close()
    return spent


def recovery(path: Path) -> float:
    """Seconds until a shell is ready over a store with a snapshot, and orders that nobody has answered."""
    events = list(islice(flow(), EVENTS - UNKNOWN))
    with EventStore.create(str(path), opening()) as store:
        while store.head.position < len(events):
            at = store.head.position
            store.append(events[at : at + 1_000])
        store.keep_snapshot(*store.recovered())
        asked = [each for number in range(UNKNOWN // 2) for each in _two(number)]
        store.append(asked)
    return asyncio.run(_ready(path))


def _two(number: int) -> tuple[SignalReceived, SignalReceived]:
    one, other = f"S{2 * number % 20}", f"S{(2 * number + 1) % 20}"
    lost = SignalId("lost", 2 * number + 1), SignalId("lost", 2 * number + 2)
    return (
        SignalReceived(lost[0], one, "buy", Lots(10), other, "sell", Lots(10)),
        SignalReceived(lost[1], one, "buy", Lots(10), f"S{(2 * number + 3) % 20}", "sell", Lots(10)),
    )


async def _ready(path: Path) -> float:
    begun = time.perf_counter()
    log = DurableLog(EventStore.open(str(path)), found=_raise)
    shell = shell_over(log)
    unknown = sum([len(trade.orders) for trade in shell.state.trades if trade.signal.strategy == "lost"])
    assert unknown == UNKNOWN, f"Invariant: so many orders are out, and not {unknown}"
    await shell.start()
    seconds = time.perf_counter() - begun
    await shell.close()
    log.close()
    return seconds


def _raise(error: Exception) -> None:
    raise error


def show(name: str, spent: tuple[list[float], list[float]]) -> None:
    """One line of the result."""
    durable, memory = [quantiles(each, n=100)[98] for each in spent]
    middle = [median(each) for each in spent]
    line = f"{name}: a flow with its appends p50 {middle[0]:.2f} ms, p99 {durable:.2f} ms"
    print(f"{line} (at most {FLOW_MS_MAX:g}); in memory p50 {middle[1]:.2f}, p99 {memory:.2f} ms", flush=True)


def main(number: str = str(FLOWS)) -> None:
    """Prints flow times of both databases, then how long recovery took."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        show("SQLite", asyncio.run(flows(str(folder / "flows.db"), int(number))))
        try:
            with postgresql(folder) as server:
                for address in schema(server):
                    show("PostgreSQL", asyncio.run(flows(address, int(number))))
        except Unavailable as why:
            print(f"PostgreSQL: {why}")
        seconds = recovery(folder / "recovery.db")
        line = f"ready after {EVENTS:,} events with a snapshot and {UNKNOWN} orders unknown: {seconds:.2f} s"
        print(f"{line} (at most {RECOVERY_SECONDS_MAX:g})")


if __name__ == "__main__":
    main()
