"""Emergencies, told as they happen: flash crash, half an execution, several breakers, and the way back.

A desk of 1,000,000 in cash, prices of 100, pairs of equal legs. Each test is one story.
"""

from dataclasses import replace

import pytest

from core.messages import BreakerResetRequested, HighWaterMarkRebased, MetricReported, SessionChanged
from core.settings import DAILY_LOSS, BreakerRule
from hedgecheck import tape
from hedgecheck.messages import CreateOrder
from tests.integration.desk import Desk, chain
from tests.integration.flow import RESTING, WITH_STOPS, pair, scope

FLASH_CRASH = -200_000  # 20 % in one tick
DRAWDOWN = BreakerRule("drawdown", "drawdown", 300)
STREAK = BreakerRule("consecutive_losses", "consecutive_losses", 3)
THERE_AND_BACK = {-1: (-10_000, 10_102), 0: (), 1: (10_000, -9_900)}  # a tick away from 100, and back
SPIKE = BreakerRule("volatility", "volatility", 1_000, 10)


def desk_of(*rules: BreakerRule, lots: int = 1_000, **more) -> Desk:
    """A desk with a pair to buy at market, a second one whose entry would rest, and a third."""
    second = pair("m1", 100, "CCC DDD", **RESTING)
    return Desk(scope(pair("p1", lots, **more), second, pair("k1", 100, "EEE FFF")), *rules)


# ---- EM-01: flash crash ------------------------------------------------------------------------------


@pytest.mark.covers("EM-01")
@pytest.mark.parametrize("rule", [DAILY_LOSS, SPIKE, DRAWDOWN], ids=lambda rule: rule.name)
def test_flash_crash_trips_the_breaker_keeps_every_position_and_lets_nothing_in(rule: BreakerRule):
    desk = desk_of(rule, lots=2_000).traded(0).enter(1)
    held = desk.believed().lots

    desk.price("AAA", FLASH_CRASH).settle()

    assert desk.halted == [rule.name]
    assert desk.believed().lots == held == {"AAA": 2_000, "BBB": -2_000}
    assert len(desk.orders("p1")) == 2  # nobody was forced out
    assert desk.venue_phase("m1a1") == "canceled"
    assert desk.refusal(2) == "HALTED"


@pytest.mark.covers("EM-01")
def test_flash_crash_in_the_middle_of_an_execution_leaves_no_leg_alone():
    desk = desk_of(DAILY_LOSS, lots=2_000, **RESTING).enter(0, 1_200)

    desk.price("AAA", FLASH_CRASH).settle()

    assert desk.halted == ["daily_loss"]
    assert desk.orders("p1") == [("AAA", "buy", 2_000), ("BBB", "sell", 1_200)]
    assert desk.reconcile().believed().lots == {"AAA": 1_200, "BBB": -1_200}


# ---- EM-04: network timeouts ---------------------------------------------------------------------------


@pytest.mark.covers("EM-04")
@pytest.mark.parametrize("lost", ["request", "reply"])
@pytest.mark.parametrize("asked_in_vain", [0, 1, 3])
@pytest.mark.parametrize("order", ["p1a1", "p1b1"])
def test_while_the_network_is_down_a_leg_is_never_ordered_twice(order: str, asked_in_vain: int, lost: str):
    desk = desk_of(DAILY_LOSS, **RESTING)
    desk = desk.signal(0) if order == "p1a1" else desk.enter(0, 1_000)
    desk.lose(lost, order, "Accepted")
    for _ in range(asked_in_vain):
        desk.do(tape.LoseRequest()).do(tape.Fire(f"{order}/query"))
    desk.ask_about(order).finish()

    assert desk.believed().lots == {"AAA": 1_000, "BBB": -1_000}
    assert desk.orders("p1") == [("AAA", "buy", 1_000), ("BBB", "sell", 1_000)]


@pytest.mark.covers("EM-04")
def test_network_that_stays_down_ends_with_a_person_who_is_told_and_with_no_second_order():
    desk = desk_of(DAILY_LOSS).signal(0).lose("reply", "p1a1", "Accepted").never_told_of("p1a1")

    desk.finish()

    assert (desk.outcomes, desk.alerted) == ({"p1": "parked"}, {"p1"})
    assert desk.orders("p1") == [("AAA", "buy", 1_000)]


