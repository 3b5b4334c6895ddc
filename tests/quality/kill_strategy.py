"""What the process that is killed trades: many pairs at once, and every position in the store said aloud."""

import asyncio
import json
import os

from hedgecheck.live.round_trips import RoundTrips
from hedgecheck.live.shell import Shell

SEED = "HEDGECHECK_KILL_SEED"
NAMES = ("kilo", "lima", "mike", "november")
PAUSE_SECONDS = 0.01


async def trade(shell: Shell) -> None:
    """Trades without end."""
    seed = int(os.environ[SEED])
    strategies = [RoundTrips(name, seed, PAUSE_SECONDS) for name in NAMES]
    await asyncio.gather(announce(shell), *[each(shell) for each in strategies])


async def announce(shell: Shell) -> None:
    """Says what is durable, as soon as it is."""
    position = 0
    while True:
        await shell.until(lambda _, said=position: shell.position > said)
        position = shell.position
        print(json.dumps({"at": "trading", "position": position}), flush=True)
