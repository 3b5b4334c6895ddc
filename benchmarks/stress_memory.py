"""What a process holds at most while it runs one scenario of the library, for ``stress``.

``python -m benchmarks.stress_memory NAME``: prints megabytes with all imports done, and the most after. Read
of Linux's ``/proc``; elsewhere it says that it cannot.
"""

import json
import sys
from pathlib import Path

from hedgecheck.stress.executor import ScenarioExecutor
from hedgecheck.stress.library import ScenarioLibrary

STATUS = Path("/proc/self/status")
KILOBYTES = 1_000_000 / 1_024  # of ``/proc`` in a megabyte


def most() -> float:
    """Megabytes that this process held at most so far."""
    (line,) = [each for each in STATUS.read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) / KILOBYTES


def main() -> None:
    """Prints one line of JSON."""
    executor, scenario = ScenarioExecutor(), ScenarioLibrary().get(sys.argv[1])
    before = most()
    result = executor.run(scenario)
    print(json.dumps({"name": scenario.name, "bars": result.bars, "before": before, "most": most()}))


if __name__ == "__main__":
    main()
