"""Replacements on the wire, session days, and messages about somebody else's order."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import faults, tape, venue
from hedgecheck.explore import scopes
from hedgecheck.messages import (
    Accepted,
    Arrived,
    Canceled,
    CapitalAssigned,
    CreateOrder,
    EntryChange,
    Expired,
    Filled,
    Lost,
    NewDay,
    OutcomeUnknown,
    Overheard,
    Price,
    Rebalance,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Sent,
)
from hedgecheck.venue import Market
from hedgecheck.world import Universe
from tests.unit.kit.worlds import (
    ACCEPTED,
    CANCELING,
    INTENTS,
    ORDER,
    PRICED,
    RECEIVE,
    REPLACEMENT,
    REPLACING,
    SIGNAL,
    STRANGER,
    WORKING,
    Actions,
    Amends,
    after,
    core,
    strike,
    told,
    universe,
)

LIMITED = replace(ORDER, price=100)
REPLACED = (*REPLACING, RECEIVE)


def amending(**changes: Any) -> Universe:
    """A world whose engine replaces its limit order when a person halts trading."""
    return universe(engine=Amends(LIMITED), **changes)


# ---- replacements on the wire ----------------------------------------------------------------------------


def test_replacement_leaves_as_a_request_and_the_venue_makes_it() -> None:
    world, received, records = strike(amending(), REPLACING, RECEIVE)

    assert world.outbound == (REPLACEMENT,)
    assert records == [Arrived(REPLACEMENT), Replaced("X", 6)]
    assert received.inbound == (Replaced("X", 6),)
    assert venue.find(received.venue, "X").request == replace(LIMITED, amount=6)


def test_lost_replacement_never_reaches_the_venue_and_its_outcome_is_unknown() -> None:
    world, struck, records = strike(amending(), REPLACING, tape.LoseRequest())

    assert records[:2] == [Lost(REPLACEMENT), OutcomeUnknown("X", "replace")]
    assert struck.venue == world.venue
    assert told(struck)[-1] == OutcomeUnknown("X", "replace")


@pytest.mark.parametrize(
    ("before", "kind"),
    [((), "Replaced"), ((tape.Fill("X", 10),), "ReplaceRefused")],
    ids=["taken", "refused"],
)
def test_lost_answer_to_a_replacement_leaves_its_outcome_unknown(before: Actions, kind: str) -> None:
    world, struck, records = strike(amending(), (*REPLACING, *before, RECEIVE), tape.LoseReply("X", kind))

    assert records[0] == OutcomeUnknown("X", "replace")
    assert struck.venue == world.venue
    assert kind not in [type(each).__name__ for each in struck.inbound]


def test_replacement_that_left_reaches_the_venue_over_a_crash() -> None:
    _, up, _ = strike(amending(), REPLACING, tape.Restart())

    assert up.outbound == (REPLACEMENT,)


def test_answer_to_a_replacement_comes_once() -> None:
    setting = amending()
    world = after(setting, *REPLACED)

    assert setting.adverse(world, faults.duplicated) == []
    assert setting.adverse(world, faults.event_dropped) == []
    assert tape.LoseReply("X", "Replaced") in setting.adverse(world, faults.response_lost)


@pytest.mark.parametrize(
    ("lots", "answer"),
    [
        (4, Replaced("X", 6)),
        (6, Replaced("X", 6)),
        (9, Replaced("X", 9)),
        (10, ReplaceRefused("X", "TOO_LATE")),
    ],
)
def test_replacement_that_crosses_a_fill_is_answered_before_it_is_told(lots: int, answer: Any) -> None:
    world, crossed, records = strike(amending(), REPLACING, tape.CrossReplace(lots))
    fill = Filled("X", "X.1", "AAA", "buy", lots, 100)

    assert records == [Arrived(REPLACEMENT), answer, fill]
    assert (crossed.inbound, crossed.outbound) == ((answer, fill), ())
    assert venue.position_of(crossed.venue, "AAA") == venue.position_of(world.venue, "AAA") + lots


@pytest.mark.parametrize(
    "before", [REPLACING, ACCEPTED, ()], ids=["other-amount", "no-replacement", "nothing"]
)
def test_crossing_that_cannot_be_changes_nothing(before: Actions) -> None:
    setting = amending()
    world = after(setting, *before)

    assert setting.apply(world, tape.CrossReplace(11)) == (world, ())
    assert setting.apply(world, tape.CrossReplace(0)) == (world, ())


REACHED = [
    (replace(ORDER, stop_price=110), 110),
    (replace(ORDER, stop_price=110, price=115), 110),
    (replace(ORDER, price=90), 90),
    (replace(ORDER, side="sell", price=120), 120),
]


@pytest.mark.parametrize(("order", "price"), REACHED, ids=["stop", "stop-limit", "bid", "ask"])
def test_market_comes_to_an_order_that_it_has_not_reached_and_fills_it(
    order: CreateOrder, price: int
) -> None:
    setting = universe(engine=Amends(order))
    world, crossed, records = strike(setting, REPLACING, tape.CrossReplace(4))
    fill = Filled("X", "X.1", "AAA", order.side, 4, price)

    if order.price is None:  # at market what is left then goes, and there is nothing to replace
        answers: tuple[Any, ...] = (ReplaceRefused("X", "TOO_LATE"), fill, Expired("X", 4))
    else:
        answers = (Replaced("X", 6), fill)
    assert records == [Price("AAA", price), Arrived(REPLACEMENT), *answers]
    assert crossed.inbound == (Price("AAA", price), *answers)
    offered = tuple(map(tape.CrossReplace, (1, 4, 5, 6, 9, 10)))
    assert tuple(setting.adverse(world, faults.fill_during_modify)) == offered


@pytest.mark.parametrize("order", [ORDER, LIMITED], ids=["market", "limit"])
def test_market_stays_where_it_is_for_an_order_that_trades_there(order: CreateOrder) -> None:
    _, crossed, records = strike(universe(engine=Amends(order)), REPLACING, tape.CrossReplace(4))

    assert not [each for each in records if isinstance(each, Price)]
    assert venue.price_of(crossed.venue, "AAA") == 100


def test_replacement_of_an_order_that_never_arrived_crosses_nothing() -> None:
    setting = amending()
    world = after(setting, tape.Signal(0), tape.LoseRequest(), tape.Halt())
    world = replace(world, outbound=world.outbound[-1:])

    assert world.outbound == (REPLACEMENT,)
    assert setting.adverse(world, faults.fill_during_modify) == []
    assert setting.apply(world, tape.CrossReplace(1)) == (world, ())


@pytest.mark.parametrize("action", [tape.CrossReplace(1), tape.CrossCancel(1)])
def test_crossing_takes_one_request_and_needs_one(action: tape.Action) -> None:
    setting = amending()
    asked = REPLACING if isinstance(action, tape.CrossReplace) else CANCELING
    world = after(setting, *asked)
    world = replace(world, outbound=(*world.outbound, *world.outbound))

    crossed, _ = setting.apply(world, action)

    assert crossed.outbound == world.outbound[1:]
    assert setting.apply(setting.initial(), action) == (setting.initial(), ())


# ---- session days ----------------------------------------------------------------------------------------


def test_day_begins_with_the_next_number_and_costs_no_fault() -> None:
    world, rolled, records = strike(universe(), (tape.Roll(),), tape.Roll())

    assert records == [NewDay(2)]
    assert told(rolled) == (NewDay(1), NewDay(2))
    assert replace(rolled, engine=world.engine, day=1, days_left=1) == world


def test_days_begin_so_often_as_the_scope_says() -> None:
    setting = universe(days=1)
    rolled = after(setting, tape.Roll())

    assert (setting.rolls(setting.initial()), setting.rolls(rolled)) == ([tape.Roll()], [])
    assert tape.Roll() in setting.enabled(setting.initial())
    assert setting.apply(rolled, tape.Roll()) == (rolled, ())
    assert setting.adverse(rolled, faults.clock_skew) == []
    assert setting.apply(rolled, tape.Skew(0)) == (rolled, ())


@pytest.mark.parametrize(("days", "told_day", "next_day"), [(0, 1, 2), (-1, 0, 1), (2, 3, 4)])
def test_wrong_clock_tells_its_own_day_and_goes_on_from_there(
    days: int, told_day: int, next_day: int
) -> None:
    world, skewed, records = strike(universe(days=3), (tape.Roll(),), tape.Skew(days))

    assert records == [NewDay(told_day)]
    assert skewed.days_left == world.days_left - 1 == 1
    assert told(after(universe(days=3), tape.Roll(), tape.Skew(days), tape.Roll()))[-1] == NewDay(next_day)


def test_wrong_clock_may_take_the_last_day() -> None:
    setting = universe(days=1)
    world, records = setting.apply(setting.initial(), tape.Skew(2))

    assert tape.Skew(2) in setting.adverse(setting.initial(), faults.clock_skew)
    assert (records[-1], world.days_left) == (NewDay(2), 0)


@pytest.mark.parametrize("days", [1, 3, -2])
def test_clock_is_wrong_in_three_ways_alone(days: int) -> None:
    setting = universe()
    world = setting.initial()

    assert setting.apply(world, tape.Skew(days)) == (world, ())


def test_day_is_kept_over_a_crash_and_over_what_the_engine_does() -> None:
    world = after(universe(), tape.Roll(), *ACCEPTED, tape.Restart())

    assert (world.day, world.days_left) == (1, 1)


def test_core_takes_a_day_that_begins_and_reports_one_that_does_not() -> None:
    setting = core()
    world, records = setting.apply(after(setting, tape.Roll()), tape.Skew(0))

    assert [getattr(each, "reason", None) for each in records[2:]] == ["INVALID_VALUE"]
    assert setting.engine.belief(world.engine) == setting.engine.belief(after(setting, tape.Roll()).engine)


# ---- capital that moves ----------------------------------------------------------------------------------

OWNED = replace(universe().scope.bounds, budgets=(("m", 3_000), ("p", 5_000), ("q", 1_000)))
SHARES = tuple(tape.Rebalance(name, bps) for name in "mpq" for bps in (0, 5_000, 10_000))


def owned(**more: Any) -> Universe:
    """A world in which capital may be shared anew."""
    return universe(**{"bounds": OWNED, "rebalances": 2, **more})


@pytest.mark.parametrize(
    ("action", "shares"),
    [
        (tape.Rebalance("m", 0), (0, 5_000, 5_000)),
        (tape.Rebalance("p", 5_000), (2_500, 5_000, 2_500)),
        (tape.Rebalance("q", 10_000), (0, 0, 10_000)),
    ],
)
def test_capital_is_shared_anew_between_all_strategies(
    action: tape.Rebalance, shares: tuple[int, ...]
) -> None:
    asked = Rebalance(tuple(zip("mpq", shares, strict=True)))

    world, shared, records = strike(owned(), WORKING, action)

    assert records == [asked]
    assert told(shared) == (*told(world), asked)
    assert replace(shared, engine=world.engine, rebalances_left=2) == world


def test_capital_is_shared_so_often_as_the_scope_says_and_only_where_there_is_any() -> None:
    setting = owned(rebalances=1)
    world, shared = setting.initial(), after(setting, SHARES[0])

    assert (tuple(setting.rebalances(world)), setting.rebalances(shared)) == (SHARES, [])
    assert set(SHARES) < set(setting.enabled(world))
    assert setting.apply(shared, SHARES[1]) == (shared, ())
    assert setting.apply(world, tape.Rebalance("m", 1)) == (world, ())
    assert setting.apply(world, tape.Rebalance("z", 0)) == (world, ())
    assert universe(rebalances=1).rebalances(universe(rebalances=1).initial()) == []
    assert setting.rebalances(replace(world, crashed=True)) == []


def test_one_strategy_has_its_share_and_the_rest_is_in_reserve() -> None:
    alone = owned(bounds=replace(OWNED, budgets=(("p", 1_000),)))

    _, _, records = strike(alone, (), tape.Rebalance("p", 5_000))

    assert records == [Rebalance((("p", 5_000),))]


def test_core_says_what_each_strategy_has_got_and_has() -> None:
    setting = core(bounds=OWNED, rebalances=1)

    world, records = setting.apply(setting.initial(), tape.Rebalance("p", 10_000))

    assert records[1:] == (
        CapitalAssigned("", -100_000),
        CapitalAssigned("m", -300_000),
        CapitalAssigned("p", 500_000),
        CapitalAssigned("q", -100_000),
    )
    assert setting.engine.belief(world.engine).accounts == (("", 0), ("m", 0), ("p", 1_000_000), ("q", 0))
    assert core().engine.belief(core().initial().engine).accounts is None


# ---- a strategy that changes its mind --------------------------------------------------------------------

LIMITED_INTENT = replace(INTENTS[0], price_a=100)
CHANGES = (tape.ChangeEntry(0, -20_000), tape.ChangeEntry(0, 20_000))


def changing(order: CreateOrder = LIMITED, **more: Any) -> Universe:
    """A world in which the strategy may change an entry twice."""
    return universe(engine=Amends(order), **{"intents": (LIMITED_INTENT,), "changes": 2, **more})


@pytest.mark.parametrize(("action", "price"), [*zip(CHANGES, (98, 102), strict=True)])
def test_strategy_wants_its_entry_off_the_limit_it_named(action: tape.ChangeEntry, price: int) -> None:
    world, changed, records = strike(changing(), WORKING, action)

    assert records == [EntryChange("p1", price)]
    assert told(changed) == (*told(world), EntryChange("p1", price))
    assert replace(changed, engine=world.engine, changes_left=2) == world


def test_strategy_changes_its_mind_so_often_as_the_scope_says() -> None:
    setting = changing(changes=1)
    world = after(setting, *WORKING)
    changed = after(setting, *WORKING, CHANGES[0])

    assert (tuple(setting.changes(world)), setting.changes(changed)) == (CHANGES, [])
    assert set(CHANGES) < set(setting.enabled(world))
    assert setting.apply(changed, CHANGES[1]) == (changed, ())


@pytest.mark.parametrize(
    ("setting", "before"),
    [
        (changing(), (SIGNAL,)),
        (changing(), (*WORKING, tape.Fill("X", 10))),
        (changing(replace(LIMITED, reduce_only=True)), ()),
        (changing(ORDER), WORKING),
        (changing(replace(LIMITED, intent="p2")), WORKING),
        (changing(intents=INTENTS), WORKING),
    ],
    ids=["on-its-way", "filled", "exit", "at-market", "of-another", "no-limit-named"],
)
def test_only_an_entry_that_rests_at_a_limit_is_changed(setting: Universe, before: Actions) -> None:
    world = after(setting, *before)

    assert setting.changes(world) == []
    assert setting.apply(world, CHANGES[0]) == (world, ())


@pytest.mark.parametrize("action", [tape.ChangeEntry(0, 10_000), tape.ChangeEntry(1, 20_000)])
def test_change_by_another_step_or_of_another_intent_is_none(action: tape.ChangeEntry) -> None:
    world = after(changing(), *WORKING)

    assert changing().apply(world, action) == (world, ())


@pytest.mark.parametrize(("tick", "price"), [(1, 98), (5, 95), (100, 100)])
def test_limit_that_is_wanted_is_on_the_tick(tick: int, price: int) -> None:
    house = replace(universe().scope.house, markets=(Market("AAA", tick), Market("BBB"), Market("CCC")))
    _, _, records = strike(changing(house=house), WORKING, CHANGES[0])

    assert records == [EntryChange("p1", price)]


def test_core_replaces_its_entry_and_keeps_it_for_the_same_amount() -> None:
    setting = core(intents=(LIMITED_INTENT,), changes=2)
    world = after(setting, SIGNAL, RECEIVE, tape.Deliver("p1a1", "Accepted"))

    changed, records = setting.apply(world, CHANGES[0])

    assert records == (EntryChange("p1", 98), *records[1:])
    assert Sent(ReplaceOrder("p1a1", 10, 98)) in records
    assert after(setting, SIGNAL, RECEIVE, tape.Deliver("p1a1", "Accepted"), CHANGES[0]) == changed


# ---- somebody else's order -------------------------------------------------------------------------------

STRAYS = {
    "Accepted": Accepted(STRANGER),
    "Filled": Filled(STRANGER, f"{STRANGER}.1", "AAA", "buy", 1, 100),
    "Canceled": Canceled(STRANGER, 0),
}


@pytest.mark.parametrize(("kind", "report"), STRAYS.items(), ids=STRAYS)
def test_engine_hears_of_a_strangers_order_at_once_and_the_venue_does_nothing(kind: str, report: Any) -> None:
    world, struck, records = strike(universe(), ACCEPTED, tape.Crosstalk(STRANGER, kind))

    assert records == [Overheard(report)]
    assert told(struck) == (*told(world), report)
    assert replace(struck, engine=world.engine, faults_left=world.faults_left) == world


def test_strangers_fill_is_of_one_lot_of_the_first_market_at_its_price() -> None:
    house = replace(universe().scope.house, markets=(Market("AAA", lot=5), Market("BBB"), Market("CCC")))
    _, _, records = strike(
        universe(house=house), (tape.Move("AAA", 10_000),), tape.Crosstalk(STRANGER, "Filled")
    )

    assert records == [Overheard(Filled(STRANGER, f"{STRANGER}.1", "AAA", "buy", 5, 101))]


@pytest.mark.parametrize("stray", [tape.Crosstalk("X", "Filled"), tape.Crosstalk(STRANGER, "Status")])
def test_only_strangers_are_overheard_and_only_so(stray: tape.Crosstalk) -> None:
    setting = universe()
    world = after(setting, *ACCEPTED)

    assert setting.apply(world, stray) == (world, ())


def test_scope_without_strangers_has_no_crosstalk() -> None:
    setting = universe(strangers=())

    assert setting.adverse(setting.initial(), faults.crosstalk) == []


@pytest.mark.parametrize("kind", STRAYS)
def test_core_books_nothing_of_a_strangers_order_and_says_so(kind: str) -> None:
    setting = core()
    world = setting.initial()

    struck, records = setting.apply(world, tape.Crosstalk(STRANGER, kind))

    assert [getattr(each, "reason", None) for each in records[2:]] == ["UNKNOWN_ORDER"]
    assert not [each for each in records if isinstance(each, Sent)]
    assert struck.engine == world.engine


# ---- scopes that are drawn -------------------------------------------------------------------------------


def test_drawn_scopes_have_days_and_strangers_now_and_then() -> None:
    drawn = [scopes.draw(seed) for seed in range(1, 200)]

    assert {scope.days for scope in drawn} == {0, 1, 2}
    assert {scope.strangers for scope in drawn} == {(), (STRANGER,)}
    assert {scope.changes for scope in drawn} == {0, 2, 5, 9}
    for kind in (faults.fill_during_modify, faults.clock_skew, faults.crosstalk):
        assert 0 < sum(kind in scope.faults for scope in drawn) < len(drawn)


OLDER = ("margin", 12_000_000, 1, 2, 1)
OLDER_KINDS = "F01 F02 F03 F04 F05 F07 F08 F10 F12 F13 F14 F18 F24"


def test_scope_of_an_older_seed_keeps_what_it_had() -> None:
    scope = scopes.draw(61_412)
    older = [kind.id for kind in scope.faults if kind.id not in ("F09", "F16", "F22")]

    kept = (scope.house.account, scope.cash, scope.max_faults, scope.max_crashes, scope.halts)
    assert kept == OLDER
    assert " ".join(older) == OLDER_KINDS


@pytest.mark.parametrize(
    "before",
    [ACCEPTED, (*WORKING, tape.Fill("X", 4)), CANCELING, (*ACCEPTED, tape.Delay("X", "Accepted"))],
    ids=["not-yet-heard-of", "a-fill-in-flight", "a-cancel-in-flight", "heard-of-late"],
)
def test_entry_of_which_something_is_in_flight_is_not_changed(before: Actions) -> None:
    assert changing().changes(after(changing(), *before)) == []


def test_price_in_flight_keeps_no_entry_from_being_changed() -> None:
    assert tuple(changing().changes(after(changing(), *WORKING, *PRICED))) == CHANGES
