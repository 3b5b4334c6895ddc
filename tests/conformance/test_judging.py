"""Each conformance test fails for an engine that breaks what it is about, and says what that is."""

from types import ModuleType

import pytest

import hedgecheck
from hedgecheck import invariants
from hedgecheck.conformance import scene, test_chaos, test_ledger
from tests.conformance import engines

REPLY_LOST, NEVER_ARRIVED = {"lost": scene.REPLY_LOST}, {"lost": scene.REQUEST_LOST}
LEG_X, LEG_Y = {"leg": scene.X}, {"leg": scene.Y}
X_REFUSED = {"strikes": test_chaos.ENDS["leg_x_refused"]}
BROKEN_CHAOS = [
    ("ch15", engines.SaysNothing, {"sides": ("buy", "sell")}, "CH-15: execute_pair_trade gave None"),
    (
        "ch01",
        engines.HedgesWhatItAskedFor,
        {"amount_y": 15.0},
        "CH-01, CH-08: leg Y is to be 9, and was sent for 15",
    ),
    ("ch02", engines.NeverAborts, {}, "CH-02: 10 % of leg X was filled, which aborts"),
    ("ch02", engines.TrueWhenFlattened, {}, "CH-09: the trade was aborted, and the answer was True"),
    ("ch02", engines.KeepsTheLegOfAnAbort, {}, "hedged"),
    ("ch03", engines.GivesUpOnATimeout, {**NEVER_ARRIVED, **LEG_X}, "CH-03, CH-10: nobody knew what became"),
    ("ch03", engines.RetriesBlindly, {**NEVER_ARRIVED, **LEG_Y}, "CH-03, CH-10: nobody knew what became"),
    ("ch04", engines.RetriesBlindly, {**REPLY_LOST, **LEG_X}, "CH-04: the ghost was filled, and 3 orders"),
    (
        "ch04",
        engines.LooksAtOpenOrdersAlone,
        {**REPLY_LOST, **LEG_Y},
        "CH-04: the ghost was filled, and 3 orders",
    ),
    ("ch05", engines.ChecksThenActs, {}, "CH-05: one signal five times took 10"),
    ("ch05", engines.QueuesRepetitions, {}, "CH-05: one signal five times took 10"),
    ("ch06", engines.OncePerPair, {}, "CH-06: five signals are five trades"),
    ("ch07", engines.HedgesWhatItAskedFor, {}, "CH-07, CH-12: leg Y is to be 0.6, and was sent for 1"),
    ("ch11", engines.NeverFreesThePair, X_REFUSED, "CH-11: the first trade is over"),
    ("ch11", engines.RaisesWhenRefused, X_REFUSED, "CH-15: execute_pair_trade gave InsufficientFunds"),
    ("ch13", engines.QueuesRepetitions, {"filled": None}, "CH-13: the signal had been traded"),
]
BROKEN_LEDGER = [
    (invariants.no_blind_resend, engines.RetriesBlindly),
    (invariants.one_intent_one_exposure, engines.ChecksThenActs),
    (invariants.hedged, engines.GivesUpOnATimeout),
    (invariants.exits_only_reduce, engines.FlattensTooMuch),
    (invariants.sane_orders, engines.FlattensDust),
    (invariants.live, engines.GivesUpOnATimeout),
    (invariants.no_self_cross, engines.CrossesItself),
]


def shipped(module: ModuleType):
    """The conformance tests of a module, by name."""
    return {name: each for name, each in vars(module).items() if name.startswith("test_")}


def named(requirement: str):
    """The chaos test whose name has that requirement."""
    (test,) = (each for name, each in shipped(test_chaos).items() if requirement in name)
    return test


def _as_id(value: object) -> str:
    return getattr(value, "__name__", getattr(value, "name", None)) or str(value)[:4]


@pytest.mark.covers("CH-14")
@pytest.mark.parametrize(("requirement", "engine", "arguments", "why"), BROKEN_CHAOS, ids=_as_id)
def test_engine_that_breaks_a_requirement_fails_its_test(requirement, engine, arguments, why):
    with pytest.raises(hedgecheck.Falsified) as caught:
        named(requirement)(make_engine=engine, **arguments)

    assert why in f"{caught.value.invariant} {caught.value.why}"
    assert caught.value.diagram


def test_every_chaos_test_is_failed_by_some_engine():
    failed = {named(requirement) for requirement, *_ in BROKEN_CHAOS}

    assert failed == set(shipped(test_chaos).values())


@pytest.mark.parametrize(("rule", "engine"), BROKEN_LEDGER, ids=_as_id)
def test_engine_that_breaks_a_rule_fails_its_test(rule, engine):
    with pytest.raises(hedgecheck.Falsified) as caught:
        test_ledger.test_rule_holds_for_one_trade(make_engine=engine, rule=rule)

    assert caught.value.invariant == rule.name


def test_trades_that_share_a_variable_fail_only_side_by_side():
    test_ledger.test_rule_holds_for_one_trade(make_engine=engines.SharesAVariable, rule=invariants.hedged)

    with pytest.raises(hedgecheck.Falsified) as caught:
        test_ledger.test_all_rules_hold_for_trades_at_once_and_the_way_back(
            make_engine=engines.SharesAVariable
        )

    assert caught.value.invariant in ("hedged", "one_intent_one_exposure")


def test_answer_of_true_for_what_was_flattened_is_found_under_faults():
    with pytest.raises(hedgecheck.Falsified, match="True, which means that both legs are on"):
        test_ledger.test_true_means_hedged_whatever_the_exchange_does(make_engine=engines.TrueWhenFlattened)


def test_every_rule_of_the_ledger_is_failed_by_some_engine():
    assert [rule for rule, _ in BROKEN_LEDGER] == list(test_ledger.RULES)
