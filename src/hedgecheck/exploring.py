"""What ``hedgecheck explore`` was asked, as a plan: scopes, how to search them, and where to give up."""

import shlex
from pathlib import Path

from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small, scope_of, smalls, without_room
from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.runner import Kind, Plan, Way
from hedgecheck.targets import engine_of
from hedgecheck.terminal import Outputs
from hedgecheck.values import frozen, replace

STATES: dict[Kind, int] = {"direct": 5_000_000, "table": 10_000_000_000, "walk": 10_000_000_000}
MEGABYTES = {"direct": 2_048, "table": 8_192, "walk": 8_192}
BUDGET = "1h"


@frozen
class Asked:
    """The options of the command, None where one was left out."""

    trades: int
    faults: int
    kinds: str
    halts: int
    heat: int | None
    stops: int
    lots: int | None
    crashes: int | None
    cap: int | None
    states: int | None
    memory: int | None
    symbols: str | None
    search: str | None
    budget: str
    partial_order: bool = False
    seed: int | None = None
    checkpoint: Path | None = None


NOTHING_ASKED = Asked(1, 0, "all", 0, None, 0, None, None, None, None, None, None, None, BUDGET)


def refuse_beside_mutants(asked: Asked, outputs: Outputs) -> None:
    """Raises ``UsageError`` where ``--mutants`` would leave an option unheard."""
    if replace(asked, budget=BUDGET, seed=None) != NOTHING_ASKED:
        raise UsageError("--mutants has scopes of its own. Leave out what makes another scope or search.")
    if outputs.html is not None or outputs.junit is not None:
        raise UsageError("--mutants writes JSON alone. Take --json.")


def single_target(names: tuple[str, ...], sample: int | None) -> str:
    """The one target that is explored. Raises ``UsageError`` for what only ``--mutants`` takes."""
    if len(names) > 1 or sample is not None:
        raise UsageError("One target is explored at a time. Several modules, --sample: with --mutants.")
    return names[0] if names else "core"


def plan_of(target: str, asked: Asked, seconds: float) -> Plan:
    """The plan. Raises ``UsageError`` for what makes none."""
    own = _is_own(asked)
    small = _small(asked, own)
    scopes = _scopes(asked, small)
    for each in scopes:
        scope_of(each)
    search = _search(target, asked, own)
    _check_partial_order(asked, search)
    if asked.checkpoint is not None:
        _check_checkpoint(search, len(scopes))
    given = {
        "--search": (asked.search, None),
        "--states": (asked.states, None),
        "--memory": (asked.memory, None),
        "--budget": (asked.budget, BUDGET),
        "--seed": (asked.seed, None),
        "--checkpoint": (asked.checkpoint and shlex.quote(str(asked.checkpoint)), None),
    }
    limits = [f"{name} {value}" for name, (value, usual) in given.items() if value != usual]
    limits += ["--partial-order"] if asked.partial_order else []
    kinds = [f"--kinds {asked.kinds}"] if asked.faults else []
    bounds = Bounds(
        asked.states or STATES[search], seconds_max=seconds, megabytes_max=asked.memory or MEGABYTES[search]
    )
    return Plan(
        target,
        asked.seed or 0,
        ("exhaustive",),
        seconds,
        command="explore",
        scopes=scopes,
        bounds=bounds,
        scope_options=" ".join([small.name, *kinds, *limits]),
        notes=_notes(scopes),
        way=Way(search, asked.partial_order, asked.checkpoint),
    )


def _scopes(asked: Asked, small: Small) -> tuple[Small, ...]:
    """The scopes to search. Raises ``UsageError`` where none of the kinds that were asked for can strike."""
    scopes = smalls(small, asked.kinds)
    if asked.kinds == "all":
        return scopes[:1] if asked.checkpoint is not None else scopes  # the mixture: a file is of one search
    if not asked.faults:
        raise UsageError(f"--kinds {asked.kinds}: without a fault none would strike. Take --faults 1.")
    if asked.kinds != "each":
        _check_room(asked, scopes)
    return scopes


def _check_room(asked: Asked, scopes: tuple[Small, ...]) -> None:
    """Raises ``UsageError`` where none of the kinds that were asked for by name can strike."""
    left_out = {fault.id for fault in without_room(scopes[0])}
    if set(scopes[0].kinds) <= left_out:
        raise UsageError(
            f"--kinds {asked.kinds}: there is no room for it in this scope, and it would never strike. "
            "Take --kinds each, which gives every kind what it takes."
        )


def _notes(scopes: tuple[Small, ...]) -> tuple[str, ...]:
    """What a mixture of kinds leaves out, and where it is."""
    mixture, *beside = scopes
    elsewhere = {kind for each in beside for kind in each.kinds}
    left_out = [each for each in without_room(mixture) if each.id not in elsewhere]
    named = ", ".join(f"{fault.id} {fault.name.replace('_', ' ')}" for fault in left_out)
    return (f"no room in this scope for {named}: --kinds each has a scope for every kind.",) if named else ()


def _check_partial_order(asked: Asked, search: str) -> None:
    """Raises ``UsageError`` where there are no orders to leave out, or nothing to tell them by."""
    if asked.partial_order and asked.trades == 1:
        raise UsageError(
            "--partial-order leaves out orders in which several trades take their steps, and there is one. "
            "Take --trades 2, or leave it out."
        )
    if asked.partial_order and search != "table":
        raise UsageError(
            "--partial-order is read off the tables of one trade, and a direct search has none. "
            "Take --symbols own --search table, or leave it out."
        )


def _check_checkpoint(search: str, scopes: int) -> None:
    why = ""
    if search == "direct":
        why = "a direct search keeps whole worlds, which are not written to files. Take --search table"
    elif search == "walk":
        why = "random walks begin anew all the time, and another --seed takes others"
    elif scopes > 1:
        why = f"there are {scopes} searches, and a file is of one. Take one of --kinds at a time"
    if why:
        raise UsageError(f"--checkpoint: {why}, or leave it out.")


def _is_own(asked: Asked) -> bool:
    if asked.symbols not in (None, "own", "shared"):
        raise UsageError(f"--symbols {asked.symbols}: there are own and shared.")
    return asked.trades > 1 if asked.symbols is None else asked.symbols == "own"


def _small(asked: Asked, own: bool) -> Small:
    """Where every trade has its own, limits bind and whatever can happen does, unless told otherwise."""
    cap = asked.cap
    if own and asked.trades > 1 and cap is None and asked.heat is None:
        cap = asked.trades - 1
    lots = (2 if own and asked.faults else 1) if asked.lots is None else asked.lots
    crashes = int(own) if asked.crashes is None else asked.crashes
    small = Small(asked.trades, asked.faults, lots, (), crashes, asked.halts, asked.heat, cap, asked.stops)
    return replace(small, own=int(own))


def _search(target: str, asked: Asked, own: bool) -> Kind:
    """How it is searched: by tables where trades are apart and the engine says how its state falls apart."""
    if asked.search not in (None, *STATES):
        raise UsageError(f"--search {asked.search}: there are table, direct and walk.")
    if asked.seed is not None and asked.search != "walk":
        raise UsageError(
            "--seed is of random walks and of --mutants --sample: take --search walk, or leave it out."
        )
    if asked.search is not None:
        return asked.search
    return "table" if own and getattr(engine_of(target), "parts", None) else "direct"