# ---- EM-05: partial execution --------------------------------------------------------------------------


@pytest.mark.covers("EM-05")
@pytest.mark.parametrize(("filled", "held"), [(960, 960), (700, 700), (500, 500), (499, 0), (1, 0)])
def test_partial_execution_ends_hedged_or_flat_and_the_books_are_the_venue_s(filled: int, held: int):
    desk = desk_of(DAILY_LOSS, **RESTING).enter(0, filled).do(tape.Fire("p1a1/timeout")).finish()

    assert desk.believed().lots == ({"AAA": held, "BBB": -held} if held else {})
    assert desk.outcomes["p1"] == ("hedged" if held else "flattened")


@pytest.mark.covers("EM-05")
def test_execution_cut_short_by_a_breaker_ends_hedged_too():
    desk = desk_of(BreakerRule("vix", "custom", 40), **RESTING).enter(0, 300, 400)

    desk.tell(MetricReported("vix", 99)).finish()

    assert desk.believed().lots == {"AAA": 700, "BBB": -700}


@pytest.mark.covers("EM-05")
def test_stop_at_the_venue_follows_a_partial_execution_lot_by_lot():
    desk, standing = desk_of(DAILY_LOSS, **WITH_STOPS).enter(0, 500).fires("p1/grace").hear_all(), []

    for part in (0, 100, 300):
        if part:
            desk.fill("p1a1", part).hear_all()
        standing.append([each.amount for each in desk.resting("AAA") if each.stop_price is not None])

    assert standing == [[500], [600], [900]]
    assert desk.do(tape.Fire("p1a1/timeout")).finish().believed().lots == {"AAA": 900, "BBB": -900}


# ---- EM-06: mass triggering ------------------------------------------------------------------------------


@pytest.mark.covers("EM-06")
def test_one_crash_trips_several_breakers_and_each_needs_its_own_reset_with_its_own_code():
    desk = desk_of(DAILY_LOSS, DRAWDOWN, SPIKE, lots=2_000).traded(0).enter(1)
    names = ["daily_loss", "drawdown", "volatility"]

    desk.price("AAA", FLASH_CRASH)

    assert desk.halted == names
    assert desk.cancels == ["m1a1"]  # once, not once per breaker
    desk.price("AAA", 250_000)
    for name in names:
        for other in names:
            if other != name:
                desk.tell(BreakerResetRequested(name, chain(other)[1]))
        assert name in desk.halted
    for index, name in enumerate(names):
        assert desk.reset(name).halted == names[index + 1 :]
    assert desk.refusal(2) is None


@pytest.mark.covers("EM-06")
def test_while_one_breaker_is_left_tripped_nothing_is_let_in():
    desk = desk_of(DAILY_LOSS, DRAWDOWN, lots=2_000).traded(0)
    desk.price("AAA", FLASH_CRASH).price("AAA", 250_000).reset("daily_loss")

    assert desk.halted == ["drawdown"]
    assert desk.refusal(2) == "HALTED"


# ---- EM-07: reset by itself ------------------------------------------------------------------------------


@pytest.mark.covers("EM-07")
def test_a_breaker_goes_from_armed_through_every_state_and_back_by_itself():
    rule = BreakerRule("vix", "custom", 40, cooldown=1_000, resets_itself=True, probation=10)
    desk, seen = desk_of(rule), []
    story = (
        *(MetricReported("vix", value) for value in (10, 35, 45, 20)),
        *("cooldown:vix#1", "probation:vix#1", "probation:vix#1", "probation:vix#1"),
    )

    for step in story:
        desk.fires(step) if isinstance(step, str) else desk.tell(step)
        seen.append(desk.phases["vix"])

    assert seen == ["armed", "warning", "tripped", "tripped", *["probation"] * 3, "armed"]
    assert desk.refusal(2) is None


@pytest.mark.covers("EM-07")
def test_no_breaker_resets_itself_while_its_cause_lasts_nor_one_that_only_people_reset():
    itself = replace(DAILY_LOSS, cooldown=1_000, resets_itself=True)
    desk = desk_of(itself, DRAWDOWN, lots=2_000).traded(0).price("AAA", FLASH_CRASH)

    desk.fires("cooldown:daily_loss#1")
    lasting = desk.halted
    desk.tell(SessionChanged(1)).fires("cooldown:daily_loss#1")

    assert lasting == ["daily_loss", "drawdown"]
    assert desk.halted == ["drawdown"]
    assert [timer for timer in desk.timers if timer.startswith("cooldown")] == []


