"""What a simulated bot must not reach for, because no token could replay it.

Each is replaced while a campaign runs, and refuses only inside a simulation: whatever else runs in this
Python, in other threads or between executions, is let through. A bot may swallow the error; the execution
ends with it all the same.
"""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from asyncio import events
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from greenlet import getcurrent

from hedgecheck.errors import RealWorld, UsageError
from hedgecheck.simulate.bridge import Strand, wait
from hedgecheck.simulate.loop import running_simulation

GUARDED: tuple[tuple[Any, str, str, str], ...] = (
    (
        socket.socket,
        "connect",
        "A real socket",
        "Let the bot talk to sim.exchange(), or to a fake of that service.",
    ),
    (socket.socket, "connect_ex", "A real socket", "Let the bot talk to sim.exchange()."),
    (socket.socket, "listen", "A real socket", "Leave the server out of the part that is tested."),
    (socket.socket, "sendto", "A real socket", "Let the bot talk to sim.exchange()."),
    (socket, "getaddrinfo", "A look-up of a real host", "Let the bot talk to sim.exchange()."),
    (
        threading.Thread,
        "start",
        "A thread",
        "Use asyncio.to_thread or loop.run_in_executor, which are simulated.",
    ),
    (
        subprocess.Popen,
        "__init__",
        "A subprocess",
        "Call what it does as a function, or leave it out of the test.",
    ),
    *(
        (os, name, "A process", "Call what it does as a function, or leave it out of the test.")
        for name in ("system", "fork", "posix_spawn")
        if hasattr(os, name)
    ),
    (time, "sleep", "time.sleep, which stops the whole loop,", "Use await asyncio.sleep(...)."),
    (asyncio, "run", "asyncio.run inside a running loop", "Await the coroutine; the test is async already."),
    (asyncio.Runner, "run", "asyncio.Runner inside a running loop", "Await the coroutine instead."),
)
PLAIN_CURES = {  # what else to do in a plain test
    "start": "Give what it does to sim.concurrently(...) or sim.background(...): they take turns.",
    "run": "Write async def for the test, and await the bot in it.",
}


def is_importing(frame: FrameType | None) -> bool:
    """Whether code of the simulation loads a module: that happens once, and is none of the bot's doing."""
    while frame is not None and frame.f_code.co_name != "run_forever":
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _guard(real: Callable[..., Any], name: str, what: str, cure: str) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        loop = running_simulation()
        if loop is None or is_importing(sys._getframe()):
            return real(*args, **kwargs)
        if name == "sleep" and isinstance(getcurrent(), Strand):
            return wait(asyncio.sleep(*args))  # synchronous code in an async test
        for each in args:
            if asyncio.iscoroutine(each):
                each.close()
        instead = PLAIN_CURES.get(name, cure) if loop.is_plain else cure
        error = RealWorld(f"{what} in a simulation. {instead}")
        loop.stash(error)
        raise error

    return guarded


@contextmanager
def guards() -> Iterator[None]:
    """Puts the guards up, and takes them down."""
    refuse_foreign_loops()
    real = [(owner, name, getattr(owner, name)) for owner, name, _, _ in GUARDED]
    for owner, name, what, cure in GUARDED:
        setattr(owner, name, _guard(getattr(owner, name), name, what, cure))
    try:
        yield
    finally:
        for owner, name, attribute in real:
            if name in vars(owner) and owner is socket.socket and name not in _OWN:
                delattr(owner, name)
            else:
                setattr(owner, name, attribute)


_OWN = set(vars(socket.socket))


def refuse_foreign_loops() -> None:
    """Raises ``UsageError`` where a simulation cannot run: inside another loop, or under uvloop's policy."""
    if events._get_running_loop() is not None:
        raise UsageError(
            "A simulation cannot run inside a running event loop. Make the test a plain function under "
            "@hedgecheck.verify, or call hedgecheck.check outside of async code."
        )
    policy = type(events._event_loop_policy) if events._event_loop_policy is not None else None  # type: ignore[attr-defined]
    if policy is not None and policy.__module__.startswith("uvloop"):
        raise UsageError(
            "uvloop is installed as the event loop policy, and the simulation would not be what runs. "
            "Take uvloop.install() out of the tests; its timer order is tried with profile='uvloop'."
        )
