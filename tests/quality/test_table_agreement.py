"""The table search and the direct search are two ways to the same states, edges and counterexamples."""

import os
import time
from dataclasses import replace

import pytest

from core import engine as core_engine
from core import risk
from core.market import session_changed
from core.messages import CancelOrder, RaiseAlert, SessionChanged
from hedgecheck import faults, invariants
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.explore.exhaustive import search as search_directly
from hedgecheck.explore.tables import locality, search, searching
from hedgecheck.explore.tables.classes import Classes, partitions
from hedgecheck.explore.tables.company import NotLocalError
from hedgecheck.explore.tables.reached import Ways
from hedgecheck.explore.tables.reduced import ReducedDense, ReducedReference
from hedgecheck.explore.tables.reference import Product, Reference
from hedgecheck.explore.tables.searching import Prepared, prepare
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.invariants.risk_numbers import MEASURED
from hedgecheck.world import Universe, universe_of
from tests.canary.engines import CANARIES
from tests.unit.kit.beside import seen_by

NIGHTLY = os.environ.get("HEDGECHECK_PROFILE") == "nightly"
OTHERS = tuple(each.id for each in faults.WORLD if each.id not in ("F09", "F16"))
PAIR = Small(trades=2, own=1, cap=1)
ONE = replace(PAIR, cap=None, heat=2)  # room for one hedged trade
AGREED = {
    "cap": PAIR,
    "heat": replace(PAIR, cap=None, heat=3),
    "halt": replace(PAIR, halts=1),
    "crash": replace(ONE, crashes=1),
    "response lost": replace(ONE, faults=1, kinds=("F01",)),
    "bad data": replace(ONE, faults=1, kinds=("F15",)),
    "clock skew": replace(ONE, faults=1, kinds=("F16",)),
    "crosstalk": replace(ONE, faults=2, kinds=("F22",)),
    "partial fill": replace(ONE, faults=1, kinds=("F10",), lots=2, heat=4),
}
AT_NIGHT = {
    "bad data and clock skew": replace(ONE, faults=1, kinds=("F15", "F16")),
    "price shock": replace(ONE, faults=1, kinds=("F14",)),
    "crash with a cap": replace(PAIR, crashes=1),
    "crash and bad data": replace(PAIR, faults=1, kinds=("F15",), crashes=1),
    "all kinds but two": replace(PAIR, cap=None, faults=1, kinds=OTHERS),
    "three trades": replace(PAIR, trades=3, cap=2),
    "halt and bad data": replace(PAIR, cap=None, faults=1, kinds=("F15",), halts=1),
}
SLOW = ("Z010", "Z037", "Z052", "Z056", "Z073", "Z088", "Z107", "Z143")  # looked for at night
VISIBLE = [name for name, each in CANARIES.items() if each.small is not None]
APART = {  # what the table search says it is not for, and what it says of it
    "X010": "does not say how its state falls into trades",
    "X019": "does something to a trade that it is not about",
    "X020": "does something to a trade that it is not about",
}
TOO_DEEP = ("Z043",)  # not seen by either in a scope of two trades
LEFT_OUT = (*APART, *TOO_DEEP, *(() if NIGHTLY else SLOW))


def universe(small: Small) -> Universe:
    return universe_of(scope_of(small), BundledCore())


@pytest.fixture
def tables_once(monkeypatch):
    """All table searches of a test are of one table and its classes."""
    tables, classes = {}, {}

    def table_once(setting, *others):
        if setting not in tables:
            tables[setting] = prepare(setting, *others)
        return tables[setting]

    def classes_once(table, *asked):
        key = (id(table), *asked)
        if key not in classes:
            classes[key] = partitions(table, *asked)
        return classes[key]

    monkeypatch.setattr(searching, "prepare", table_once)
    monkeypatch.setattr(searching, "partitions", classes_once)


