"""Fuzzing finds every planted defect, by a rule meant for it; the small case shows that defect alone.

This is seed 0; ``make canaries`` looks with ten of them.
"""

from functools import lru_cache

import pytest

from hedgecheck.drive import bundled_core
from hedgecheck.explore import scopes
from hedgecheck.explore.fuzz import Fuzz
from hedgecheck.explore.replay import replay, run_tape
from hedgecheck.explore.shrink import shrink
from hedgecheck.tape import read_token, token_of
from hedgecheck.trace import diagram
from hedgecheck.world import Universe
from tests.canary import matrix
from tests.canary.engines import CANARIES

ROWS = matrix.read()

each_canary = pytest.mark.parametrize("name", sorted(CANARIES), scope="module")  # its tests one after another


@lru_cache(maxsize=1)
def found_by_fuzz(name: str):
    """The engine, the failing execution that the matrix names, and its small case."""
    fuzz, number = Fuzz(CANARIES[name].factory(), 0), int(ROWS[name]["fuzz"])
    found = fuzz.campaign(range(number - 1, number)).found
    assert found, f"{name} is not found in execution {number} of seed 0: python -m tests.canary --matrix"
    return fuzz.engine, found[0], shrink(fuzz.engine, found[0].tape, found[0].failure)


@each_canary
def test_small_case_keeps_the_rule_loses_no_action_and_passes_on_the_sound_core(name: str):
    engine, found, shrunk = found_by_fuzz(name)

    assert shrunk.failure.invariant == found.failure.invariant
    assert shrunk.failure.invariant in CANARIES[name].invariants
    universe = Universe(scopes.draw(shrunk.tape.scope), engine)
    actions = shrunk.tape.actions
    for index in range(len(actions)):
        fewer = type(shrunk.tape)(shrunk.tape.scope, actions[:index] + actions[index + 1 :])
        failure = run_tape(universe, fewer)
        assert failure is None or failure.invariant != found.failure.invariant
    assert run_tape(Universe(scopes.draw(shrunk.tape.scope), bundled_core()), shrunk.tape) is None


@each_canary
def test_token_of_the_small_case_gives_the_same_trace_again(name: str):
    engine, found, shrunk = found_by_fuzz(name)
    universe = Universe(scopes.draw(shrunk.tape.scope), engine)
    before = replay(universe, shrunk.tape)

    token = token_of(shrunk.tape)
    after = replay(universe, read_token(token))

    assert len(token_of(shrunk.tape, found.origin)) <= 100
    assert after == before


def test_diagram_says_who_sent_what_what_was_lost_and_which_rule_broke():
    engine, _, shrunk = found_by_fuzz("Z005")
    ran = replay(Universe(scopes.draw(shrunk.tape.scope), engine), shrunk.tape)

    picture = diagram(ran.entries, shrunk.failure.why).splitlines()

    assert "strategy -> engine" in picture[0]
    assert any("engine -> venue create_order" in line for line in picture)
    assert sum("FAULT F01 response lost" in line for line in picture) == 1
    assert picture[-1].endswith("<- rule broken")
