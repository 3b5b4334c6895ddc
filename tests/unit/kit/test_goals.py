"""Each goal is reached by its smallest list of records, and by no list that only almost does."""

import pytest

from hedgecheck.explore.goals import GOALS, Story
from hedgecheck.messages import (
    Accepted,
    BadPrice,
    Canceled,
    CancelOrder,
    CancelRefused,
    CapitalAssigned,
    Exit,
    Filled,
    Halt,
    NewDay,
    OutcomeUnknown,
    Price,
    Rebalance,
    Record,
    Restarted,
    Sent,
    TimerFired,
    Told,
    TradingHalted,
    TradingResumed,
)
from tests.unit.kit.traces import (
    Records,
    alert,
    buy,
    fill,
    heard,
    leaving,
    returned,
    sell,
    signaled,
    status,
)

GIVEN, ENTRY = signaled(), Sent(buy())
HEDGE, AGAIN = Sent(sell("Y", symbol="BBB")), Sent(sell("Z", symbol="BBB"))
EXIT = Sent(leaving())
BOUGHT = (GIVEN, ENTRY, fill(buy()))
OTHER = Sent(buy("Q", of="p2"))
UNKNOWN = OutcomeUnknown("X", "create")
UP, HALT, PRICE = Restarted(), Halt(), Told(Price("AAA", 90))
TRIPPED = alert("daily_loss", "BREAKER_TRIPPED")
ACK, GONE = Told(Accepted("X")), Told(Canceled("X", 0))
RESTS, CANCEL = (GIVEN, ENTRY, Accepted("X")), Sent(CancelOrder("X"))
STOPPED, RESUMED = TradingHalted(("AAA",)), TradingResumed(("AAA",))
OWED, MOVED = alert("m#5", "REBALANCING_OWED"), CapitalAssigned("p", 5)
WISH = Exit("p1")
COVER = leaving("F", symbol="BBB", side="buy")
OUT_A, OUT_B = (EXIT, fill(leaving())), (Sent(COVER), fill(COVER))


def ended(reason: str, name: str = "p1") -> Record:
    return returned(name, reason == "hedged", reason)


Case = tuple[Records, tuple[Records, ...]]  # what reaches the goal, and what almost does

