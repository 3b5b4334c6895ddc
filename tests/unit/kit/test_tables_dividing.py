"""The core's state falls into trades: put together, they are the state of one engine that had them all."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small
from hedgecheck.messages import (
    Accepted,
    BadPrice,
    CreateOrder,
    Filled,
    Halt,
    Intent,
    NewDay,
    Price,
    Restarted,
    Returned,
    TradingHalted,
)
from tests.unit.kit.walks import PAIR, STRUCK, TURNED, laned, parts_of, walk_apart

ENGINE = BundledCore()
INTENT = Intent("p1", "AAA", "buy", 1, "BBB", "sell", 1)
ENTRY = "p1a1"
ENTERED = (INTENT, Accepted(ENTRY), Filled(ENTRY, "t1", "AAA", "buy", 1, 100))
SEEDS = 12
MOST = (2, 400, 400, 200, 200)  # two trades of a lot at 100 on each side

each_small = pytest.mark.parametrize("small", [PAIR, STRUCK, TURNED], ids=lambda small: small.name)


def told(*events: Any) -> Any:
    """The state of the core once it was told all of that."""
    state = laned().initial().engine
    for event in events:
        state, _ = ENGINE.step(state, event)
    return state


# ---- together ------------------------------------------------------------------------------------------


@each_small
def test_trades_run_apart_and_put_together_are_one_engine_that_ran_both(small: Small) -> None:
    parts, both_filled = parts_of(small), 0

    for seed in range(SEEDS):
        for apart in walk_apart(laned(small), seed):
            whole, lanes = apart.world.engine, [each.engine for each in apart.lanes]
            assert parts.together(lanes, whole, whole.recovering) == whole
        both_filled += all(apart.fills())

    assert both_filled


TURNS = (Price("AAA", 90), Halt(), NewDay(1, "closing"), TradingHalted(("AAA",)), TradingHalted())


def test_what_comes_over_all_trades_is_taken_from_everybody() -> None:
    parts, calm, turned = parts_of(), told(*ENTERED), told(*ENTERED, *TURNS)

    together = parts.together([calm], turned, True)

    assert turned.gauges != calm.gauges
    assert (together.breakers, together.gauges, together.day) == (turned.breakers, turned.gauges, 1)
    assert (together.session, together.halts, together.market_halted) == ("closing", ("AAA",), True)
    assert together.recovering
    assert (together.trades, together.book) == (calm.trades, calm.book)
    assert not parts.together([calm], turned, False).recovering


def test_trades_come_in_the_order_of_their_signals_whatever_the_order_of_lanes() -> None:
    parts = parts_of()
    other = told(Intent("q1", "CCC", "buy", 1, "DDD", "sell", 1))

    assert parts.together([other, told(*ENTERED)], told(), False) == told(
        *ENTERED, Intent("q1", "CCC", "buy", 1, "DDD", "sell", 1)
    )


def test_part_is_that_of_one_strategy_alone() -> None:
    parts, beside = parts_of(), told(*ENTERED, Intent("q1", "CCC", "buy", 1, "DDD", "sell", 1), Halt())
    beside, _ = ENGINE.step(beside, Price("CCC", 90))

    assert parts.part(told(*ENTERED), ("AAA", "BBB"), "p") != parts.part(told(INTENT), ("AAA", "BBB"), "p")
    assert parts.part(told(INTENT), ("AAA", "BBB"), "p") != parts.part(
        told(*ENTERED[:2]), ("AAA", "BBB"), "p"
    )
    assert parts.part(told(), ("AAA", "BBB"), "p") != parts.part(told(Price("BBB", 80)), ("AAA", "BBB"), "p")
    halted = told(*ENTERED, Halt())
    assert parts.part(beside, ("AAA", "BBB"), "p") == parts.part(halted, ("AAA", "BBB"), "p")


# ---- what comes over all trades ------------------------------------------------------------------------


def test_state_of_which_nothing_came_over_all_trades_is_neutral_as_it_is() -> None:
    state = told(*ENTERED)

    assert parts_of().neutral(state) == state


CLOSING, BREAK, PAUSE = NewDay(0, "closing"), TradingHalted(), TradingHalted(("AAA",))


@pytest.mark.parametrize("event", [Halt(), NewDay(1), Restarted(), CLOSING, BREAK, PAUSE], ids=str)
def test_neutral_takes_back_what_came_over_all_trades_and_nothing_of_theirs(event: Any) -> None:
    parts, calm, turned = parts_of(), told(INTENT), told(INTENT, event)

    neutral = parts.neutral(turned)

    assert turned != neutral
    assert (neutral.breakers, neutral.gauges, neutral.day) == (calm.breakers, calm.gauges, calm.day)
    assert not neutral.recovering
    back = replace(turned, breakers=calm.breakers, gauges=calm.gauges, day=0, recovering=False)
    assert replace(back, session="regular", halts=(), market_halted=False) == neutral


def test_shared_is_the_same_whatever_the_trades_and_other_after_a_halt_or_a_day() -> None:
    shared = parts_of().shared

    assert shared(told()) == shared(told(*ENTERED)) == shared(told(*ENTERED, Restarted()))
    turns = ((), (Halt(),), (NewDay(1),), (CLOSING,), (BREAK,), (PAUSE,))
    assert len({shared(told(*each)) for each in turns}) == len(turns)


def test_refusing_state_refuses_a_signal_and_differs_in_nothing_else() -> None:
    parts = parts_of()

    refusing = parts.refusing(told())

    _, commands = ENGINE.step(refusing, INTENT)
    assert [type(each) for each in commands] == [Returned]
    assert any(isinstance(each, CreateOrder) for each in ENGINE.step(told(), INTENT)[1])
    assert parts.neutral(refusing) == told()


# ---- what is told of a state ---------------------------------------------------------------------------


def test_engine_recovers_and_is_not_resolved_while_an_order_from_before_a_restart_is_out() -> None:
    parts, down = parts_of(), told(INTENT, Restarted())

    assert parts.is_recovering(down)
    assert not parts.is_resolved(down)
    assert parts.is_resolved(told())
    assert not parts.is_recovering(told(INTENT))
    known = told(INTENT, Restarted(), *ENTERED[1:])
    assert parts.is_resolved(known)
    assert not parts.is_recovering(known)


def test_state_is_valued_and_gains_by_what_it_holds() -> None:
    parts = parts_of()

    held = told(*ENTERED, Price("AAA", 97))
    assert parts.is_valued(held)
    assert parts.gain(held) == -3
    assert parts.gain(told(*ENTERED)) == 0

    blind = told(*ENTERED, BadPrice("AAA", "nan"))
    assert not parts.is_valued(blind)
    assert parts.gain(blind) == 0
    assert parts.is_valued(told(BadPrice("AAA", "nan")))


def test_weights_are_what_the_gate_adds_up() -> None:
    parts = parts_of()

    assert parts.weights(told()) == (0, 0, 0, 0, 0)
    assert parts.weights(told(INTENT)) == (1, 200, 200, 100, 100)
    both = told(INTENT, Intent("q1", "CCC", "buy", 2, "DDD", "sell", 1))
    assert parts.weights(both) == (2, 500, 500, 300, 200)


def test_net_weights_are_of_the_side_that_a_state_may_come_to() -> None:
    held = told(*ENTERED, Price("AAA", 150))

    assert parts_of().weights(held)[3:] == (150, 0)


# ---- limits that may come to matter --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("small", "places"),
    [
        (Small(trades=2, own=1), ()),
        (Small(trades=2, own=1, cap=2), ()),
        (Small(trades=2, own=1, cap=1), (0,)),
        (Small(trades=2, own=1, heat=4), ()),
        (Small(trades=2, own=1, heat=3), (2,)),
        (Small(trades=2, own=1, cap=1, heat=3), (0, 2)),
    ],
    ids=lambda value: value.name if isinstance(value, Small) else "",
)
def test_limit_matters_where_all_trades_together_may_go_beyond_it(
    small: Small, places: tuple[int, ...]
) -> None:
    assert parts_of(small).binding(MOST, 0, 0) == places


@pytest.mark.parametrize("limit", ["gross_bps", "leverage_bps", "cluster_bps"])
def test_gross_exposure_matters_by_the_closest_of_its_limits(limit: str) -> None:
    scope = laned().scope
    tight = replace(scope, bounds=replace(scope.bounds, **{limit: 3}))

    assert ENGINE.parts(tight).binding(MOST, 0, 0) == (1,)


def test_net_exposure_matters_on_the_side_that_may_go_beyond() -> None:
    scope = laned().scope
    tight = ENGINE.parts(replace(scope, bounds=replace(scope.bounds, net_bps=2)))

    assert tight.binding(MOST, 0, 0) == ()
    assert tight.binding((2, 400, 400, 201, 200), 0, 0) == (3,)
    assert tight.binding((2, 400, 400, 200, 201), 0, 0) == (4,)


def test_limit_is_a_share_of_what_equity_may_sink_to() -> None:
    parts = parts_of(Small(trades=2, own=1, heat=4))

    assert parts.binding(MOST, -1, 0) == (2,)
    assert parts.binding(MOST, 0, 0) == ()


def test_loss_that_may_trip_a_breaker_is_refused_and_one_less_is_not() -> None:
    parts = parts_of()  # 200 bps of 1,000,000 a day

    assert parts.binding(MOST, -19_999, 0) == ()
    with pytest.raises(UsageError, match="daily_loss"):
        parts.binding(MOST, -20_000, 0)


def test_drawdown_that_may_trip_is_refused_too() -> None:
    parts = ENGINE.parts(replace(laned().scope, drawdown_bps=100))

    assert parts.binding(MOST, -9_999, 0) == ()
    with pytest.raises(UsageError, match="drawdown"):
        parts.binding(MOST, -10_000, 0)


def test_loss_is_measured_from_the_most_that_was_gained() -> None:
    parts = parts_of()  # a day that begins with 1,000,100 trips at a loss of 20,002

    assert parts.binding(MOST, -19_901, 100) == ()
    with pytest.raises(UsageError, match="A loss of 20002 may trip daily_loss"):
        parts.binding(MOST, -19_902, 100)


def test_capital_of_strategies_is_refused() -> None:
    scope = laned().scope
    parts = ENGINE.parts(replace(scope, bounds=replace(scope.bounds, budgets=(("p", 5_000),))))

    with pytest.raises(UsageError, match="Capital of a strategy is of all its trades together"):
        parts.binding(MOST, 0, 0)


def test_limit_of_messages_is_refused() -> None:
    scope = laned().scope
    parts = ENGINE.parts(replace(scope, bounds=replace(scope.bounds, message_burst=100)))

    with pytest.raises(UsageError, match="limit of messages"):
        parts.binding(MOST, 0, 0)
