"""Trying everything within bounds: what is left out by sleep sets would have come to nothing new."""

import asyncio
import os

import pytest

import hedgecheck
from hedgecheck import faults
from hedgecheck.errors import UsageError
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.exhaustive import Exhaustive, Steered, forward
from hedgecheck.simulate.footprints import EVERYTHING, MEMORY, Resource, are_independent
from hedgecheck.simulate.perform import stage
from tests.schedules.catalog import BROKEN, CORRECT
from tests.schedules.trials import plan_of

BTC, ETH = "BTC/USDT", "ETH/USDT"
ENGINES = {**BROKEN, **CORRECT}
NIGHTLY = os.environ.get("HEDGECHECK_PROFILE") == "nightly"
TRIED_MAX = 6_000 if NIGHTLY else 150
# Of two signals where a bot is given more: executions with sleep sets and without, for every engine of which
# every order, and every place of one fault, is soon tried. Of the others all is tried only at night.
WITHOUT_FAULTS = {
    "balance_locked": (150, 458),
    "balance_race": (336, 2404),
    "blind_retry": (2, 2),
    "cancel_and_late_fill": (2, 2),
    "double_booking": (4, 4),
    "exit_once": (17, 20),
    "exit_twice": (40, 49),
    "hands_over": (14, 28),
    "hedge_requested": (2, 2),
    "lock_discard": (12, 12),
    "lock_per_symbol": (12, 12),
    "maker_reader": (85, 85),
    "open_orders_alone": (2, 2),
    "pair_engine": (12, 12),
    "queue_worker": (12, 12),
    "registers_first": (8, 8),
    "rest_and_stream": (94, 94),
    "stale_snapshot3": (331, 1275),
    "timeout_abandon": (3, 3),
    "timeout_and_query": (84, 84),
}
WITH_ONE_FAULT = {
    "blind_retry": (10, 10),
    "double_booking": (4, 4),
    "exit_twice": (40, 49),
    "hedge_requested": (14, 14),
    "lock_discard": (12, 12),
    "open_orders_alone": (10, 10),
    "timeout_abandon": (22, 22),
}


@pytest.fixture
def two_signals(monkeypatch):
    """Of what a bot is to do at once, two are done."""
    every = hedgecheck.Sim.concurrently
    monkeypatch.setattr(hedgecheck.Sim, "concurrently", lambda sim, *calls: every(sim, *calls[:2]))


def tried(scenario, plan, max_faults, *, reduces, executions=TRIED_MAX):
    """All that executions came to, as rule and orders; with the search."""
    ended, sims = set(), []

    async def kept(sim):
        sims.append(sim)
        await scenario(sim)

    def note(outcome):
        orders = sims.pop().ledger.orders
        left = sorted((each.symbol, each.side, each.amount, each.filled, each.status) for each in orders)
        ended.add((outcome.failure and outcome.failure[0], tuple(left)))
        return False

    with stage(kept) as open_stage:
        every = Exhaustive(open_stage, Setting(plan, max_faults), executions, ends=note)
        return ended, every.every_order(reduces=reduces)


def verdict_of(scenario, **how):
    return hedgecheck.check(scenario, **{"executions": 2_000, "faults": None, **how})


async def two_traders(sim):
    """Each of them trades a symbol of its own; nothing ties them together."""

    async def trade(symbol):
        await sim.exchange().create_order(symbol, "market", "buy", 1)
        await sim.exchange().create_order(symbol, "market", "sell", 1)

    sim.always(hedgecheck.invariants.sane_orders)
    await sim.concurrently(lambda: trade(BTC), lambda: trade(ETH))


# ---- sleep sets leave nothing out --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "max_faults"), [*((name, 0) for name in ENGINES), *((name, 1) for name in WITH_ONE_FAULT)]
)
@pytest.mark.usefixtures("two_signals")
def test_what_sleep_sets_leave_out_comes_to_nothing_new(name: str, max_faults: int) -> None:
    module, counts = ENGINES[name], (WITH_ONE_FAULT if max_faults else WITHOUT_FAULTS).get(name)

    less, reduced = tried(module.scenario, plan_of(module), max_faults, reduces=True)
    more, whole = tried(module.scenario, plan_of(module), max_faults, reduces=False)

    assert {rule for rule, _ in more} <= {rule for rule, _ in less}
    if counts is not None and counts[1] <= TRIED_MAX:
        assert less == more
        assert (reduced.executions, whole.executions) == counts
        assert (reduced.is_whole, whole.is_whole) == (True, True)
    else:
        assert whole.executions == TRIED_MAX


def test_two_traders_without_anything_in_common_need_a_fraction_of_all_orders() -> None:
    less, reduced = tried(two_traders, faults.Plan(()), 0, reduces=True, executions=2_000)
    more, whole = tried(two_traders, faults.Plan(()), 0, reduces=False, executions=2_000)

    assert less == more
    assert (reduced.is_whole, whole.is_whole) == (True, True)
    assert reduced.executions * 4 < whole.executions


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (MEMORY, Resource("venue sim", BTC), True),
        (MEMORY, MEMORY, False),
        (Resource("venue sim", BTC), Resource("venue sim", ETH), True),
        (Resource("venue sim", BTC), Resource("venue other", BTC), True),
        (Resource("venue sim", BTC), Resource("venue sim"), False),
        (Resource("venue sim", BTC, is_written=False), Resource("venue sim", is_written=False), True),
        (Resource("venue sim", BTC, is_written=False), Resource("venue sim", BTC), False),
        (EVERYTHING, Resource("venue sim", BTC, is_written=False), False),
    ],
)
def test_two_events_may_change_places_where_neither_writes_what_the_other_touches(
    one: Resource, other: Resource, expected: bool
) -> None:
    assert are_independent({one}, {other}) is expected
    assert are_independent({other}, {one}) is expected


