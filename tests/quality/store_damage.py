"""Random bytes of a store's file are changed, and its end cut off: is anything false taken for true?

    python -m tests.quality.store_damage --times 1000 --events 10000

Each time one byte of a fresh copy is changed, or the file is cut at a random place. The store must then
refuse to open, or say soon after that it is damaged, or hold exactly what was written, recover to the state
that it had, and take more; what can be recovered of it must be a beginning of that, and the damaged file stay
as it is. A snapshot of the state is in the store.
"""

import argparse
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from core import engine
from core.messages import Fill, OrderFilled, OrderId, PriceMoved, SignalId
from core.settings import Instrument, Settings
from core.units import Money
from hedgecheck.errors import StoreDamaged, StoreError
from hedgecheck.live import EventStore, Opening, salvage

OPENING = Opening(Settings((Instrument("AAA"),)), Money(1_000_000))
MORE = [PriceMoved("AAA", number) for number in range(1, 100)]


def events(count: int) -> list[Any]:
    """So many events, no two alike."""
    order = OrderId(SignalId("p", 1), "entry", 1)
    return [
        OrderFilled(order, Fill(f"t{number}", number, 100)) if number % 3 else PriceMoved("AAA", number)
        for number in range(1, count + 1)
    ]


def damaged(path: Path, random: Random) -> str:
    """Changes a byte of a file, or cuts it off; what was done."""
    size = path.stat().st_size
    at = random.randrange(size)
    if random.random() < 0.2:
        with path.open("r+b") as file:
            file.truncate(at)
        return f"cut to {at} of {size} bytes"
    with path.open("r+b") as file:
        file.seek(at)
        change = 1 << random.randrange(8) if random.random() < 0.5 else random.randrange(1, 256)
        byte = file.read(1)[0] ^ change
        file.seek(at)
        file.write(bytes([byte]))
    return f"byte {at} of {size} changed"


def folded(events: list[Any]) -> engine.State:
    """The state after these."""
    state = engine.initial(OPENING.settings, OPENING.cash)
    for event in events:
        state, _ = engine.step(state, event)
    return state


def opened(path: Path, written: list[Any], state: engine.State) -> bool:
    """Whether a store is what it was, and takes more. Raises ``StoreError`` where it says that it is not."""
    found: list[Exception] = []
    with EventStore.open(str(path)) as store:
        was = (store.opening, *store.recovered())
        store.check_older(found.append).wait()
        if found:
            raise found[0]
        known = list(store.events())
        store.append(MORE)
    if (*was, known) != (OPENING, state, len(written), written):
        return False
    with EventStore.open(str(path)) as store:
        return list(store.events(after=len(written))) == MORE


def outcome(path: Path, written: list[Any], state: engine.State, into: Path) -> str:
    """What becomes of a damaged store: harmless, recovered or lost; or, in capitals, what must not be."""
    try:
        return "harmless" if opened(path, written, state) else "ACCEPTED"
    except StoreDamaged as damage:
        good: int | None = damage.good
    except StoreError:
        good = None
    left = path.read_bytes()
    try:
        salvage(str(path), str(into))
        with EventStore.open(str(into)) as store:
            saved = list(store.events())
    except StoreError:
        return "lost"
    if path.read_bytes() != left:
        return "CHANGED BY RECOVERY"
    if saved != written[: len(saved)]:
        return "RECOVERED WRONG"
    return "recovered" if good is None or len(saved) >= good else "RECOVERED TOO LITTLE"


def run(times: int, count: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """How often which, and what led to what must not be."""
    random, written = Random(f"damage {seed}"), events(count)
    whole = folder / "whole.db"
    with EventStore.create(str(whole), OPENING) as store:
        for start in range(0, count, 100):
            store.append(written[start : start + 100])
        store.keep_snapshot(folded(written[: count * 9 // 10]), count * 9 // 10)
    state = folded(written)
    counts: Counter[str] = Counter()
    wrong = []
    for number in range(times):
        path, into = folder / f"{number}.db", folder / f"{number}.good.db"
        shutil.copy(whole, path)
        did = damaged(path, random)
        found = outcome(path, written, state, into)
        counts[found] += 1
        if found.isupper():
            wrong.append(f"{found}: {did} (seed {seed}, number {number})")
        for each in folder.glob(f"{number}.*"):
            each.unlink()
    return counts, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Damages a store so many times, and says what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.store_damage", description=__doc__)
    parser.add_argument("--times", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        counts, wrong = run(chosen.times, chosen.events, chosen.seed, Path(folder))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    said = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"{chosen.times} times in {time.perf_counter() - began:.0f} s: {said}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