def assert_agreement(small: Small) -> None:
    prepared = prepare(universe(small))
    whole, lumped = prepared.partitions(is_lumped=False), prepared.partitions()

    directly = search_directly(prepared.universe)
    states = Reference(prepared.surroundings(), whole).search()
    classes = Reference(prepared.surroundings(), lumped).search()
    at_once = search(prepared.universe)

    assert directly.verdict == at_once.verdict == "exhausted"
    assert (states.states, states.edges) == (directly.states, directly.edges)
    assert len(states.layers) - 1 == directly.depth
    seen = {
        (*state[:3], *[int(lumped[state[2]].of[whole[state[2]].examples[each]]) for each in state[3:]])
        for state in states.parents
    }
    assert seen == set(classes.parents)
    assert (at_once.orders, at_once.edges) == (classes.states, classes.edges)
    assert at_once.depth == len(classes.layers) - 1
    assert_fewer_orders_agree(prepared, lumped, classes)
    assert_goals_agree(prepared, directly.reached)


def assert_fewer_orders_agree(prepared: Prepared, lumped: list[Classes], whole: Product) -> None:
    """Of orders that come to the same some are left out: every rest and all that others see is there."""
    fewer = ReducedReference(prepared.surroundings(), lumped).search()
    at_once = ReducedDense(prepared.surroundings(), lumped).search(Bounds(), time.perf_counter())

    assert not fewer.is_broken
    assert (at_once.broken, at_once.why) == (None, "")
    assert (at_once.orders, at_once.edges) == (fewer.states, fewer.edges)
    assert set(fewer.parents) < set(whole.parents)
    assert fewer.edges < whole.edges
    _, *seen_in_all = seen_by(Reference(prepared.surroundings(), lumped), lumped)
    _, *seen_in_fewer = seen_by(ReducedReference(prepared.surroundings(), lumped), lumped)
    assert seen_in_fewer == seen_in_all


def assert_goals_agree(prepared: Prepared, directly: Ways) -> None:
    """The same goals, with no more faults, and of as many after no more steps."""

    def cost(way):
        world = prepared.universe.initial()
        for action in way:
            world, records = prepared.universe.apply(world, action)
            assert records
        return -world.faults_left, len(way)

    assert set(prepared.reached) == set(directly)
    assert all(cost(way) <= cost(directly[goal]) for goal, way in prepared.reached.items())


@pytest.mark.parametrize("small", AGREED.values(), ids=AGREED)
def test_states_and_edges_are_those_of_the_direct_search(small, monkeypatch):
    monkeypatch.setattr(locality, "TRIES", 1)  # were a trade not local, the two would not agree

    assert_agreement(small)


class WithoutOpening(BundledCore):
    """Two states are one where they differ in nothing but what a day's loss is measured from."""

    def essence(self, state):
        return super().essence(replace(state, gauges=None))


@pytest.mark.skipif(not NIGHTLY, reason="takes a minute or more: run by make nightly")
@pytest.mark.parametrize("kinds", [("F14", "F16"), ()], ids=["price shock and clock skew", "all kinds"])
def test_what_a_loss_is_measured_from_is_all_that_tables_do_not_tell_apart(kinds):
    """No loss of so few lots trips anything. A search that leaves it out, too, sees what the tables hold."""
    setting = universe(replace(ONE, faults=1, kinds=kinds))
    books = replace(MEASURED, essence=lambda memory: MEASURED.essence(replace(memory, opening=0)))
    rules = tuple(replace(each, books=books) if each.id == "I13" else each for each in invariants.ALL)

    prepared = prepare(setting)
    by_tables = Reference(prepared.surroundings(), prepared.partitions(is_lumped=False)).search()
    directly = search_directly(universe_of(setting.scope, WithoutOpening()), rules)

    assert directly.verdict == "exhausted"
    assert (by_tables.states, by_tables.edges) == (directly.states, directly.edges)
    assert len(by_tables.layers) - 1 == directly.depth


@pytest.mark.skipif(not NIGHTLY, reason="takes minutes: run by make nightly")
@pytest.mark.parametrize("small", AT_NIGHT.values(), ids=AT_NIGHT)
def test_states_and_edges_of_larger_scopes_are_those_of_the_direct_search(small):
    assert_agreement(small)


