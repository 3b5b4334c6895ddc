"""Circuit breakers from the market to the venue: the real core, its breakers, and orders that rest or trade.

Prices open at 100, cash at 1,000,000. Where a test says what people are told, it is all they are told.
"""

from dataclasses import replace

import pytest

from core import engine
from core.messages import (
    BreakerResetRequested,
    CashMoved,
    CorrelationReported,
    MetricReported,
    SessionChanged,
    SettingsChanged,
)
from core.settings import DAILY_LOSS, BreakerRule
from hedgecheck.messages import Alert, CancelOrder, StartTimer
from tests.integration.desk import Desk, chain
from tests.integration.flow import FREE, RESTING, pair, scope

COME_BACK = {"cooldown": 1_000, "resets_itself": True}
VIX = BreakerRule("vix", "custom", 40)
FIFTH_DOWN = -200_000


def four_pairs(amount: int = 100, **more):
    """Four intents on pairs of their own strategies."""
    legs = ("AAA BBB", "CCC DDD", "AAA DDD", "CCC BBB")
    return [pair(f"{name}1", amount, symbols, **more) for name, symbols in zip("pmkn", legs, strict=True)]


def holding(*rules: BreakerRule, amount: int = 1_000, **instrument) -> Desk:
    """A desk with these breakers, that holds so many lots of AAA against BBB and has three more intents."""
    first, *others = four_pairs(amount)
    smaller = [replace(each, amount_a=100, amount_b=100) for each in others]
    return Desk(scope(first, *smaller), *rules, **instrument).traded(0)


def resting(*rules: BreakerRule) -> Desk:
    """A desk with these breakers, whose first entry of 1,000 lots rests; the other three are small."""
    first, *others = four_pairs(1_000, **RESTING)
    smaller = [replace(each, amount_a=100, amount_b=100) for each in others]
    return Desk(scope(first, *smaller), *rules).enter(0)


# ---- TC-CB-001: the daily loss, in the middle of an execution ----------------------------------------


@pytest.mark.covers("TC-CB-001")
@pytest.mark.parametrize(("ppm", "is_tripped"), [(-330_000, False), (-340_000, True)])
def test_daily_loss_trips_between_two_fills_of_one_entry(ppm: int, is_tripped: bool):
    desk = resting(DAILY_LOSS).fill("p1a1", 600).hear("p1a1", "Filled")

    desk.price("AAA", ppm)

    assert desk.halted == (["daily_loss"] if is_tripped else [])  # 600 lots lose 33 or 34; 2 % are 20,000
    assert desk.cancels == (["p1a1"] if is_tripped else [])


@pytest.mark.covers("TC-CB-001", "TC-CB-007")
def test_what_was_filled_before_the_trip_is_hedged_and_no_more():
    desk = resting(DAILY_LOSS).fill("p1a1", 600).hear("p1a1", "Filled").price("AAA", -340_000)

    desk.until_returned("p1")

    assert desk.venue_phase("p1a1") == "canceled"
    assert desk.orders("p1") == [("AAA", "buy", 1_000), ("BBB", "sell", 600)]
    assert desk.reconcile().believed().lots == {"AAA": 600, "BBB": -600}
    assert desk.refusal(1) == "HALTED"


@pytest.mark.covers("TC-CB-001")
def test_cash_paid_in_hides_no_loss_of_the_day_and_a_new_day_begins_anew():
    desk = holding(DAILY_LOSS).tell(CashMoved(500_000))

    assert desk.price("AAA", -190_000).halted == []
    assert desk.tell(SessionChanged(1)).price("AAA", -200_000).halted == []
    assert desk.price("AAA", -300_000).halted == ["daily_loss"]


# ---- TC-CB-002, 008: the liquidation buffer ------------------------------------------------------------

BUFFER = BreakerRule("liquidation_buffer", "liquidation_buffer", 8_000)