def test_event_is_asleep_only_to_what_none_of_its_faults_touches() -> None:
    path, venue = [], Resource("venue sim", BTC)
    for touched in (EVERYTHING, venue):
        choices = Steered(path, reduces=True)
        choices.next_of(["a", "b"])
        choices.pick("fault", "a", 2)
        choices.touched.add(touched)
        choices.settle()
        forward(path)

    (turn,) = path
    assert (turn.name, turn.done) == ("b", {"a": {EVERYTHING, venue}})


def test_rule_of_several_symbols_keeps_their_orders_apart() -> None:
    async def worst(sim):
        async def buy(symbol):
            await sim.exchange().create_order(symbol, "market", "buy", 1)
            await sim.exchange().create_order(symbol, "market", "sell", 1)

        sim.always(lambda ledger: len({each.symbol for each in ledger.orders if each.filled}) < 2)
        await sim.concurrently(lambda: buy(BTC), lambda: buy(ETH))

    less, _ = tried(worst, faults.Plan(()), 0, reduces=True, executions=2_000)
    more, _ = tried(worst, faults.Plan(()), 0, reduces=False, executions=2_000)

    assert less == more


# ---- what is found -----------------------------------------------------------------------------------


def test_order_that_only_late_answers_lead_to_is_found() -> None:
    verdict = verdict_of(BROKEN["timeout_abandon"].scenario, exhaustive="all")

    assert verdict.counterexamples[0].name == BROKEN["timeout_abandon"].RULE


@pytest.mark.parametrize("name", ["stale_snapshot3", "balance_race"])
def test_defect_is_shown_by_few_held_flows_and_its_token_replays(name: str) -> None:
    verdict = verdict_of(BROKEN[name].scenario, exhaustive="all")

    (found,) = verdict.counterexamples
    again = verdict_of(BROKEN[name].scenario, token=found.token)
    assert found.actions_shrunk <= 3
    assert again.counterexamples[0].diagram == found.diagram


def test_execution_in_another_order_replays_by_its_token() -> None:
    async def last_first(sim):
        answered = []

        async def fetch(number):
            await sim.exchange().fetch_ticker(BTC)
            answered.append(number)

        await sim.concurrently(*(lambda number=each: fetch(number) for each in range(4)))
        await sim.exchange().create_order(BTC, "market", "buy", 1)
        assert answered != [3, 2, 1, 0]

    verdict = verdict_of(last_first, exhaustive="all")

    (found,) = verdict.counterexamples
    assert found.actions_shrunk > 2
    assert verdict_of(last_first, token=found.token).counterexamples[0].diagram == found.diagram


def test_one_held_flow_is_tried_at_every_place() -> None:
    held = []

    async def race(sim):
        order = []

        async def fetch(number):
            await sim.exchange().fetch_ticker(BTC)
            order.append(number)

        await sim.exchange().create_order(BTC, "market", "buy", 1)
        await sim.concurrently(*(lambda number=each: fetch(number) for each in range(3)))
        held.append(tuple(order))

    verdict = verdict_of(race, exhaustive=1)

    assert verdict.verdict == "holds"
    assert {*held} == {(0, 1, 2), (1, 2, 0), (0, 2, 1)}


# ---- how it ends -------------------------------------------------------------------------------------


def test_search_cut_short_is_unknown_and_says_so() -> None:
    verdict = verdict_of(CORRECT["pair_engine"].scenario, exhaustive="all", executions=20)

    assert verdict.verdict == "unknown"
    assert verdict.to_json()["explorers"][0]["truncated"] is True
    assert "truncated: 20 executions did not suffice" in verdict.unknown_because


def test_whole_search_holds_however_few_executions_it_took() -> None:
    verdict = verdict_of(CORRECT["registers_first"].scenario, exhaustive="all")

    assert verdict.verdict == "holds"
    assert verdict.executions == 8
    assert verdict.explorers[0].scope == "6 every order, soonest, 2 every order, latest"
    assert verdict.to_json()["explorers"][0]["truncated"] is False


@pytest.mark.parametrize("bound", [True, -1, 1.0, "some", "ALL"])
def test_bound_that_makes_no_sense_is_an_error(bound: object) -> None:
    with pytest.raises(UsageError, match=r"exhaustive=.*'all'"):
        verdict_of(CORRECT["registers_first"].scenario, exhaustive=bound)


def test_bot_that_does_something_else_every_time_is_told_so() -> None:
    times = []

    async def moody(sim):
        times.append(1)
        many = [sim.exchange().create_order(BTC, "market", "buy", 1) for _ in range(1 + len(times) % 3)]
        await asyncio.gather(*many)

    verdict = verdict_of(moody, exhaustive="all")

    assert verdict.verdict == "unknown"
    assert "one choice sequence led to two executions" in verdict.unknown_because
