"""Seconds to shrink each canary's first failing tape; the baseline is running that tape once."""

import time

from hedgecheck.explore import scopes
from hedgecheck.explore.fuzz import Fuzz
from hedgecheck.explore.replay import run_tape
from hedgecheck.explore.shrink import shrink
from hedgecheck.world import Universe
from tests.canary.engines import CANARIES

FLOOR_SECONDS = 0.5


def main() -> None:
    """Prints a line per canary, and the slowest."""
    slowest = 0.0
    for name, canary in CANARIES.items():
        fuzz = Fuzz(canary.factory(), 0)
        found = fuzz.campaign(range(5_000)).found[0]
        universe = Universe(scopes.draw(found.tape.scope), fuzz.engine)
        begun = time.perf_counter()
        run_tape(universe, found.tape)
        once = time.perf_counter() - begun
        begun = time.perf_counter()
        shrunk = shrink(fuzz.engine, found.tape, found.failure)
        seconds = time.perf_counter() - begun
        slowest = max(slowest, seconds)
        actions = f"{len(found.tape.actions)} -> {len(shrunk.tape.actions)} actions"
        ratio = f"{seconds / once:5.0f} times one run"
        print(f"{name}  {seconds:.3f} s  {ratio}  {shrunk.replays:4} replays  {actions}")
    print(f"slowest {slowest:.3f} s (floor {FLOOR_SECONDS})")


if __name__ == "__main__":
    main()
