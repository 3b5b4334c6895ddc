"""``python -m specs.models``: searches the pinned scopes; ``--write`` pins the counts, ``--check`` compares.

``--large`` takes the scopes of two trades, two faults of every kind and one crash instead of the small ones.
"""

import sys

from hedgecheck.runner import SMALL_SCOPES
from specs.models import LARGE_SCOPES, counted_all, pinned, write


def main() -> int:
    """Prints a line per scope; 1 where a count differs from the pinned one."""
    chosen = LARGE_SCOPES if "--large" in sys.argv else SMALL_SCOPES
    rows, total = [], 0.0
    for row, seconds in counted_all(chosen):
        rows.append(row)
        total += seconds
        print(
            f"{row.scope:62} {row.verdict:10} {row.states:9,} states {row.edges:9,} edges  {seconds:6.1f} s"
        )
    print(
        f"{sum(row.states for row in rows):,} states, {sum(row.edges for row in rows):,} edges, {total:.1f} s"
    )
    if "--write" in sys.argv:
        write(rows)
    if "--check" not in sys.argv:
        return 0
    known = pinned()
    wrong = [row for row in rows if known.get(row.scope) != row]
    for row in wrong:
        print(f"differs: {row}\n  pinned {known.get(row.scope)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
