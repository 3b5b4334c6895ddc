"""One process at one scenario: what it is given, what it says, and how it is ended.

Each has a pipe of its own, so that one that is killed amid a word takes nothing from the others.
"""

import pickle
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, get_all_start_methods, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Literal

from hedgecheck.errors import HedgecheckError, UsageError
from hedgecheck.stress.models import Scenario, ScenarioResult
from hedgecheck.stress.results import read, written
from hedgecheck.stress.running import Executor
from hedgecheck.values import frozen

NEEDED = "hedgecheck.stress.executor"
EVERY_SECONDS = 0.1  # how often progress is told
PATIENCE_SECONDS = 5.0  # a process that has answered may tidy up as long
Factory = Callable[[], Executor]
Kind = Literal["begun", "bars", "result", "refused", "failed"]


@frozen
class Said:
    """What a process said. ``refused``: the scenario cannot be run as it is; ``failed``: it broke."""

    kind: Kind
    bars: tuple[int, int] = (0, 0)
    result: ScenarioResult | None = None
    why: str = ""


def warm() -> BaseContext:
    """Where processes come from: one that begins at once to import what a scenario needs, where the system
    can do that, and else a new interpreter for each."""
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([NEEDED])
    forkserver.ensure_running()
    return context


class Child:
    """A process that runs one scenario. Raises ``UsageError`` for a factory that cannot be handed over."""

    def __init__(self, context: BaseContext, factory: Factory, scenario: Scenario) -> None:
        self.end_of_pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_work, args=(theirs, factory, pickle.dumps(scenario)), daemon=True
        )
        self.is_at_it = False
        try:
            with _uninterrupted():
                self._process.start()
        except (AttributeError, ImportError, pickle.PicklingError, TypeError) as error:
            raise UsageError(
                f"The executor's factory cannot be handed to a process: {error}. "
                "Give a function of a module, or a functools.partial of one."
            ) from error
        finally:
            theirs.close()

    def said(self) -> Said:
        """What it said, or how it died; waits for it."""
        try:
            kind, content = self.end_of_pipe.recv()
        except (EOFError, OSError):
            return Said("failed", why=self._death())
        if kind == "begun":
            self.is_at_it = True
        if kind == "bars":
            return Said(kind, bars=content)
        if kind == "result":
            return Said(kind, result=read(content, "What the process gave"))
        return Said(kind, why=content)

    def end(self, patience_seconds: float = 0.0) -> None:
        """Ends it, wherever it is, once it has had so long to end by itself."""
        self._process.join(patience_seconds)
        self._process.kill()
        self._process.join()
        self.end_of_pipe.close()

    def _death(self) -> str:
        self._process.join(PATIENCE_SECONDS)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        return f"its process ended without an answer, with exit code {code}"


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A process that begins here never hears of an interrupt from the keyboard; its parent does after it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, factory: Factory, pickled: bytes) -> None:
    """What the process does. An interrupt from the keyboard is its parent's alone. The scenario is read where
    what is wrong with it can be told: its type may be of a module that cannot be imported here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe.send(("begun", None))
    told_at = 0.0

    def progress(bars: int, of: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= EVERY_SECONDS or bars >= of:
            told_at = now
            pipe.send(("bars", (bars, of)))

    try:
        scenario = pickle.loads(pickled)
        said = "result", written(factory().run(scenario, progress))
    except HedgecheckError as error:
        said = "refused", str(error)
    except Exception as error:
        said = "failed", _told(error)
    pipe.send(said)


def _told(error: Exception) -> str:
    """An exception in a line: its kind, what it says and where it was raised."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    told = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(": ")
    return f"{told} ({Path(where.filename).name}, line {where.lineno}: {where.line})"
