"""The chaos requirements: partial fills, ghost orders, signal spam. Each test is named for what it is about.

A fault strikes one order, the same in every execution; what is searched is the order in which everything
arrives.
"""

from decimal import Decimal

import pytest

from hedgecheck.conformance.engine import Make
from hedgecheck.conformance.scene import (
    CLOSED_AT_10,
    CLOSED_AT_60,
    REFUSED,
    REPLY_LOST,
    REQUEST_LOST,
    RESET,
    UNAVAILABLE,
    Scene,
    X,
    Y,
    demand,
)
from hedgecheck.simulate.sim import Sim
from hedgecheck.simulate.story import number
from hedgecheck.simulate.variants import Variant
from hedgecheck.verifying.decorator import verify

ONE_AFTER_ANOTHER, AT_ONCE = 20, 60  # executions: calls that overlap have more orders of arrival
LOST = {
    "timeout_and_it_went_through": REPLY_LOST,
    "timeout_and_it_never_arrived": REQUEST_LOST,
    "connection_error": RESET,
    "service_unavailable": UNAVAILABLE,
}
ENDS = {
    "hedged": {},
    "leg_x_refused": {(X, 1): REFUSED},
    "leg_x_never_arrived": {(X, 1): REQUEST_LOST},
    "leg_x_is_a_ghost": {(X, 1): REPLY_LOST},
    "leg_x_filled_10_percent": {(X, 1): CLOSED_AT_10},
    "leg_y_refused": {(Y, 1): REFUSED},
    "leg_y_is_a_ghost": {(Y, 1): REPLY_LOST},
}


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
@pytest.mark.parametrize("sides", [("buy", "sell"), ("sell", "buy")], ids="-".join)
async def test_ch15_a_signal_is_traded_and_answered_true(
    sim: Sim, make_engine: Make, sides: tuple[str, str]
) -> None:
    """CH-15: ``execute_pair_trade`` takes a request, trades both legs on their sides, and answers True."""
    scene = Scene(sim, make_engine)

    (answer,) = await scene.trade(scene.signal(1.0, *sides))

    demand(answer, "CH-15", "nothing went wrong, both legs are to be traded, and the answer was False")
    demand(len(scene.sent()) == 2, "CH-15", f"two legs took {len(scene.sent())} create_order calls")


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
@pytest.mark.parametrize("amount_y", [1.0, 15.0])
async def test_ch01_ch08_closed_with_60_percent_filled_is_hedged_for_that(
    sim: Sim, make_engine: Make, amount_y: float
) -> None:
    """CH-01, CH-08: leg X comes back as "closed" with 0.6 filled of 1.0; leg Y is 0.6 of what was planned."""
    scene = Scene(sim, make_engine, {(X, 1): CLOSED_AT_60})

    (answer,) = await scene.trade(scene.signal(amount_y))

    _demand_hedge_of_60_percent(scene, amount_y, "CH-01, CH-08")
    demand(answer, "CH-01", "0.6 against 0.6 is hedged, and the answer was False")


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
async def test_ch02_ch09_filled_10_percent_is_aborted(sim: Sim, make_engine: Make) -> None:
    """CH-02, CH-09: under half of leg X is filled: leg Y is not sent, what was filled is flattened, False."""
    scene = Scene(sim, make_engine, {(X, 1): CLOSED_AT_10})

    (answer,) = await scene.trade(scene.signal())

    demand(not scene.sent(Y), "CH-02", "10 % of leg X was filled, which aborts the trade, and leg Y was sent")
    demand(answer is False, "CH-09", f"the trade was aborted, and the answer was {answer}")


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
@pytest.mark.parametrize("leg", [X, Y], ids=["leg_x", "leg_y"])
@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_ch03_ch10_order_without_an_answer_is_looked_up_before_anything_is_sent(
    sim: Sim, make_engine: Make, lost: Variant, leg: str
) -> None:
    """CH-03, CH-10: what ccxt raises after a send (RequestTimeout, NetworkError, ExchangeNotAvailable) leaves
    the outcome unknown: the order is looked up, as by fetch_order, before another is sent."""
    scene = Scene(sim, make_engine, {(leg, 1): lost})

    await scene.trade(scene.signal())

    looked = scene.looked_up_after(leg, 1)
    demand(looked, "CH-03, CH-10", f"nobody knew what became of the order for {leg}, and nobody asked")


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
@pytest.mark.parametrize("leg", [X, Y], ids=["leg_x", "leg_y"])
@pytest.mark.parametrize(
    "lost", [REPLY_LOST, RESET, UNAVAILABLE], ids=["timeout", "connection_error", "unavailable"]
)
async def test_ch04_ghost_that_went_through_is_used(
    sim: Sim, make_engine: Make, lost: Variant, leg: str
) -> None:
    """CH-04: the order without an answer was filled: it is used, and no more than two orders are sent."""
    scene = Scene(sim, make_engine, {(leg, 1): lost})

    (answer,) = await scene.trade(scene.signal())

    demand(len(scene.sent()) <= 2, "CH-04", f"the ghost was filled, and {len(scene.sent())} orders were sent")
    if leg == Y:
        demand(answer, "CH-04", "both legs were filled in full, and the answer was False")