CASES: dict[str, Case] = {
    "G01": ((ended("hedged"),), ((ended("flattened"),), (fill(buy()), fill(sell("Y", symbol="BBB"))))),
    "G02": (
        (ENTRY, status("not_found"), ended("unfilled")),
        (
            (ENTRY, status("not_found")),
            (ENTRY, status("not_found"), status("found"), ended("unfilled")),
            (ENTRY, status("empty"), ended("unfilled")),
            (status("not_found"), ended("unfilled")),
        ),
    ),
    "G03": (
        (ENTRY, UNKNOWN, status("found")),
        ((ENTRY, UNKNOWN, status("not_found")), (ENTRY, status("found")), (UNKNOWN, status("found"))),
    ),
    "G04": (
        (heard(buy()), ACK),
        ((ACK, heard(buy())), (heard(buy()), Told(Accepted("Y"))), (fill(buy()), ACK)),
    ),
    "G05": ((GONE, heard(buy())), ((heard(buy()), GONE), (Canceled("X", 0), fill(buy())))),
    "G06": (
        (fill(buy()), CancelRefused("X", "TOO_LATE")),
        ((CancelRefused("X", "UNKNOWN_ORDER"), fill(buy())), (fill(buy()), CancelRefused("Y", "TOO_LATE"))),
    ),
    "G07": (
        (fill(buy(), 4), fill(buy(), 6, "X.2")),
        ((fill(buy(), 4), fill(buy("Y"), 6)), (fill(buy(), 4), heard(buy(), amount=4))),
    ),
    "G08": (
        (GIVEN, EXIT, ended("flattened")),
        ((GIVEN, ended("flattened")), (GIVEN, EXIT, ended("parked")), (EXIT, ended("flattened"))),
    ),
    "G09": ((GIVEN, HEDGE, AGAIN), ((GIVEN, HEDGE, HEDGE), (GIVEN, HEDGE, EXIT), (HEDGE, AGAIN))),
    "G10": (
        (GIVEN, ENTRY, Sent(buy("Z"))),
        ((GIVEN, ENTRY, Sent(buy("Z", of="p2"))), (GIVEN, signaled("p2"), ENTRY, Sent(buy("Z", of="p2")))),
    ),
    "G11": (
        (GIVEN, EXIT, Sent(leaving("F"))),
        ((GIVEN, EXIT, Sent(leaving("F", symbol="BBB"))), (GIVEN, EXIT, HEDGE)),
    ),
    "G12": ((alert(reason="TRADE_PARKED"),), ((alert(reason="PARKED"),), (ended("TRADE_PARKED"),))),
    "G13": ((alert(reason="ORDER_UNRESOLVED"),), ((alert(reason="TRADE_PARKED"),),)),
    "G14": (
        (*BOUGHT, HALT),
        ((GIVEN, ENTRY, HALT, fill(buy()), HEDGE), (*BOUGHT, HEDGE, HALT), (*BOUGHT, alert(), HEDGE)),
    ),
    "G15": ((ended("HALTED"),), ((HALT, ended("unfilled")),)),
    "G16": ((ENTRY, UP), ((UP, ENTRY), (ENTRY, GONE, UP), (ENTRY,))),
    "G17": (
        (UP, fill(buy())),
        ((ENTRY, fill(buy()), UP), (UP, ENTRY, fill(buy())), (ENTRY, UP, heard(buy()))),
    ),
    "G18": ((ended("RECOVERING"),), ((UP, ended("HALTED")),)),
    "G19": ((ended("DUPLICATE_SIGNAL"),), ((GIVEN, GIVEN),)),
    "G20": ((ended("KEY_BUSY"),), ((GIVEN, signaled("p2"), ended("DUPLICATE_SIGNAL", "p2")),)),
    "G21": (
        (Told(BadPrice("AAA", "nan")), ended("PRICE_UNUSABLE")),
        ((ended("PRICE_UNUSABLE"),), (BadPrice("AAA", "nan"), ended("PRICE_UNUSABLE"))),
    ),
    "G22": (
        (ENTRY, OTHER),
        ((ENTRY, ended("unfilled"), OTHER), (ENTRY, Sent(buy("Z"))), (ENTRY, Sent(buy("Z", of=None)))),
    ),
    "G23": (
        (*BOUGHT, PRICE),
        ((GIVEN, ENTRY, PRICE, fill(buy()), HEDGE), (*BOUGHT, HEDGE, PRICE), (*BOUGHT, Price("AAA", 90))),
    ),
    "G24": (
        (*RESTS, STOPPED, CANCEL),
        (
            (*RESTS, STOPPED, TimerFired("X/timeout"), CANCEL),
            (*RESTS, CANCEL, STOPPED, CANCEL),
            (*RESTS, NewDay(2), CANCEL),
            (*RESTS, RESUMED, CANCEL),
            (GIVEN, ENTRY, STOPPED, Accepted("X"), CANCEL),
            (GIVEN, EXIT, Accepted("E"), STOPPED, Sent(CancelOrder("E"))),
        ),
    ),
    "G25": (
        (GIVEN, STOPPED, RESUMED, EXIT),
        (
            (GIVEN, STOPPED, RESUMED, PRICE, EXIT),
            (GIVEN, STOPPED, EXIT, RESUMED),
            (GIVEN, STOPPED, RESUMED, ENTRY),
            (GIVEN, STOPPED, TradingResumed(("BBB",)), EXIT),
            (GIVEN, TradingHalted(("CCC",)), TradingResumed(("CCC",)), EXIT),
            (GIVEN, NewDay(1, "closed"), NewDay(2, "pre_market"), EXIT),
        ),
    ),
    "G26": ((ended("SESSION_CLOSED"),), ((NewDay(1, "closed"), ended("HALTED")),)),
    "G27": (
        (GIVEN, ENTRY, OWED, ended("unfilled"), MOVED),
        (
            (GIVEN, ENTRY, OWED, GONE, ended("unfilled"), PRICE, MOVED),
            (GIVEN, ENTRY, GONE, ended("unfilled"), MOVED, OWED),
            (GIVEN, OWED, ended("HALTED"), MOVED, ENTRY),
            (GIVEN, ENTRY, Rebalance((("p", 5),)), MOVED, OWED, GONE, ended("unfilled")),
        ),
    ),
    "G28": (
        (GIVEN, ended("hedged"), WISH, *OUT_A, *OUT_B),
        (
            (GIVEN, WISH, ended("hedged"), *OUT_A, *OUT_B),
            (GIVEN, ended("flattened"), WISH, *OUT_A, *OUT_B),
            (GIVEN, ended("hedged"), *OUT_A, WISH, *OUT_B),
            (GIVEN, ended("hedged"), EXIT, WISH, fill(leaving()), *OUT_B),
            (GIVEN, ended("hedged"), Exit("p2"), *OUT_A, *OUT_B),
            (GIVEN, ended("hedged"), WISH, *OUT_A, Sent(COVER)),
            (GIVEN, ended("hedged"), WISH, *BOUGHT, HEDGE, fill(sell("Y", symbol="BBB"))),
        ),
    ),
}
ALMOST = [
    pytest.param(goal, records, id=f"{goal}-{index}")
    for goal, (_, almost) in CASES.items()
    for index, records in enumerate(almost)
]


