"""The real process is killed at random moments, over and over: what becomes of its orders?

    python -m tests.quality.kill --store sqlite|postgresql --times 500 --seed 0

A venue runs as a process of its own, and so does ``hedgecheck live``, which trades there until SIGKILL ends
it: while it starts, while it recovers, and mostly while it trades. Each time the judge looks at the store and
at the venue's ledger; every tenth time, and at the end, all is first brought to rest. The seed draws the
moments and what is traded; how far a process gets by then is the machine's.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from core.settings import Instrument, Protocol, Settings
from core.units import Money, Nanoseconds
from hedgecheck.live.brokers import RemoteBroker
from hedgecheck.live.exchange import Ledger
from hedgecheck.live.ports import Opening
from hedgecheck.live.store import EventStore
from hedgecheck.values import frozen
from tests.integration.store.conftest import schema
from tests.integration.store.servers import postgresql
from tests.quality import kill_strategy
from tests.quality.kill_judge import Judge

ROOT = Path(__file__).parents[2]
LIVE = (sys.executable, "-m", "hedgecheck", "live")
STRATEGY = "tests.quality.kill_strategy:trade"
VENUE = (sys.executable, "-m", "hedgecheck", "venue")
PRICES = {letter * 3: 10_000 + 100 * number for number, letter in enumerate("ABCDEFGH")}
CASH = 10**9
SECOND = 10**9
QUICK = Protocol(  # or nothing that waits would end in the little time that a process has
    leg_timeout=Nanoseconds(2 * SECOND),
    query_backoff=Nanoseconds(SECOND // 5),
    linger=Nanoseconds(SECOND // 2),
)
OPENING = Opening(Settings(tuple(map(Instrument, PRICES)), protocol=QUICK), Money(CASH))
MOMENTS = ("starting", "recovering", "trading")
SHARES = (1, 2, 7)  # of ten kills
TRADING_SECONDS = 1.0
REST_EACH = 10
REST_SECONDS = 60.0  # to come to rest in
PARKED_SECONDS = 15.0  # the same where something never will
PATIENCE_SECONDS = 120.0


class Broken(Exception):
    """What must never be."""


@frozen
class Wanted:
    """``command``: what is killed; ``faults``: of the venue's wire; ``speed``: of its market."""

    times: int
    seed: int
    command: tuple[str, ...] = LIVE
    faults: str = ""
    speed: float = 3.0


class Process:
    """One run of the shell. ``reached``: what it named, and so many seconds after it was started;
    ``announced``: the last position."""

    def __init__(self, command: Sequence[str], seed: int, errors: Path) -> None:
        self.reached: dict[str, float] = {}
        self.announced = 0
        self.errors = errors
        self._began = time.perf_counter()
        self._reached = threading.Condition()
        self._popen = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors.open("w"),
            text=True,
            cwd=ROOT,
            env={**os.environ, kill_strategy.SEED: str(seed)},
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._popen.kill()
        self._popen.wait()
        self._reading.join()

    def reach(self, milestone: str) -> float:
        """Waits until it does; seconds since it was started. Raises ``Broken`` where it ended before."""
        with self._reached:
            self._reached.wait_for(
                lambda: milestone in self.reached or not self._reading.is_alive(), PATIENCE_SECONDS
            )
        if milestone not in self.reached:
            raise Broken(f"it does not get to {milestone}; {self.said()}")
        return self.reached[milestone]

    def kill(self, after_seconds: float) -> None:
        """SIGKILL, so much later. Raises ``Broken`` where it ended by itself."""
        try:
            code = self._popen.wait(after_seconds)
        except subprocess.TimeoutExpired:
            self._popen.send_signal(signal.SIGKILL)
            code = self._popen.wait()
        self._reading.join()
        if code != -signal.SIGKILL:
            raise Broken(f"it ended by itself with exit code {code}; {self.said()}")

    def rests(self) -> int:
        """Waits until it ends by itself; its exit code. Raises ``Broken`` where it does not."""
        try:
            return self._popen.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise Broken(f"it does not come to rest in {PATIENCE_SECONDS:g} s; {self.said()}") from None

    def said(self) -> str:
        """The end of what it said of itself."""
        said = self.errors.read_text()[-2_000:].strip() or "nothing on stderr"
        return f"it reached {', '.join(self.reached) or 'nothing'}; {said}"

    def _read(self) -> None:
        assert self._popen.stdout is not None, "Invariant: its output is read"
        for line in self._popen.stdout:
            if line.endswith("}\n"):
                said = json.loads(line)
                with self._reached:
                    self.reached.setdefault(said["at"], time.perf_counter() - self._began)
                    self.announced = max(self.announced, said.get("position", 0))
                    self._reached.notify_all()
        with self._reached:
            self._reached.notify_all()


