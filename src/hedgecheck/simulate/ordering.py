"""The one place where asyncio itself starts coroutines in the order of a set: ``as_completed``.

CPython then starts them in the order of their addresses, so a bot may meet any order; here it is the order in
which they were given, or the reverse of it where the execution tries another order of tasks.
"""

import asyncio
from asyncio import tasks
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from hedgecheck.simulate.loop import running_simulation


@contextmanager
def ordered_as_completed() -> Iterator[None]:
    """Replaces ``asyncio.as_completed`` until it ends."""
    real = asyncio.as_completed

    def as_completed(fs: Iterable[Any], **kwargs: Any) -> Any:
        loop = running_simulation()
        if loop is None:
            return real(fs, **kwargs)
        given = list(fs)
        if loop.order:
            given.reverse()
        return real([asyncio.ensure_future(each) for each in given], **kwargs)

    asyncio.as_completed = tasks.as_completed = as_completed
    try:
        yield
    finally:
        asyncio.as_completed = tasks.as_completed = real