def margined(amount: int = 3_000) -> Desk:
    """A pair whose margin is a quarter: at 3,000 lots a leg 150,000 of 1,000,000 must stay."""
    return holding(BUFFER, amount=amount, maintenance_bps=2_500)


@pytest.mark.covers("TC-CB-002", "TC-CB-008")
def test_a_breach_of_the_buffer_closes_what_is_held():
    desk = margined()

    calm = desk.price("BBB", 150_000).halted
    desk.price("BBB", 200_000).settle()

    assert calm == []
    assert desk.halted == ["liquidation_buffer"]
    assert desk.orders("p1")[2:] == [("AAA", "sell", 3_000), ("BBB", "buy", 3_000)]
    assert desk.reconcile().believed().lots == {}


@pytest.mark.covers("TC-CB-008")
def test_no_other_breaker_closes_what_is_held():
    desk = holding(DAILY_LOSS, BreakerRule("position_size", "position_size", 1_100), VIX)

    desk.price("AAA", 200_000).price("AAA", -400_000).tell(MetricReported("vix", 99)).settle()

    assert desk.halted == ["daily_loss", "position_size", "vix"]
    assert len(desk.orders("p1")) == 2
    assert desk.believed().lots == {"AAA": 1_000, "BBB": -1_000}


# ---- TC-CB-003 to 006: volatility, correlation, size, metrics --------------------------------------------

SPIKE = BreakerRule("volatility", "volatility", 350, 4)


@pytest.mark.covers("TC-CB-003")
@pytest.mark.parametrize(("ppm", "is_tripped"), [(30_000, False), (40_000, True), (-40_000, True)])
def test_a_volatility_spike_trips_and_takes_entries_back(ppm: int, is_tripped: bool):
    desk = resting(SPIKE).price("CCC", ppm)

    assert desk.halted == (["volatility"] if is_tripped else [])
    assert desk.cancels == (["p1a1"] if is_tripped else [])
    assert (desk.refusal(1) == "HALTED") is is_tripped


@pytest.mark.covers("TC-CB-004")
def test_positions_that_begin_to_move_together_trip():
    desk = holding(BreakerRule("correlation", "correlation", 1_500))  # 100,000 in either symbol

    assert desk.halted == ["correlation"]  # not known to move apart
    apart = Desk(desk.scope, BreakerRule("correlation", "correlation", 1_500))
    pairs = [(one, other) for one in "AB" for other in "ABCDEF" if one < other]
    apart.tell(*[CorrelationReported(3 * one, 3 * other, 0) for one, other in pairs]).traded(0)
    assert apart.halted == []
    assert apart.tell(CorrelationReported("BBB", "AAA", 7_000)).halted == ["correlation"]
    assert apart.refusal(1) == "HALTED"


@pytest.mark.covers("TC-CB-005")
def test_a_position_that_outgrows_its_limit_with_its_price_trips():
    desk = holding(BreakerRule("position_size", "position_size", 1_200))

    assert desk.price("AAA", 200_000).halted == []  # 120,000 of 1,020,000
    assert desk.price("AAA", 30_000).halted == ["position_size"]  # 123,000 of 1,023,000
    assert desk.refusal(1) == "HALTED"


@pytest.mark.covers("TC-CB-005")
def test_a_strategy_that_keeps_asking_for_too_much_trips():
    rule = BreakerRule("position_size", "position_size", 9_000, 3)
    names = [pair(f"p{n}", 101) for n in range(1, 4)]
    desk = Desk(scope(*names, bounds=replace(FREE, order_amount=100)), rule)

    for intent in range(3):
        assert desk.halted == []
        assert desk.refusal(intent) == "ORDER_SIZE"
    assert desk.halted == ["position_size"]


@pytest.mark.covers("TC-CB-006")
@pytest.mark.parametrize(("value", "is_tripped"), [(39, False), (40, True), (None, True)])
def test_a_metric_of_a_risk_system_trips(value: int | None, is_tripped: bool):
    desk = resting(VIX).tell(MetricReported("vix", value))

    assert desk.halted == (["vix"] if is_tripped else [])
    assert desk.cancels == (["p1a1"] if is_tripped else [])


