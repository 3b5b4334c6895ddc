"""The days of a market that never closes: each begins at midnight, UTC."""

import asyncio
import time
from collections.abc import Callable

from core.messages import SessionChanged
from core.settings import SECOND
from hedgecheck.live.shell import Shell

DAY_NS = 86_400 * SECOND


async def utc_days(shell: Shell, now_ns: Callable[[], int] = time.time_ns) -> None:
    """Tells the shell each day as it begins, the present one at once where it does not know of it yet. Days
    count from 1970-01-01; ``now_ns`` is the clock, which may be set back without a day beginning twice."""
    while True:
        now = now_ns()
        day = now // DAY_NS
        if day > shell.state.day:
            await shell.tell(SessionChanged(day))
        await asyncio.sleep(((day + 1) * DAY_NS - now) / SECOND)