class Run:
    """Kills one account's process so many times. ``counts``: kills by what it was about."""

    def __init__(self, wanted: Wanted, address: str, port: int, folder: Path) -> None:
        self.wanted = wanted
        self.counts: Counter[str] = Counter()
        self.rests = 0
        self.ledger = Ledger((), (), (), 0)
        self.judge = Judge(address)
        self._random = Random(f"kill {wanted.seed}")
        self._took: dict[str, float] = {}  # by the last that got to trading, until each milestone
        self._port = port
        self._folder = folder
        self._command = (
            *(*wanted.command, "--broker", f"tcp://127.0.0.1:{port}", "--store", address),
            *("--seed", str(wanted.seed), "--json", "-"),
        )

    def kill(self) -> None:
        """Once. Raises ``Broken``."""
        moment, part = self._random.choices(MOMENTS, SHARES)[0], self._random.random()
        with self._started("--strategy", STRATEGY) as process:
            if moment == "trading" or not self._took:
                process.reach("trading")
                self._took = process.reached
                process.kill(part * TRADING_SECONDS)
            elif moment == "recovering":
                process.reach("recovered")
                process.kill(part * (self._took["trading"] - self._took["recovered"]))
            else:
                process.kill(part * self._took["recovered"])
        self._judge(process)
        hit = "recovering" if "recovered" in process.reached else "starting"
        self.counts["trading" if "trading" in process.reached else hit] += 1

    def rest(self) -> None:
        """Starts it to trade nothing new, and waits until it ends. Raises ``Broken``. A trade that could not
        be flattened, and waits for a person who was alerted, is what may be left."""
        patience = PARKED_SECONDS if self.judge.parked() else REST_SECONDS
        with self._started("--rounds", "0", "--patience", str(patience)) as process:
            code = process.rests()
        self._judge(process)
        _demand_nothing(self.judge.at_rest(self.ledger))
        if code != (1 if self.judge.parked() else 0):
            raise Broken(f"it did not come to rest, but to exit code {code}; {process.said()}")
        self.rests += 1

    def said(self) -> str:
        """What there was."""
        hit = ", ".join(f"{self.counts[each]} {each}" for each in MOMENTS)
        return (
            f"{self.counts.total()} kills ({hit}), {self.rests} rests, {self.judge.position:,} events, "
            f"{len(self.judge.asked):,} intents, {len(self.ledger.orders):,} orders, "
            f"{len(self.ledger.fills):,} fills, {len(self.judge.parked())} parked"
        )

    def _started(self, *more: str) -> Process:
        return Process((*self._command, *more), self.wanted.seed, self._folder / "stderr")

    def _judge(self, process: Process) -> None:
        """Looks at all there is, at the whole store each time that it is brought to rest."""
        self.ledger = asyncio.run(_ledger(self._port))
        _demand_nothing(self.judge.after_kill(self.ledger, process.announced))


def _demand_nothing(found: list[str]) -> None:
    if found:
        raise Broken("\n".join(found))


async def _ledger(port: int) -> Ledger:
    broker = RemoteBroker("127.0.0.1", port, timeout_seconds=PATIENCE_SECONDS)
    try:
        return await broker.ledger()
    finally:
        await broker.close()


@contextmanager
def venue(wanted: Wanted) -> Iterator[int]:
    """A venue's process; the port that it listens at."""
    markets = ",".join([f"{symbol}:{price}" for symbol, price in PRICES.items()])
    options = ("--seed", str(wanted.seed), "--speed", str(wanted.speed), "--markets", markets)
    with subprocess.Popen(
        (*VENUE, *options, "--cash", str(CASH), "--faults", wanted.faults), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None, "Invariant: its output is read"
            yield int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def stored(kind: str, folder: Path) -> Iterator[str]:
    """The address of a new store of that kind; what is in it stays where something was broken."""
    if kind == "sqlite":
        yield str(folder / "events.db")
        return
    (folder / "server").mkdir()
    with postgresql(folder / "server") as server:
        made = schema(server)
        address = next(made)
        try:
            yield address
        except KeyboardInterrupt:
            next(made, None)
            raise
        next(made, None)


def run(wanted: Wanted, address: str, folder: Path, say: Callable[[str], None] = print) -> Run:
    """Kills so many times, and brings all to rest now and then and at the end. Raises ``Broken``."""
    EventStore.create(address, OPENING).close()
    with venue(wanted) as port:
        made = Run(wanted, address, port, folder)
        for number in range(1, wanted.times + 1):
            try:
                made.kill()
                if number % REST_EACH == 0 or number == wanted.times:
                    made.rest()
                    say(made.said())
            except Broken as broken:
                raise Broken(f"kill {number}, seed {wanted.seed}: {broken}\n{made.said()}") from None
        return made


def main(arguments: Sequence[str] | None = None, command: tuple[str, ...] = LIVE) -> int:
    """Kills a process so many times, and says what came of it; 1 where something was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.kill", description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", default="", help="Of the venue's wire, as hedgecheck venue takes them.")
    chosen = parser.parse_args(arguments)
    faults = f" --faults {chosen.faults}" if chosen.faults else ""
    what = f"--store {chosen.store} --times {chosen.times} --seed {chosen.seed}{faults}"
    print(f"python -m tests.quality.kill {what}")
    folder = Path(tempfile.mkdtemp(prefix="hedgecheck-kill-"))
    wanted = Wanted(chosen.times, chosen.seed, command, chosen.faults)
    began = time.perf_counter()
    try:
        with stored(chosen.store, folder) as address:
            made = run(wanted, address, folder)
    except Broken as broken:
        print(f"BROKEN: {broken}\nThe store is kept: {address}")
        return 1
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(folder)
    print(f"{chosen.store}: {made.said()}, nothing broken, in {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    for each in (signal.SIGINT, signal.SIGTERM):  # ends the processes that it started, also in the background
        signal.signal(each, signal.default_int_handler)
    sys.exit(main())