# ---- TC-CB-007, 009: what the broker is told -----------------------------------------------------------


@pytest.mark.covers("TC-CB-007", "TC-CB-009")
def test_a_trip_tells_the_broker_at_once_to_cancel_every_entry_that_rests_and_no_hedge():
    desk = Desk(scope(*four_pairs(100, **RESTING)), VIX)
    desk.enter(0).enter(1).enter(2, 100)
    before = len(desk.records)

    desk.tell(MetricReported("vix", 40))

    assert desk.what_left(before) == [CancelOrder("m1a1"), CancelOrder("p1a1")]
    desk.hear_all()
    assert [desk.venue_phase(each) for each in ("p1a1", "m1a1", "k1b1")] == ["canceled", "canceled", "open"]


@pytest.mark.covers("TC-CB-009", "TC-CB-010")
def test_the_shell_is_told_first_which_breaker_tripped_and_which_code_is_asked_for():
    desk = resting(VIX)
    before = len(desk.records)

    desk.tell(MetricReported("vix", 40))

    told = desk.records[before : before + 2]
    assert told == [Alert("vix#1", "BREAKER_TRIPPED"), StartTimer("vix#1", 600_000_000_000)]


# ---- TC-CB-010, 011: alerts and the log ------------------------------------------------------------------


def whole_life(desk: Desk) -> Desk:
    """A breaker warns, trips, cools down, is on probation, trips again, and is armed in the end."""
    desk.tell(MetricReported("vix", 32), MetricReported("vix", 40), MetricReported("vix", 0))
    desk.fires("cooldown:vix#1").fires("probation:vix#1")
    desk.tell(MetricReported("vix", 40), MetricReported("vix", 0)).fires("cooldown:vix#2")
    for _ in range(3):
        desk.fires("probation:vix#2")
    return desk


STEPS = replace(VIX, probation=10, **COME_BACK)
LIFE = [
    ("BREAKER_WARNING", "vix#8000"),
    ("BREAKER_TRIPPED", "vix#1"),
    ("BREAKER_PROBATION", "vix#2500"),
    ("BREAKER_PROBATION", "vix#5000"),
    ("BREAKER_TRIPPED", "vix#2"),
    ("BREAKER_PROBATION", "vix#2500"),
    ("BREAKER_PROBATION", "vix#5000"),
    ("BREAKER_PROBATION", "vix#7500"),
    ("BREAKER_ARMED", "vix#10000"),
]


@pytest.mark.covers("TC-CB-010")
def test_each_turn_in_the_life_of_a_breaker_raises_one_alert_of_its_own():
    assert whole_life(resting(STEPS)).alerts == LIFE


@pytest.mark.covers("TC-CB-011")
def test_the_stored_events_alone_tell_every_trip_again(monkeypatch: pytest.MonkeyPatch):
    stored, step = [], engine.step

    def storing(state, event):
        stored.append(event)
        return step(state, event)

    monkeypatch.setattr(engine, "step", storing)
    desk = whole_life(resting(STEPS))
    monkeypatch.undo()

    state, alerts = desk.engine.initial(desk.scope), []
    for event in stored:
        state, commands = engine.step(state, event)
        alerts += [each.subject for each in commands if getattr(each, "kind", "").startswith("BREAKER")]

    assert state == desk.state
    assert [f"{name}#{number}" for name, number in alerts] == [subject for _, subject in LIFE]


# ---- TC-CB-012: settings -----------------------------------------------------------------------------------


@pytest.mark.covers("TC-CB-012")
def test_a_tighter_breaker_trips_at_once_and_takes_entries_back():
    desk = resting(VIX).tell(MetricReported("vix", 20))
    manual = desk.state.settings.breakers[0]

    desk.tell(SettingsChanged(replace(desk.state.settings, breakers=(manual, replace(VIX, threshold=20)))))

    assert (desk.halted, desk.cancels) == (["vix"], ["p1a1"])


