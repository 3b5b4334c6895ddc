"""``latest``: a pure function that remembers its last answer. Nothing here decides anything.

A record is never changed, so the very same arguments have the very same answer; to see that they are the same
costs nothing, where comparing or hashing a whole state would cost more than most answers.
"""

from collections.abc import Callable
from operator import is_
from typing import TypeVar

Answer = TypeVar("Answer")
Known = tuple[tuple[object, ...], Answer]


def latest(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """``function``, not called again while each of its arguments, all by position, is the same object."""
    known: Known[Answer] | None = None

    def remembering(*arguments: object) -> Answer:
        nonlocal known
        before = known  # read once: another thread may put its own there
        if before is not None and all(map(is_, before[0], arguments)):
            return before[1]
        answer = function(*arguments)
        known = arguments, answer
        return answer

    return remembering
