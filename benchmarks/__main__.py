"""Every benchmark, one after another: ``python -m benchmarks [name ...]``."""

import importlib
import sys

NAMES = ("fuzz", "step", "gate", "reaction", "shrink", "verify", "schedules", "plugin")


def main() -> None:
    """Runs the benchmarks named, or all of them."""
    for name in sys.argv[1:] or NAMES:
        print(f"== {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
