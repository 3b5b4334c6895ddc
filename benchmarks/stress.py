"""Stress tests against their limits, and the executor beside NautilusTrader and backtesting.py.

``python -m benchmarks stress [--quick]``: a scenario of 1,000 bars, the library in parallel, made markets,
transformations, memory; then 1,000 and 100,000 bars (``--quick``: 10,000) under one crossing strategy, each
engine in a process and an environment of its own. All take turns, round by round, and the round with the
least CPU time counts; of the library, which runs in processes, that with the least wall time. The seed is the
system that the limits come from. Environments of peers are made on demand: ``stress_peers.environments``.
"""

import gc
import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.marketdata import plain
from benchmarks.stress_peers.bars import bars_of, counted, written
from benchmarks.stress_peers.environments import (
    BACKTESTING,
    FOLDER,
    NAUTILUS,
    ROOT,
    Absent,
    asked,
    asked_ours,
    python_of,
)
from benchmarks.stress_peers.lines import Figure, best, does_lines, peer_lines
from hedgecheck.marketdata import Market
from hedgecheck.stress.executor import ScenarioExecutor
from hedgecheck.stress.library import ScenarioLibrary
from hedgecheck.stress.loading import ScenarioLoader
from hedgecheck.stress.models import Scenario, ScenarioType
from hedgecheck.stress.runner import StressTestRunner
from hedgecheck.stress.settings import SETTINGS
from hedgecheck.stress.transforming import ScenarioTransformer

BARS = 1_000
MANY, QUICK = 100_000, 10_000
ROUNDS, LIBRARY_ROUNDS, PEER_ROUNDS = 7, 2, 3
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
CRASH = Scenario("crash", ScenarioType.FLASH_CRASH, parameters={"bars": BARS})
UNJUDGED = replace(SETTINGS, rules=())
KINDS = [each for each in ScenarioType if each is not ScenarioType.HISTORIC_REPLAY]  # which changes nothing
Work = Callable[[], object]
Answers = list[dict[str, Any]]  # one for each count of bars
Asking = Callable[[Path, tuple[int, ...]], Answers]


def main(*options: str) -> None:
    """Prints a line for each limit, and one for each engine."""
    parser = ArgumentParser(prog="python -m benchmarks stress")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} bars beside the peers, one round")
    quick: bool = parser.parse_args(options).quick
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; times are CPU time of one core")
    for line in (*of_one(), *of_library(), *of_memory()):
        print(line, flush=True)
    for line in beside_peers(QUICK if quick else MANY, 1 if quick else PEER_ROUNDS):
        print(line, flush=True)


# ---- one scenario and its parts ----------------------------------------------------------------------


def of_one() -> Iterator[str]:
    """A scenario of 1,000 bars, its market, its transformation."""
    market = loaded(0)
    works: dict[str, Work] = {
        "judged": lambda: ScenarioExecutor().run(CRASH),
        "unjudged": lambda: ScenarioExecutor(settings=UNJUDGED).run(CRASH),
        "made": lambda: loaded(1),
        "plain": lambda: plain(1),
        "pass": lambda: [[each * 0.7 for each in row] for row in market.close.tolist()],
        **{kind: partial(transform, market, kind) for kind in KINDS},
    }
    took = in_turn(works)
    baseline = took["unjudged"], "the same without invariants"
    yield Figure("1,000 bars, flash crash, all on", took["judged"], "ms", 100, 2_000, *baseline).line()
    baseline = took["plain"], "closes alone, bar by bar"
    yield Figure("1,000 bars of one symbol made", took["made"], "ms", 10, 500, *baseline).line()
    slowest = max(KINDS, key=lambda kind: took[kind])
    baseline = took["pass"], "a pass over the closes in plain Python"
    what = f"1,000 bars of 3 symbols: {slowest}"
    yield Figure(what, took[slowest], "ms", 5, 100, *baseline).line()
    others = ", ".join(f"{kind} {took[kind]:.2f}" for kind in KINDS if kind != slowest)
    yield f"    the slowest of {len(KINDS)} transformations; the others in ms: {others}"


def loaded(seed: int) -> Market:
    """1,000 bars as a scenario has them: of one symbol, under seed 0 of three."""
    symbols = SYMBOLS if seed == 0 else SYMBOLS[:1]
    return ScenarioLoader().load(symbols, "synthetic", bars=BARS, seed=seed).market