@pytest.mark.parametrize("small", [AGREED["cap"], AGREED["bad data"], AGREED["halt"]], ids=lambda s: s.name)
def test_lanes_that_are_alike_are_one_by_symmetry(small):
    prepared = prepare(universe(small))
    kinds = prepared.partitions()

    apart = Reference(prepared.surroundings(), kinds).search()
    together = Reference(prepared.surroundings(), kinds, symmetric=True).search()
    at_once = search(prepared.universe)

    assert {(*state[:3], *sorted(state[3:])) for state in apart.parents} == set(together.parents)
    assert (at_once.states, at_once.orders) == (together.states, apart.states)


@pytest.mark.parametrize(
    "name", [n for n in VISIBLE if n not in (*APART, *TOO_DEEP, *(() if NIGHTLY else SLOW))]
)
def test_a_planted_defect_is_found_by_both_after_as_many_steps_and_by_fewer_orders(name, tables_once):
    canary = CANARIES[name]
    small = replace(canary.small, own=1, trades=2)
    setting = universe_of(scope_of(small), canary.factory())

    directly, by_tables = search_directly(setting), search(setting)
    by_fewer = search(setting, partial_order=True)

    assert by_tables.verdict == directly.verdict == "broken"
    assert by_tables.failure.invariant in canary.invariants
    assert len(by_tables.tape) == len(directly.tape) == by_tables.failure.used
    assert by_fewer.verdict == "broken"
    assert by_fewer.failure.invariant in canary.invariants
    assert len(by_fewer.tape) == by_fewer.failure.used >= len(by_tables.tape)


@pytest.mark.parametrize("name", APART)
def test_a_defect_that_ties_trades_together_is_not_put_into_tables(name):
    canary = CANARIES[name]
    setting = universe_of(scope_of(replace(canary.small, own=1, trades=2)), canary.factory())

    with pytest.raises(Exception, match=APART[name]):
        search(setting)


def test_a_trade_that_looks_at_others_is_refused(monkeypatch):
    step_one = core_engine.step_one

    def looking(state, index, event):
        after, commands = step_one(state, index, event)
        if len(state.trades) > 1:
            commands = tuple(each for each in commands if not isinstance(each, CancelOrder))
        return after, commands

    monkeypatch.setattr(core_engine, "step_one", looking)

    with pytest.raises(NotLocalError, match="Take --search direct"):
        search(universe(PAIR))


def test_a_core_that_counts_too_little_throughout_is_found_by_both(monkeypatch):
    contribute = risk.contribute
    monkeypatch.setattr(risk, "contribute", lambda *asked: replace(contribute(*asked), heat=0))
    setting = universe(AGREED["heat"])

    directly, by_tables = search_directly(setting), search(setting)

    assert by_tables.verdict == directly.verdict == "broken"
    assert by_tables.failure.invariant == directly.failure.invariant == "I10"
    assert len(by_tables.tape) == len(directly.tape)


def test_a_core_whose_answer_to_all_hangs_on_the_trades_is_refused(monkeypatch):
    def lying(state, event):
        state, commands = session_changed(state, event)
        lie = (RaiseAlert("BREAKER_TRIPPED", ("daily_loss", 1)),) if state.trades else ()
        return state, (*commands, *lie)

    monkeypatch.setitem(core_engine.HANDLERS, SessionChanged, lying)

    with pytest.raises(NotLocalError, match="hangs on the trades"):
        search(universe(AGREED["clock skew"]))


def test_a_core_that_does_not_answer_in_a_halt_is_refused():
    class Silent(BundledCore):
        """Says nothing to a caller whose signal comes in a halt."""

        def step(self, state, event):
            after, commands = super().step(state, event)
            return after, tuple(each for each in commands if getattr(each, "reason", "") != "HALTED")

    setting = universe_of(scope_of(AGREED["halt"]), Silent())
    assert search_directly(setting).failure.invariant == "I15"

    with pytest.raises(NotLocalError, match="than it does alone"):
        search(setting)


def test_a_rule_that_is_not_judged_where_the_gate_answers_would_be_missed(monkeypatch):
    canary = CANARIES["Z112"]
    setting = universe_of(scope_of(replace(canary.small, own=1, trades=2)), canary.factory())
    assert search(setting).verdict == "broken"
    answer = Surroundings.answer

    def blind(self, *question):
        return replace(answer(self, *question), broken=None)

    monkeypatch.setattr(Surroundings, "answer", blind)

    assert search(setting).verdict == "exhausted"
