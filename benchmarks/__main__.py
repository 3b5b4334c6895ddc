"""Every benchmark, one after another: ``python -m benchmarks [name ...] [option ...]``.

Options go to each benchmark that is named; only ``rivals`` and ``stress`` have some.
"""

import importlib
import sys
from itertools import takewhile

NAMES = (
    *("fuzz", "step", "gate", "reaction", "shrink", "verify", "schedules", "tables", "plugin", "rivals"),
    *("marketdata", "store", "live", "stress"),
)


def main() -> None:
    """Runs the benchmarks named, or all of them."""
    names = list(takewhile(lambda each: not each.startswith("-"), sys.argv[1:]))
    options = sys.argv[1 + len(names) :]
    unknown = [each for each in names if each not in NAMES]
    if unknown or (options and not names):
        sys.exit(f"{__doc__}\nNo benchmark is {', '.join(unknown) or 'named'}; there are: {', '.join(NAMES)}")
    for name in names or NAMES:
        print(f"== {name}")
        importlib.import_module(f"benchmarks.{name}").main(*options)


if __name__ == "__main__":
    main()