def transform(market: Market, kind: ScenarioType) -> object:
    """What a type of scenario makes of a market, parameters read and all."""
    return ScenarioTransformer(1).apply(market, Scenario(kind, kind, symbols=SYMBOLS))


def in_turn(works: dict[str, Work]) -> dict[str, float]:
    """The least CPU milliseconds of each, of so many rounds after one to warm up."""
    took: dict[str, list[float]] = {name: [] for name in works}
    for number in range(ROUNDS + 1):
        for name, work in works.items():
            gc.collect()
            begun = time.process_time()
            work()
            if number:
                took[name].append((time.process_time() - begun) * 1_000)
    return {name: min(each) for name, each in took.items()}


# ---- the library --------------------------------------------------------------------------------------


def of_library() -> Iterator[str]:
    """The ten scenarios in processes, and one after the other in this one; wall time, which says little where
    other processes want the processors, too."""
    library, processors = list(ScenarioLibrary()), os.cpu_count() or 1
    parallel, one_by_one = list[float](), list[float]()
    for _ in range(LIBRARY_ROUNDS):
        parallel.append(spent(partial(in_processes, library)))
        one_by_one.append(spent(lambda: [ScenarioExecutor().run(each) for each in library]))
    what = f"library of {len(library)}, parallel on {processors}, wall"
    yield Figure(what, min(parallel), "s", 3, 10, min(one_by_one), "one after the other").line()


def in_processes(library: list[Scenario]) -> None:
    """All of them in parallel."""
    batch = StressTestRunner(ScenarioExecutor).run_batch(library)
    failed = [(each.name, each.failure) for each in batch.results if not each.success]
    assert not failed, f"Invariant: all succeed, and not {failed}"


def spent(work: Work) -> float:
    """Seconds of the wall."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def of_memory() -> Iterator[str]:
    """What a process holds above its imports, for the scenario of the library that needs the most."""
    found = []
    for each in ScenarioLibrary():
        command = [sys.executable, "-m", "benchmarks.stress_memory", each.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            yield f"  memory: not measured, {done.stderr.strip().splitlines()[-1]}"
            return
        found.append(json.loads(done.stdout))
    worst = max(found, key=lambda each: each["most"] - each["before"])
    above, before = worst["most"] - worst["before"], worst["before"]
    what = f"memory, {worst['name']}"
    yield Figure(what, above, "MB", 100, 100, before, "the interpreter with imports").line()


# ---- beside the peers ---------------------------------------------------------------------------------


def beside_peers(count: int, rounds: int) -> Iterator[str]:
    """1,000 bars and so many, the engines in turn."""
    yield "SMA 10/30 crossing, always reversing, market orders, no costs, a new process each round"
    asking, absent = engines()
    market = bars_of(count)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bars.npz"
        written(market, path)
        found, failed = in_rounds(asking, path, (BARS, count), rounds)
    yield from [f"  {name}: left out, {why}" for name, why in {**absent, **failed}.items()]
    for place, bars in enumerate((BARS, count)):
        each = [best([answers[place] for answers in of_one]) for of_one in found.values()]
        yield from peer_lines(each, counted(market.close[:bars, 0]))
    yield from does_lines()


def engines() -> tuple[dict[str, Asking], dict[str, str]]:
    """How each engine is asked, ours first; and why some are not there."""
    asking: dict[str, Asking] = {"hedgecheck": asked_ours}
    absent: dict[str, str] = {}
    for peer in (NAUTILUS, BACKTESTING):
        try:
            asking[peer.name] = partial(asked, python_of(peer), FOLDER / peer.script)
        except Absent as why:
            absent[peer.name] = str(why)
    return asking, absent


def in_rounds(
    asking: dict[str, Asking], path: Path, counts: tuple[int, ...], rounds: int
) -> tuple[dict[str, list[Answers]], dict[str, str]]:
    """What each answered in each round, and why some did not. Raises ``Absent`` where ours does not."""
    found: dict[str, list[Answers]] = {name: [] for name in asking}
    failed: dict[str, str] = {}
    for _ in range(rounds):
        for name in tuple(found):
            try:
                found[name].append(asking[name](path, counts))
            except Absent as why:
                if name == "hedgecheck":
                    raise
                failed[name] = str(why)
                del found[name]
    return found, failed


if __name__ == "__main__":
    main(*sys.argv[1:])
