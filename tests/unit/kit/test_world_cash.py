"""Cash of the world that is deposited and withdrawn."""

from dataclasses import replace

import pytest

from hedgecheck import tape
from hedgecheck.errors import UsageError
from hedgecheck.explore import scopes
from hedgecheck.explore.exhaustive import wire_of
from hedgecheck.explore.replay import Run
from hedgecheck.invariants import Bounds
from hedgecheck.messages import CancelOrder, CashFlow, Sent
from hedgecheck.world import universe_of
from tests.unit.kit.worlds import INTENTS, SIGNAL, WORKING, after, core, strike, told, universe

OUT, IN = tape.CashFlow(-3_333), tape.CashFlow(3_333)
AMOUNT = 333_300
RESTING = (SIGNAL, tape.Receive(), tape.Deliver("p1a1", "Accepted"))


@pytest.mark.parametrize(("action", "amount"), [(OUT, -AMOUNT), (IN, AMOUNT)])
def test_cash_moves_at_the_venue_and_the_engine_is_told(action: tape.CashFlow, amount: int) -> None:
    world, moved, records = strike(universe(cash_flows=2), WORKING, action)

    assert records == [CashFlow(amount)]
    assert told(moved) == (*told(world), CashFlow(amount))
    assert moved.venue == replace(world.venue, cash=world.venue.cash + amount)
    assert replace(moved, engine=world.engine, venue=world.venue, cash_flows_left=2) == world


def test_cash_flows_so_often_as_the_scope_says() -> None:
    setting = universe(cash_flows=1)
    world, moved = setting.initial(), after(setting, IN)

    assert (setting.cash_flows(world), setting.cash_flows(moved)) == ([OUT, IN], [])
    assert {OUT, IN} < set(setting.enabled(world))
    assert setting.apply(moved, IN) == (moved, ())
    assert setting.apply(world, tape.CashFlow(1)) == (world, ())
    assert setting.cash_flows(replace(world, crashed=True)) == []
    assert universe().cash_flows(universe().initial()) == []
    assert wire_of(moved) != wire_of(replace(moved, cash_flows_left=1))


def test_no_more_is_withdrawn_than_the_venue_pays_out() -> None:
    setting = universe(cash_flows=4, cash=1_000_000)
    poor = after(setting, OUT, OUT)
    empty = after(setting, OUT, OUT, OUT)

    assert (setting.cash_flows(poor), setting.cash_flows(empty)) == ([OUT, IN], [IN])
    assert setting.apply(empty, OUT) == (empty, ())


@pytest.mark.parametrize("actions", [(OUT,), (IN,), (OUT, OUT), (OUT, IN)])
def test_core_counts_no_profit_and_no_loss(actions: tuple[tape.Action, ...]) -> None:
    run = Run(core(cash_flows=2, drawdown_bps=200))
    for action in (SIGNAL, *actions, tape.Receive(), tape.Roll()):
        run.do(action)
    run.settle()

    cash = run.world.venue.cash
    assert (run.failure, run.universe.engine.belief(run.world.engine).halted) == (None, False)
    assert run.universe.engine.belief(run.world.engine).cash == cash


def test_core_cancels_what_rests_where_a_withdrawal_takes_it_beyond_its_leverage() -> None:
    limited = (replace(INTENTS[0], price_a=99),)
    bounds = replace(Bounds(), leverage_bps=10_000, heat_bps=10_000, order_amount=10_000)
    setting = core(cash_flows=1, cash=2_500, intents=limited, bounds=replace(bounds, position_bps=10_000))
    run = Run(setting)
    for action in RESTING:
        run.do(action)

    records = run.do(OUT)

    assert Sent(CancelOrder("p1a1")) in records
    assert run.failure is None


def test_lanes_have_no_account_in_common_to_pay_into() -> None:
    scope = replace(universe(cash_flows=1).scope, lanes=True)

    with pytest.raises(UsageError, match=r"Cash is deposited.*Take --symbols shared"):
        universe_of(scope, core().engine)


def test_random_scopes_have_cash_that_flows() -> None:
    assert {scopes.draw(seed).cash_flows for seed in range(60)} == {0, 1, 3}
