"""What is told to somebody who mistyped a name."""

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN_MAX = 60  # names; a registry has fewer


def meant(name: str, known: Iterable[str]) -> str:
    """A sentence: the names that are near, or all that there are."""
    names = list(known)
    by_folded = {each.casefold(): each for each in names}
    close = [by_folded[each] for each in get_close_matches(name.casefold(), by_folded, 3)]
    if close:
        return f"Is {' or '.join(repr(each) for each in close)} meant?"
    return f"There are {', '.join(names[:SHOWN_MAX])}." if names else "There is none at all."