@pytest.mark.covers("EM-07")
def test_a_restart_in_the_middle_of_the_cooldown_loses_neither_the_trip_nor_the_way_back():
    rule = BreakerRule("vix", "custom", 40, cooldown=1_000, resets_itself=True)
    desk = desk_of(rule)
    desk.run.world = replace(desk.run.world, crashes_left=1)
    desk.tell(MetricReported("vix", 45), MetricReported("vix", 20))

    desk.do(tape.Restart())

    assert desk.halted == ["vix"]
    assert set(desk.timers) >= {"vix#1", "cooldown:vix#1"}
    assert desk.fires("cooldown:vix#1").halted == []


# ---- EM-08: drawdown and losses in a row -------------------------------------------------------------------


@pytest.mark.covers("EM-08")
def test_drawdown_is_measured_from_the_top_over_days_and_survives_its_reset():
    desk = desk_of(DRAWDOWN, lots=2_000).traded(0)

    desk.price("AAA", 200_000).tell(SessionChanged(1))  # the top: 1,040,000; 3 % of that is 31,200
    assert desk.price("AAA", -125_000).halted == []  # 105: 30,000 below
    assert desk.price("AAA", -10_000).halted == ["drawdown"]  # 103: 34,000 below
    assert desk.reset("drawdown").halted == ["drawdown"]  # a code moves no mark
    assert desk.tell(HighWaterMarkRebased()).reset("drawdown", 2).halted == []


@pytest.mark.covers("EM-08")
@pytest.mark.parametrize(
    ("ticks", "is_tripped"),
    [((-1, -1, -1), True), ((-1, -1, 1), False), ((-1, 0, -1, -1), True), ((-1, -1, 1, -1), False)],
)
def test_three_losing_rounds_in_a_row_trip(ticks: tuple[int, ...], is_tripped: bool):
    desk = Desk(scope(*[pair(f"p{n + 1}", 1_000, **RESTING) for n in range(len(ticks))]), STREAK)

    for number, tick in enumerate(ticks):
        name = f"p{number + 1}"
        desk.enter(number, 400).do(tape.Fire(f"{name}a1/timeout")).ask_about(f"{name}a1")
        for ppm in THERE_AND_BACK[tick]:
            desk.price("AAA", ppm)
            desk.until_returned(name)  # four tenths were filled: there is no hedge, all of it is sold again
        desk.until_returned(name)

    assert desk.halted == (["consecutive_losses"] if is_tripped else [])


# ---- EM-09: two per cent ---------------------------------------------------------------------------------


@pytest.mark.covers("EM-09")
@pytest.mark.parametrize(
    ("fee_bps", "ppm", "is_tripped"),
    [(0, -90_000, False), (0, -100_000, True), (49, -90_000, False), (50, -90_000, True)],
)
def test_two_per_cent_of_the_day_s_opening_trip_and_less_does_not(fee_bps: int, ppm: int, is_tripped: bool):
    """Two legs of 200,000: a tick is 2,000, ten basis points of fee are 400."""
    desk = Desk(scope(pair("p1", 2_000), fee_bps=fee_bps), DAILY_LOSS).traded(0).price("AAA", ppm)

    assert desk.halted == (["daily_loss"] if is_tripped else [])


# ---- EM-11: confirmation codes -----------------------------------------------------------------------------


@pytest.mark.covers("EM-11")
@pytest.mark.parametrize(
    "code",
    ["", "0" * 64, chain("daily_loss")[0], chain("daily_loss")[2], chain("drawdown")[1]],
    ids=["missing", "wrong", "public", "the next one", "another breaker's"],
)
def test_no_other_code_opens_a_tripped_breaker(code: str):
    desk = desk_of(DAILY_LOSS, lots=2_000).traded(0).price("AAA", FLASH_CRASH).price("AAA", 250_000)

    desk.tell(BreakerResetRequested("daily_loss", code))

    assert desk.halted == ["daily_loss"]
    assert desk.refusal(2) == "HALTED"
    assert desk.reset("daily_loss").halted == []


