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

from hedgecheck.live.brokers import RemoteBroker
from hedgecheck.live.exchange import Ledger
from hedgecheck.values import frozen
from tests.integration.store.conftest import schema
from tests.integration.store.servers import postgresql
from tests.quality import kill_strategy
from tests.quality.kill_judge import Judge

ROOT = Path(__file__).parents[2]
LIVE = (sys.executable, "-m", "hedgecheck", "live")
STRATEGY = "tests.quality.kill_strategy:trade"
VENUE = (sys.executable, "-m", "hedgecheck", "venue")
MARKETS = ",".join(f"{letter * 3}:{10_000 + 100 * number}" for number, letter in enumerate("ABCDEFGH"))
MOMENTS = ("starting", "recovering", "trading")
SHARES = (1, 2, 7)  # of ten kills
SPANS = {"starting": (0.0, 1.0), "recovering": (0.8, 1.05)}  # in parts of what the last start took
TRADING_SECONDS = 1.0
REST_EACH = 10
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
    speed: float = 5.0


class Process:
    """One run of the shell. ``at``: the last milestone that it named; ``announced``: the last position."""

    def __init__(self, command: Sequence[str], seed: int, errors: Path) -> None:
        self.at = ""
        self.announced = 0
        self.errors = errors
        self.began = time.perf_counter()
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

    def trades(self) -> float:
        """Waits until it does; seconds that it took. Raises ``Broken`` where it ended before."""
        with self._reached:
            self._reached.wait_for(lambda: self.at or not self._reading.is_alive(), PATIENCE_SECONDS)
        if self.at != "trading":
            raise Broken(f"it does not get to trading; {self.said()}")
        return time.perf_counter() - self.began

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

    def rests(self) -> None:
        """Waits until it ends by itself. Raises ``Broken`` where it does not, or not at rest."""
        try:
            code = self._popen.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            raise Broken(f"it does not come to rest in {PATIENCE_SECONDS:g} s; {self.said()}") from None
        finally:
            self._reading.join()
        if code:
            raise Broken(f"it did not come to rest, but to exit code {code}; {self.said()}")

    def said(self) -> str:
        """The end of what it said of itself."""
        said = self.errors.read_text()[-2_000:].strip() or "nothing on stderr"
        return f"the last it reached is {self.at or 'nothing'}; {said}"

    def _read(self) -> None:
        assert self._popen.stdout is not None, "Invariant: its output is read"
        for line in self._popen.stdout:
            if line.endswith("}\n"):
                said = json.loads(line)
                with self._reached:
                    self.at = said["at"]
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
        self._start_seconds = 0.0  # that the last start took; none before the first
        self._port = port
        self._folder = folder
        self._command = (
            *(*wanted.command, "--broker", f"tcp://127.0.0.1:{port}", "--store", address),
            *("--seed", str(wanted.seed), "--json", "-"),
        )

    def kill(self) -> None:
        """Once. Raises ``Broken``."""
        moment, part = self._random.choices(MOMENTS, SHARES)[0], self._random.random()
        process, before = self._started("--strategy", STRATEGY), self.judge.position
        if moment == "trading" or not self._start_seconds:
            self._start_seconds = process.trades()
            process.kill(part * TRADING_SECONDS)
        else:
            low, high = SPANS[moment]
            process.kill((low + part * (high - low)) * self._start_seconds)
        self._judge(process)
        hit = "recovering" if self.judge.position > before else "starting"
        self.counts["trading" if process.at else hit] += 1

    def rest(self) -> None:
        """Starts it to trade nothing new, and waits until it ends. Raises ``Broken``."""
        process = self._started("--rounds", "0")
        process.rests()
        self._judge(process)
        _demand_nothing(self.judge.at_rest(self.ledger))
        self.rests += 1

    def said(self) -> str:
        """What there was."""
        hit = ", ".join(f"{self.counts[each]} {each}" for each in MOMENTS)
        return (
            f"{self.counts.total()} kills ({hit}), {self.rests} rests, {self.judge.position:,} events, "
            f"{len(self.judge.asked):,} intents, {len(self.ledger.orders):,} orders, "
            f"{len(self.ledger.fills):,} fills"
        )

    def _started(self, *more: str) -> Process:
        return Process((*self._command, *more), self.wanted.seed, self._folder / "stderr")

    def _judge(self, process: Process) -> None:
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
    options = ("--seed", str(wanted.seed), "--speed", str(wanted.speed), "--markets", MARKETS)
    with subprocess.Popen(
        (*VENUE, *options, "--faults", wanted.faults), stdout=subprocess.PIPE, text=True
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
        yield from schema(server)


def run(wanted: Wanted, address: str, folder: Path, say: Callable[[str], None] = print) -> Run:
    """Kills so many times, and brings all to rest now and then and at the end. Raises ``Broken``."""
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
    print(f"python -m tests.quality.kill --store {chosen.store} --times {chosen.times} --seed {chosen.seed}")
    folder = Path(tempfile.mkdtemp(prefix="hedgecheck-kill-"))
    wanted = Wanted(chosen.times, chosen.seed, command, chosen.faults)
    began = time.perf_counter()
    try:
        with stored(chosen.store, folder) as address:
            made = run(wanted, address, folder)
    except Broken as broken:
        print(f"BROKEN: {broken}\nThe store is kept: {address}")
        return 1
    shutil.rmtree(folder)
    print(f"{chosen.store}: {made.said()}, nothing broken, in {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
