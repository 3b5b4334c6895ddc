"""Two plain programs that rely on the order of asyncio's own loop, and that never fail on CPython.

``call_soon``: "Callbacks are called in the order in which they are registered" (the standard library's
reference). Tasks start by ``call_soon`` too, so that ``gather`` starts coroutines in the order given. On a
loop that takes any ready callback next both fail. ``PROGRAMS`` holds them by name.
"""

import asyncio

ACCOUNTS = 3


class Feed:
    """Hands each update to its book as the loop comes to it, as a protocol's ``data_received`` does."""

    def __init__(self):
        self.book = None
        self.gaps = 0

    def snapshot(self, sequence):
        self.book = sequence

    def update(self, sequence):
        if self.book is None or sequence != self.book + 1:
            self.gaps += 1
        self.book = sequence


async def callbacks_in_order(sim):
    """A snapshot and the updates after it are scheduled in their order, and so they arrive."""
    feed, loop = Feed(), asyncio.get_running_loop()
    loop.call_soon(feed.snapshot, 0)
    for sequence in range(1, 4):
        loop.call_soon(feed.update, sequence)
    await asyncio.sleep(0.01)
    assert feed.gaps == 0, f"{feed.gaps} gaps in a feed that was handed over in order"


class Nonces:
    """Numbers requests as each one starts; the exchange wants them to rise in the order of the list."""

    def __init__(self):
        self.last = 0
        self.given = []

    async def send(self, account):
        self.last += 1
        self.given.append((account, self.last))
        await asyncio.sleep(0.05 * (ACCOUNTS - account))
        return account


async def gather_starts_in_order(sim):
    """``gather`` starts its coroutines in the order given, so that each account has its own number."""
    nonces = Nonces()
    await asyncio.gather(*(nonces.send(account) for account in range(ACCOUNTS)))
    assert nonces.given == [(account, account + 1) for account in range(ACCOUNTS)], nonces.given


PROGRAMS = {each.__name__: each for each in (callbacks_in_order, gather_starts_in_order)}