@pytest.mark.covers("TC-CB-012")
def test_no_setting_takes_a_tripped_breaker_away():
    desk = resting(VIX).tell(MetricReported("vix", 40))
    settings = desk.state.settings

    desk.tell(SettingsChanged(replace(settings, breakers=settings.breakers[:1])))
    desk.tell(SettingsChanged(replace(settings, breakers=(settings.breakers[0], replace(VIX, threshold=99)))))

    assert desk.halted == ["vix"]
    assert desk.refusal(1) == "HALTED"


# ---- TC-CB-013, 014: back to normal --------------------------------------------------------------------


@pytest.mark.covers("TC-CB-013")
def test_after_the_cooldown_in_a_calm_market_trading_goes_on_by_itself():
    desk = resting(replace(SPIKE, **COME_BACK)).price("CCC", 40_000)

    desk.fires("cooldown:volatility#1")
    wild = desk.halted
    for _ in range(4):
        desk.price("CCC", 10_000).price("CCC", -10_000)
    desk.fires("cooldown:volatility#1")

    assert wild == ["volatility"]
    assert desk.halted == []
    assert "volatility#1" not in desk.timers
    assert desk.traded(1).outcomes["m1"] == "hedged"


@pytest.mark.covers("TC-CB-014")
def test_a_person_resets_it_with_the_code_of_that_trip_and_with_no_other():
    desk = holding(DAILY_LOSS, VIX).price("AAA", FIFTH_DOWN).price("AAA", 250_000)

    for name, link in (("daily_loss", 0), ("daily_loss", 2), ("vix", 1)):
        desk.tell(BreakerResetRequested("daily_loss", chain(name)[link]))
        assert desk.halted == ["daily_loss"]
    desk.reset("daily_loss")

    assert desk.halted == []
    assert desk.refusal(1) is None


# ---- TC-CB-015 to 017: after the reset -----------------------------------------------------------------


@pytest.mark.covers("TC-CB-015")
def test_limits_come_back_by_quarters_and_bind_at_each_step():
    sizes = (501, 500, 1_001, 1_000, 1_501, 1_500, 2_001, 2_000)
    pairs = [pair(f"{name}1", size) for name, size in zip("abcdefgh", sizes, strict=True)]
    asked = []
    for step in range(4):
        desk = Desk(scope(*pairs, bounds=replace(FREE, position_bps=2_000)), replace(VIX, probation=10))
        desk.tell(MetricReported("vix", 40), MetricReported("vix", 0)).reset("vix")
        for _ in range(step):
            desk.fires("probation:vix#1")
        asked += [desk.refusal(2 * step), desk.refusal(2 * step + 1)]
    assert asked == ["POSITION_CAP", None] * 4


@pytest.mark.covers("TC-CB-016")
def test_after_the_reset_an_order_goes_its_normal_way_and_the_books_agree():
    desk = resting(VIX).fill("p1a1", 600).hear("p1a1", "Filled").tell(MetricReported("vix", 40))
    desk.ask_about("p1a1").fill("p1b1", 600).hear_all().tell(MetricReported("vix", 0))

    desk.reset("vix").traded(1).finish()

    assert desk.outcomes == {"p1": "hedged", "m1": "hedged"}
    assert desk.believed().lots == {"AAA": 600, "BBB": -600, "CCC": 100, "DDD": -100}


@pytest.mark.covers("TC-CB-017", "TI-17")
def test_health_says_what_is_wrong_and_that_it_is_well_again():
    desk = holding(DAILY_LOSS, VIX)

    before = engine.health(desk.state)
    down = engine.health(desk.price("AAA", FIFTH_DOWN).state)
    after = engine.health(desk.price("AAA", 250_000).reset("daily_loss").state)

    tripped = [(each.name, each.asks_for) for each in down.breakers if each.phase == "tripped"]
    assert (before.is_well, down.is_well, tripped) == (True, False, [("daily_loss", 1)])
    assert before == after
