"""Rules of a user's own: what they are called, when they are judged, and what cannot be one."""

import pytest

import hedgecheck
from tests.schedules.performing import failure_of

BTC = "BTC/USDT"


def asked_for(rule, ask="always", position=0, **how):
    """What is found where the bot buys 1 and sells it again, all but ``position`` of it."""

    async def test(sim):
        exchange = sim.exchange()
        getattr(sim, ask)(rule, **how)
        await exchange.create_order(BTC, "market", "buy", 1)
        await sim.sleep(5)
        await exchange.create_order(BTC, "market", "sell", 1 - position)

    return test


def flat(ledger):
    return ledger.position(BTC) == 0


def test_rule_goes_by_its_id_or_its_name():
    named = hedgecheck.invariant(id="F-1")(lambda ledger: ledger.position(BTC) == 0)

    @hedgecheck.invariant
    def is_flat(ledger):
        if ledger.position(BTC):
            raise AssertionError("something is held")

    assert failure_of(asked_for(named)) == ("F-1", "it is False")
    assert failure_of(asked_for(is_flat)) == ("is_flat", "something is held")
    assert failure_of(asked_for(flat)) == ("flat", "it is False")


def test_verdict_has_a_row_for_it():
    rule = hedgecheck.invariant(kind="rest", id="F-1")(lambda ledger: ledger.position(BTC) == 0)
    verdict = hedgecheck.check(asked_for(rule), executions=7, faults=None)
    (row,) = [row for row in verdict.invariant_rows() if row["id"] == "F-1"]

    assert (row["name"], row["verdict"], row["checks"]) == ("F-1", "holds", 7)


def test_rest_rule_is_judged_at_rest_alone():
    rule = hedgecheck.invariant(kind="rest")(lambda ledger: ledger.position(BTC) == 0)

    assert failure_of(asked_for(rule)) is None
    assert failure_of(asked_for(rule, position=0.5))[1] == "it is False"


def test_rest_rule_stands_alone_as_any_rule_that_is_named():
    rule = hedgecheck.invariant(kind="rest", id="flat")(lambda ledger: not ledger.position(BTC))
    verdict = hedgecheck.check(asked_for(rule), executions=1, faults=None)

    assert {name for _, name in verdict.asked} == {"flat", "live"}


def test_deadline_rule_is_for_eventually_alone():
    rule = hedgecheck.invariant(kind="deadline", id="F-1")(lambda ledger: ledger.position(BTC) == 0)

    with pytest.raises(hedgecheck.NotApplicable, match=r"F-1 .* sim\.eventually"):
        failure_of(asked_for(rule))
    assert failure_of(asked_for(rule, "eventually", within_seconds=10)) is None
    assert failure_of(asked_for(rule, "eventually", within_seconds=3))[0] == "F-1"


def test_rule_is_still_the_function_that_it_was():
    def rule(ledger):
        return ledger == "ledger"

    assert hedgecheck.invariant(rule) is rule
    assert rule("ledger")


@pytest.mark.parametrize("kind", ["sometimes", "", None, "compared"])
def test_kind_that_there_is_not_is_refused(kind):
    with pytest.raises(hedgecheck.UsageError, match="'always', 'rest' and 'deadline'"):
        hedgecheck.invariant(kind=kind)


@pytest.mark.parametrize("id", ["", " ", 7, "I05", "no_blind_resend", "one_intent_one_exposure"])
def test_id_that_is_none_of_ones_own_is_refused(id):
    with pytest.raises(hedgecheck.UsageError, match="of your own"):
        hedgecheck.invariant(id=id)


async def coroutine(ledger):
    return True


def hedged(ledger):
    return True


@pytest.mark.parametrize(
    "rule", ["flat", 1, dict, coroutine, hedged, hedgecheck.invariants.hedged, "text".startswith]
)
def test_what_is_no_function_of_ones_own_is_refused(rule):
    with pytest.raises(hedgecheck.UsageError):
        hedgecheck.invariant()(rule)