@pytest.mark.covers("EM-11")
def test_a_code_is_good_for_one_trip_and_for_a_time():
    desk = desk_of(DAILY_LOSS, lots=2_000).traded(0).price("AAA", FLASH_CRASH).price("AAA", 250_000)

    desk.fires("daily_loss#1").reset("daily_loss", 1)
    late = desk.halted
    desk.reset("daily_loss", 2)
    calm = desk.halted
    desk.price("AAA", FLASH_CRASH).price("AAA", 250_000).reset("daily_loss", 2)

    assert (late, calm, desk.halted) == (["daily_loss"], [], ["daily_loss"])
    assert desk.reset("daily_loss", 3).halted == []
    assert [each for each in desk.sent if isinstance(each, CreateOrder)] == desk.created


# ---- EM-12: slow responses -----------------------------------------------------------------------------


def slowly(desk: Desk, rounds: int) -> Desk:
    """Every timer that runs fires before the next message moves, in so many rounds."""
    for _ in range(rounds):
        for timer in desk.timers:
            if timer in desk.timers:
                desk.fires(timer)
        desk.do(desk.run.universe.quiet(desk.run.world))
    return desk


@pytest.mark.covers("EM-12")
@pytest.mark.parametrize("rounds", [1, 2, 5])
@pytest.mark.parametrize("filled", [0, 499, 500, 1_000])
def test_answers_slower_than_every_timer_end_hedged_or_flat_with_one_order_a_leg(filled: int, rounds: int):
    desk = desk_of(DAILY_LOSS, **RESTING).signal(0).receive()
    if filled:
        desk.fill("p1a1", filled)

    slowly(desk, rounds).finish()

    held = filled if filled >= 500 else 0
    assert desk.believed().lots == ({"AAA": held, "BBB": -held} if held else {})
    legs = [symbol for symbol, side, _ in desk.orders("p1") if (symbol, side) != ("AAA", "sell")]
    assert legs == (["AAA", "BBB"] if held else ["AAA"])


@pytest.mark.covers("EM-12")
def test_acceptance_that_comes_after_its_order_was_canceled_and_asked_about_is_no_second_order():
    desk = desk_of(DAILY_LOSS, **RESTING).signal(0).receive().fill("p1a1", 600)
    desk.do(tape.Fire("p1a1/timeout")).receive()
    desk.do(tape.Delay("p1a1", "Accepted")).hear_all().ask_about("p1a1")

    desk.do(tape.DeliverLate("p1a1", "Accepted")).finish()

    assert desk.believed().lots == {"AAA": 600, "BBB": -600}
    assert desk.orders("p1") == [("AAA", "buy", 1_000), ("BBB", "sell", 600)]


@pytest.mark.covers("EM-12")
def test_fill_that_is_heard_of_last_of_all_was_hedged_by_then_and_is_booked_once():
    desk = desk_of(DAILY_LOSS, **RESTING).enter(0).fill("p1a1", 600)
    desk.do(tape.Fire("p1a1/timeout")).receive().do(tape.Overtake("p1a1", "Canceled"))
    desk.do(tape.Fire("p1a1/query")).receive().do(tape.Overtake("p1a1", "Status"))
    hedged = desk.sent[-1]

    desk.hear("p1a1", "Filled").finish()

    assert (hedged.symbol, hedged.amount) == ("BBB", 600)
    assert desk.believed().lots == {"AAA": 600, "BBB": -600}


@pytest.mark.covers("EM-12")
def test_slow_answer_that_an_order_is_missing_does_not_send_it_again():
    """Asked twice while the first answer is on its way: both say "not found", and it had arrived."""
    desk = desk_of(DAILY_LOSS, **RESTING).signal(0).lose("reply", "p1a1", "Accepted")
    desk.do(tape.Misanswer("not_found")).do(tape.Fire("p1a1/query")).do(tape.Misanswer("not_found"))

    desk.hear_all().ask_about("p1a1").finish()

    assert [each for each in desk.orders("p1") if each[:2] == ("AAA", "buy")] == [("AAA", "buy", 1_000)]
    assert desk.believed().lots == {"AAA": 1_000, "BBB": -1_000}
