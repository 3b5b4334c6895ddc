"""Judges the mutants of modules of the bundled core by exhaustive search, several side by side."""

import gc
import os
import pkgutil
import signal
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from itertools import takewhile
from random import Random
from typing import cast

from hedgecheck.errors import UsageError, WorkerDied
from hedgecheck.mutants.children import CPU_SECONDS_MAX, Ended, each_in_a_child
from hedgecheck.mutants.ladder import LADDER, Rung
from hedgecheck.mutants.mutant import Mutant, mutants_of
from hedgecheck.mutants.report import Judged, Report
from hedgecheck.mutants.trial import Climb, Expected, Trial, climb, expected
from hedgecheck.values import frozen, replace

Watch = Callable[[int, list[Judged]], None]
PACKAGE = "core"
INTERRUPTED = "interrupted"


@frozen
class Wanted:
    """Which mutants: all of these ``modules``, or a ``sample`` of so many, drawn from ``seed``. ``seconds``:
    after which none is begun any more."""

    modules: tuple[str, ...]
    sample: int | None = None
    seed: int = 0
    seconds: float = 3_600.0


def known_modules() -> tuple[str, ...]:
    """The modules of the bundled core, sorted."""
    spec = find_spec(PACKAGE)
    assert spec is not None, "Invariant: the bundled core is bundled"
    places = spec.submodule_search_locations or []
    return tuple(sorted(each.name for each in pkgutil.walk_packages(places, f"{PACKAGE}.")))


def judge(
    wanted: Wanted,
    watch: Watch = lambda total, judged: None,
    ladder: tuple[Rung, ...] = LADDER,
) -> Report:
    """Tries every mutant wanted. What an interrupt or the time leaves over is not in the report, which says
    so.

    ``watch`` sees how many there are to be and those judged so far. Raises ``UsageError`` for a module that
    is none of the core's, for none at all, and as ``mutants_of`` does.
    """
    begun, processes, modules = time.monotonic(), os.cpu_count() or 1, _checked(wanted.modules)
    every = [mutant for each in modules for mutant in mutants_of(each)]
    if not every:
        raise UsageError(f"There are no mutants of {', '.join(modules)}: only functions are changed.")
    mutants = _sampled(every, wanted)
    watch(len(mutants), [])
    gc.freeze()  # what children share is then not written to by a collection
    try:
        known = _known(modules, ladder, processes)
        judged, why = _judged(mutants, known, processes, begun + wanted.seconds, watch)
    finally:
        gc.unfreeze()
    if not why and len(judged) < len(mutants):
        why = f"{wanted.seconds:g} seconds are over"
    order = {mutant.name: at for at, mutant in enumerate(mutants)}
    judged.sort(key=lambda each: order[each[0].name])
    scopes = [(rung.name, each.states, each.edges, each.depth) for rung, each in known]
    seconds, counts = time.monotonic() - begun, (len(every), len(mutants))
    return Report(modules, *counts, tuple(judged), tuple(scopes), wanted.seed, processes, seconds, why)


def _judged(
    mutants: list[Mutant], known: Climb, processes: int, until: float, watch: Watch
) -> tuple[list[Judged], str]:
    """Each mutant with what became of it, as they ended, and whether it was interrupted; none is begun after
    ``until``."""
    judged: list[Judged] = []
    in_time = takewhile(lambda _: time.monotonic() < until, mutants)
    try:
        with closing(each_in_a_child(partial(climb, known), in_time, processes)) as trials:
            for mutant, ended in trials:
                judged.append((mutant, _trial(ended)))
                watch(len(mutants), judged)
    except KeyboardInterrupt:
        return judged, INTERRUPTED
    return judged, ""


def _checked(modules: tuple[str, ...]) -> tuple[str, ...]:
    known = known_modules()
    unknown = [each for each in modules if each not in known]
    if unknown:
        raise UsageError(f"{unknown[0]} is no module of the bundled core. There are {', '.join(known)}.")
    if not modules:
        raise UsageError("Name modules of the bundled core, as in --mutants core.trade core.risk.")
    return tuple(dict.fromkeys(modules))


def _sampled(mutants: list[Mutant], wanted: Wanted) -> list[Mutant]:
    """That many of them, in their order."""
    if wanted.sample is None or wanted.sample >= len(mutants):
        return mutants
    return [mutants[at] for at in sorted(Random(wanted.seed).sample(range(len(mutants)), wanted.sample))]


def _known(modules: tuple[str, ...], ladder: tuple[Rung, ...], processes: int) -> Climb:
    """The ladder, with what the core itself comes to on each rung."""
    shares = [ladder[at::processes] for at in range(min(processes, len(ladder)))]
    found: dict[Rung, Expected] = {}
    for share, ended in each_in_a_child(partial(expected, modules), shares, processes):
        if isinstance(ended.said, Exception):
            raise ended.said
        if ended.said is None:
            raise WorkerDied(f"The core itself was not searched: signal {ended.signal} ended it.")
        found |= zip(share, cast(tuple[Expected, ...], ended.said), strict=True)
    return tuple([(rung, found[rung]) for rung in ladder])


def _trial(ended: Ended) -> Trial:
    """What became of it, where its process was killed as well: that says nothing of whom to blame."""
    if isinstance(ended.said, Exception):
        raise ended.said
    if ended.said is not None:
        return replace(cast(Trial, ended.said), seconds=ended.seconds)
    if ended.signal == signal.SIGXCPU:
        why = f"more than {CPU_SECONDS_MAX} s of CPU time"
        return Trial("endless", why=why, seconds=ended.seconds)
    return Trial("undecided", why=f"its process ended with signal {ended.signal}", seconds=ended.seconds)