@verify(executions=AT_ONCE, faults=None)
async def test_ch05_five_identical_signals_at_once_are_one_trade(sim: Sim, make_engine: Make) -> None:
    """CH-05: five concurrent calls with one signal: two create_order calls, one answer True."""
    scene = Scene(sim, make_engine)

    answers = await scene.trade(scene.signal(), times=5)

    demand(
        len(scene.sent()) == 2, "CH-05", f"one signal five times took {len(scene.sent())} create_order calls"
    )
    demand(answers.count(True) == 1, "CH-05", f"one of five is to be traded, and the answers were {answers}")


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
async def test_ch06_five_signals_one_after_another_are_five_trades(sim: Sim, make_engine: Make) -> None:
    """CH-06: five signals with ids of their own on one pair, each after the end of the last: ten orders."""
    scene = Scene(sim, make_engine)

    answers = [answer for _ in range(5) for answer in await scene.trade(scene.signal())]

    demand(all(answers), "CH-06", f"five signals are five trades, and the answers were {answers}")
    demand(len(scene.sent()) == 10, "CH-06", f"five trades took {len(scene.sent())} create_order calls")


@verify(executions=AT_ONCE, faults=None)
async def test_ch07_ch12_three_signals_at_once_with_60_percent_filled(sim: Sim, make_engine: Make) -> None:
    """CH-07, CH-12: three concurrent calls with one signal, and 0.6 of leg X filled: one trade, hedged so."""
    scene = Scene(sim, make_engine, {(X, 1): CLOSED_AT_60})

    answers = await scene.trade(scene.signal(), times=3)

    _demand_hedge_of_60_percent(scene, 1.0, "CH-07, CH-12")
    demand(answers.count(True) == 1, "CH-07", f"one of three is to be traded, and the answers were {answers}")


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
@pytest.mark.parametrize("strikes", ENDS.values(), ids=ENDS)
async def test_ch11_pair_is_free_again_after_every_end(
    sim: Sim, make_engine: Make, strikes: dict[tuple[str, int], Variant]
) -> None:
    """CH-11: in whatever way a trade ended, the next signal on the pair is traded."""
    scene = Scene(sim, make_engine, strikes)

    await scene.trade(scene.signal())
    (answer,) = await scene.trade(scene.signal())

    demand(answer, "CH-11", "the first trade is over, and the next signal on the pair was not traded")


@verify(executions=ONE_AFTER_ANOTHER, faults=None)
@pytest.mark.parametrize(
    "filled", [None, CLOSED_AT_60, CLOSED_AT_10], ids=["100_percent", "60_percent", "10_percent"]
)
async def test_ch13_signal_that_comes_again_later_is_not_traded_again(
    sim: Sim, make_engine: Make, filled: Variant | None
) -> None:
    """CH-13: one signal five times, one after another, is one trade; hedged or aborted, it is over."""
    scene = Scene(sim, make_engine, {(X, 1): filled} if filled is not None else None)
    signal = scene.signal()

    await scene.trade(signal)
    sent = len(scene.sent())
    answers = [answer for _ in range(4) for answer in await scene.trade(signal)]

    more = len(scene.sent()) - sent
    demand(not more, "CH-13", f"the signal had been traded, and its repetition sent {more} more orders")
    demand(not any(answers), "CH-13", f"the repetitions of a signal were answered {answers}")


def _demand_hedge_of_60_percent(scene: Scene, amount_y: float, requirement: str) -> None:
    hedge = Decimal(str(amount_y)) * 6 / 10
    sent = scene.amounts(Y)
    shown = ", ".join(number(each) for each in sent) or "nothing"
    demand(sent == [hedge], requirement, f"leg Y is to be {number(hedge)}, and was sent for {shown}")
    demand(len(scene.sent()) == 2, requirement, f"one trade took {len(scene.sent())} create_order calls")
