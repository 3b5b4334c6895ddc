"""The event store: durable events a second beside bare inserts, and how long recovery takes.

``python -m benchmarks.store [EVENTS]``. The baseline is a bare loop: it makes the same text of each event and
inserts it into a table of two columns, by the database's own driver, with the same group commit and as
durably: no chain, no fencing. Beside both, to see what is left to gain: texts made beforehand, a batch of
them in one call. All take turns, batch by batch. PostgreSQL is the one of the tests (see
``tests.integration.store.servers``).
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from core import engine
from core.messages import (
    Event,
    ExitRequested,
    Fill,
    OrderAccepted,
    OrderFilled,
    OrderId,
    PriceMoved,
    SignalId,
    SignalReceived,
    Slot,
    TimerFired,
    TimerId,
)
from core.settings import Instrument, Limits, Settings
from core.units import BasisPoints, Lots, Money, Ticks
from hedgecheck.live import EventStore, Opening
from hedgecheck.live.encoding import encoded
from hedgecheck.values import frozen
from tests.integration.store.conftest import schema
from tests.integration.store.servers import Unavailable, postgresql

EVENTS = 1_000_000
BATCHES = (1, 10, 100, 1_000)
ROUNDS = 60  # batches of each size
SYMBOLS = tuple(f"S{number}" for number in range(20))
WIDE = BasisPoints(10_000_000)
FLOOR = 0.5  # of the bare loop
SECONDS_MAX = {"replayed": 60.0, "with a snapshot": 3.0}


def opening() -> Opening:
    """Twenty symbols, and limits that let everything in."""
    limits = Limits(
        WIDE, WIDE, WIDE, 1_000, strategy_bps=WIDE, net_bps=WIDE, leverage_bps=WIDE, cluster_bps=WIDE
    )
    return Opening(Settings(tuple(Instrument(each) for each in sorted(SYMBOLS)), limits), Money(10**12))


def flow() -> Iterator[Event]:
    """Prices, and pairs from the signal to the exit, for ever."""
    for each in SYMBOLS:
        yield PriceMoved(each, Ticks(1_000))
    for number in count():
        one, other = SYMBOLS[2 * number % 20], SYMBOLS[(2 * number + 1) % 20]
        signal, price = SignalId("pairs", number), Ticks(990 + number % 21)
        over = TimerFired(TimerId(signal, "linger"))
        yield PriceMoved(one, price)
        yield PriceMoved(other, price)
        yield SignalReceived(signal, one, "buy", Lots(10), other, "sell", Lots(10))
        yield from executed(signal, ("entry", "hedge"), price)
        yield over
        yield ExitRequested(signal)
        yield from executed(signal, ("flatten_a", "flatten_b"), price)
        yield over


def executed(signal: SignalId, slots: Sequence[Slot], price: Ticks) -> Iterator[Event]:
    """Two orders, each filled in two parts."""
    for slot in slots:
        order = OrderId(signal, slot, 1)
        yield OrderAccepted(order)
        yield OrderFilled(order, Fill(f"{slot}{signal.sequence}a", Lots(4), price, Money(1)))
        yield OrderFilled(order, Fill(f"{slot}{signal.sequence}b", Lots(6), price, Money(1)))


@frozen
class Bare:
    """Inserts without anything around them. ``commit``: does what it is given, and commits."""

    cursor: Any
    mark: str
    commit: Callable[[Callable[[], object]], None]

    def loop(self, head: int, events: Sequence[Event]) -> None:
        """One after the other, each made into text when its turn comes."""
        statement = f"insert into looped values ({self.mark}, {self.mark})"

        def insert() -> None:
            for position, event in enumerate(events, head):
                self.cursor.execute(statement, (position, encoded(event)))

        self.commit(insert)

    def batch(self, head: int, texts: Sequence[str]) -> None:
        """Texts that are there already, all at once."""
        statement = f"insert into batched values ({self.mark}, {self.mark})"
        self.commit(lambda: self.cursor.executemany(statement, list(enumerate(texts, head))))


def bare_sqlite(path: Path) -> Bare:
    """Inserts as durable as those of the store."""
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    for table in ("looped", "batched"):
        connection.execute(f"create table {table} (position integer primary key, body text not null)")
    cursor = connection.cursor()

    def commit(insert: Callable[[], object]) -> None:
        insert()
        connection.commit()

    return Bare(cursor, "?", commit)


def bare_postgresql(address: str) -> Bare:
    """The same by psycopg."""
    url = make_url(address).set(drivername="postgresql")
    connection = psycopg.connect(url.render_as_string(hide_password=False))
    for table in ("looped", "batched"):
        connection.execute(f"create table {table} (position bigint primary key, body text not null)")
    connection.commit()

    def commit(insert: Callable[[], object]) -> None:
        with connection.pipeline():
            insert()
        connection.commit()

    return Bare(connection.cursor(), "%s", commit)


def appended(name: str, address: str, bare: Bare) -> None:
    """All in turns, for batches of each size."""
    events = flow()
    with EventStore.create(address, opening()) as store:
        for size in BATCHES:
            spent = {"store": 0.0, "loop": 0.0, "batch": 0.0}
            for turn in range(ROUNDS):
                batch = list(islice(events, size))
                head, texts = store.head.position, [encoded(each) for each in batch]
                ways: list[tuple[str, Callable[[], object]]] = [
                    ("store", partial(store.append, batch)),
                    ("loop", partial(bare.loop, head, batch)),
                    ("batch", partial(bare.batch, head, texts)),
                ]
                for way, does in ways if turn % 2 else reversed(ways):
                    begun = time.perf_counter()
                    does()
                    spent[way] += time.perf_counter() - begun
            show_rates(name, size, {each: ROUNDS * size / seconds for each, seconds in spent.items()})


def show_rates(name: str, size: int, rates: dict[str, float]) -> None:
    """One line of the result."""
    line = f"{name}, {size} a commit: {rates['store']:,.0f} durable events a second"
    loop = f"{rates['store'] / rates['loop']:.2f} of a bare loop at {rates['loop']:,.0f} (floor {FLOOR})"
    batch = f"{rates['store'] / rates['batch']:.2f} of texts in one call at {rates['batch']:,.0f}"
    print(f"{line}, {loop}, {batch}", flush=True)


def recovered(path: Path, number: int) -> None:
    """Recovery of so many events from a snapshot of which 10,000 are left to replay, and without it."""
    early, events = engine.initial(opening().settings, opening().cash), flow()
    kept = number - min(9_999, number // 2)
    with EventStore.create(str(path), opening()) as store:
        while store.head.position < number:
            batch = list(islice(events, min(1_000, number - store.head.position)))
            for event in batch[: max(0, kept - store.head.position)]:
                early, _ = engine.step(early, event)
            store.append(batch)
        store.keep_snapshot(early, kept)
    quick = timed(path, number, "with a snapshot")
    begun = time.perf_counter()
    with EventStore.open(str(path)) as store:
        found: list[Exception] = []
        store.check_older(found.append).wait()
    assert found == [], "Invariant: what was not damaged is not called damaged"
    print(f"  after {time.perf_counter() - begun:.1f} s it is known that all before it is whole", flush=True)
    with sqlite3.connect(path) as connection:
        connection.execute("delete from hedgecheck_snapshots")
    connection.close()
    assert quick == timed(path, number, "replayed"), "Invariant: a snapshot changes no recovered state"
    assert quick[1] == number, "Invariant: recovery replays all that is stored"


def timed(path: Path, number: int, how: str) -> tuple[engine.State, int]:
    """The state and its position, and a line that says how long it took until they were there."""
    begun, worked = time.perf_counter(), time.process_time()
    with EventStore.open(str(path)) as store:
        state = store.recovered()
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    line = f"recovery of {number:,} events {how}: {seconds:.2f} s (at most {SECONDS_MAX[how]:g})"
    print(f"{line}, {cpu:.2f} s of it on a CPU", flush=True)
    return state


def main(events: str = str(EVENTS)) -> None:
    """Prints rates and their ratios, then how long recoveries took."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        appended("SQLite", str(folder / "store.db"), bare_sqlite(folder / "bare.db"))
        try:
            with postgresql(folder) as server:
                for address in schema(server):
                    appended("PostgreSQL", address, bare_postgresql(address))
        except Unavailable as why:
            print(f"PostgreSQL: {why}")
        for number in sorted({min(100_000, int(events)), int(events)}):
            recovered(folder / f"{number}.db", number)


if __name__ == "__main__":
    main(*sys.argv[1:])