def reached(records: Records) -> set[str]:
    story = Story(list(records))
    return {goal.id for goal in GOALS if goal.reached(story)}


def test_every_goal_has_its_cases_and_one_name() -> None:
    assert [goal.id for goal in GOALS] == list(CASES)
    assert len({goal.name for goal in GOALS}) == len(GOALS)


@pytest.mark.parametrize("goal", CASES)
def test_goal_is_reached_by_its_smallest_story(goal: str) -> None:
    assert goal in reached(CASES[goal][0])


@pytest.mark.parametrize("goal", CASES)
def test_goal_is_not_reached_where_any_one_record_is_missing(goal: str) -> None:
    records = CASES[goal][0]

    for index in range(len(records)):
        assert goal not in reached(records[:index] + records[index + 1 :]), index


@pytest.mark.parametrize(("goal", "records"), ALMOST)
def test_goal_is_not_reached_by_what_almost_does(goal: str, records: Records) -> None:
    assert goal not in reached(records)


def test_nothing_that_happened_reaches_nothing() -> None:
    assert reached(()) == set()


# ---- the same goal by another way --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goal", "records"),
    [
        ("G14", (*BOUGHT, TRIPPED, HEDGE)),
        ("G14", (*BOUGHT, HALT, HEDGE)),
        ("G16", (ENTRY, OTHER, GONE, UP)),
        ("G23", (*BOUGHT, PRICE, HEDGE)),
        ("G06", (fill(buy()), Told(fill(buy())), CancelRefused("X", "TOO_LATE"))),
        ("G17", (ENTRY, UP, UP, fill(buy()))),
        ("G24", (*RESTS, NewDay(1, "closing"), CANCEL)),
        ("G24", (*RESTS, TradingHalted(), CANCEL)),
        ("G25", (GIVEN, NewDay(1, "closed"), NewDay(2), EXIT)),
        ("G25", (GIVEN, TradingHalted(), TradingResumed(), HEDGE)),
        ("G27", (GIVEN, ENTRY, OWED, GONE, MOVED, ended("unfilled"))),
        ("G28", (signaled(amount_b=0), ended("hedged"), WISH, *OUT_A)),
    ],
    ids=[
        *("by-a-breaker", "hedged-later", "one-of-two", "hedged-then", "heard-between", "two-crashes"),
        *("as-the-close-comes", "all-halted", "the-next-day", "hedged-at-last", "moved-first", "one-leg"),
    ],
)
def test_goal_is_reached_by_another_way(goal: str, records: Records) -> None:
    assert goal in reached(records)


def test_order_filled_in_part_is_in_flight_over_a_crash() -> None:
    assert "G16" in reached((ENTRY, heard(buy(), amount=4), UP))


def test_fill_that_no_order_is_known_for_is_a_fill() -> None:
    assert reached((Filled("?", "?.1", "AAA", "buy", 1, 100),)) == set()
