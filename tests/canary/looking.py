"""Looks for a planted defect: by fuzzing, with Hypothesis, and in every execution of a small scope.

Any of them can be told to do without a kind of fault or without a rule: what is then not found any more
needs it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace
from unittest import mock

from hedgecheck import invariants
from hedgecheck.explore import fuzz, scopes
from hedgecheck.explore.bounded import Small, number_of
from hedgecheck.explore.exhaustive import Bounds, Search, search
from hedgecheck.explore.fuzz import Campaign, Found, Fuzz
from hedgecheck.explore.replay import Failure
from hedgecheck.faults import CRASHES, WORLD, Plan
from hedgecheck.invariants import Invariant
from hedgecheck.tape import Tape
from hedgecheck.world import Engine, Scope, Universe

STATES_MAX = 100_000

Draw = Callable[[int, tuple[int, ...]], Scope]


def rules_but(rule: str) -> tuple[Invariant, ...]:
    """Every rule but that one."""
    return tuple(each for each in invariants.ALL if each.id != rule)


def without(scope: Scope, kind: str) -> Scope:
    """The scope with one kind of fault switched off."""
    return replace(scope, faults=Plan(tuple(fault for fault in scope.faults if fault.id != kind)))


def wide(small: Small) -> Scope:
    """The small scope with as many strikes, of every kind."""
    every = (WORLD if small.faults else Plan(())) | (CRASHES if small.crashes else Plan(()))
    return replace(scopes.draw(number_of(small)), faults=every)


def drawn_but(kind: str) -> Draw:
    """Draws scopes as a fuzz run does, and takes one kind of fault out of them."""

    def draw(seed: int, moves: tuple[int, ...] = ()) -> Scope:
        return without(scopes.draw(seed, moves), kind)

    return draw


def fuzzed(
    engine: Engine,
    seed: int,
    numbers: Iterable[int],
    rules: tuple[Invariant, ...] = invariants.ALL,
    draw: Draw = scopes.draw,
) -> Found | None:
    """The first failing execution of a fuzz run over the scopes that ``draw`` makes."""
    with mock.patch.object(fuzz, "scopes", SimpleNamespace(draw=draw)):
        found = Fuzz(engine, seed, rules=rules).campaign(numbers).found
    return found[0] if found else None


def fuzzed_in(
    engine: Engine, small: Small, seed: int, numbers: Iterable[int], like: Failure | None
) -> Found | None:
    """The first execution of a fuzz run in one small scope to break the rule of ``like``; its tape names the
    scope."""
    number = number_of(small)
    with mock.patch.object(
        fuzz, "scopes", SimpleNamespace(draw=lambda _seed, _moves=(): scopes.draw(number))
    ):
        campaign, run = Campaign(), Fuzz(engine, seed)
        for each in numbers:
            found = run.execute(each, campaign)
            if found is not None and like is not None and found.failure.invariant == like.invariant:
                return replace(found, tape=Tape(number, found.tape.actions))
    return None


def searched(engine: Engine, scope: Scope, rules: tuple[Invariant, ...] = invariants.ALL) -> Search:
    """Every execution of a scope: its tape is a shortest failing one, followed to rest as a tape is."""
    return search(Universe(scope, engine), rules, Bounds(states_max=STATES_MAX), drains=True)
