"""The bundled core in the kit's words: names there and back, what it is told, what it says, what it holds."""

from typing import Any

import pytest

from core import messages as core
from hedgecheck import drive
from hedgecheck import messages as kit
from hedgecheck.explore import scopes
from hedgecheck.world import Universe

SIGNAL = core.SignalId("p", 1)
SLOTS: tuple[core.Slot, ...] = ("entry", "hedge", "flatten_a", "flatten_b", "stop_a", "stop_b")
NAMES = ("p1a2", "p1b2", "p1x2", "p1y2", "p1s2", "p1t2")

# ---- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slot", "name"), [*zip(SLOTS, NAMES, strict=True)])
def test_order_is_named_by_signal_slot_and_attempt(slot: core.Slot, name: str) -> None:
    order = core.OrderId(SIGNAL, slot, 2)

    assert drive.order_name(order) == name
    assert drive.order_of(name) == order


@pytest.mark.parametrize("name", ["web_1", "", "p1", "p1q1", "p1a", "a1", "p1a1~2", "x-12345"])
def test_name_that_is_none_of_ours_is_of_a_strategy_that_nobody_has(name: str) -> None:
    order = drive.order_of(name)

    assert order == core.OrderId(core.SignalId(name, 0), "entry", 1)


@pytest.mark.parametrize(
    ("timer", "name"),
    [
        (core.TimerId(SIGNAL, "grace"), "p1/grace"),
        (core.TimerId(SIGNAL, "linger"), "p1/linger"),
        (core.TimerId(SIGNAL, "query", core.OrderId(SIGNAL, "stop_a", 1)), "p1s1/query"),
        (core.TimerId(SIGNAL, "leg_timeout", core.OrderId(SIGNAL, "entry", 1)), "p1a1/timeout"),
    ],
)
def test_timer_is_named_by_what_it_is_about_and_what_for(timer: core.TimerId, name: str) -> None:
    assert drive.timer_name(timer) == name
    assert drive.timer_of(name) == timer


@pytest.mark.parametrize(
    "name",
    ["p1", *(f"p1{letter}2" for letter in "abxyst"), "p1a1/timeout", "p1t2/query", "p1/linger", "p1/grace"],
)
def test_orders_and_timers_of_a_trade_are_for_its_intent(name: str) -> None:
    assert drive.bundled_core().owner(name) == "p1"


@pytest.mark.parametrize(
    ("name", "intent"),
    [("p12b3", "p12"), ("pairs_x7s12/query", "pairs_x7"), ("q1/linger", "q1"), ("a1a1", "a1"), ("p0", "p0")],
)
def test_owner_is_the_whole_id_of_the_intent(name: str, intent: str) -> None:
    assert drive.bundled_core().owner(name) == intent


@pytest.mark.parametrize(
    "name",
    [
        *("manual#1", "daily_loss#12", "cooldown:daily_loss#1", "probation:drawdown#2", "rate"),
        *("", "p1q1", "p1a", "p1a1~2", "a"),
    ],
)
def test_what_is_of_a_breaker_or_of_nobody_is_for_no_intent(name: str) -> None:
    assert drive.bundled_core().owner(name) == ""


@pytest.mark.parametrize("name", ["web_1", "x-12345"])
def test_an_order_of_somebody_else_is_for_no_intent_that_there_is(name: str) -> None:
    intents = {each.id for each in scopes.plain().intents}

    assert drive.bundled_core().owner(name) not in intents


# ---- events ----------------------------------------------------------------------------------------------

STOP = core.OrderId(SIGNAL, "stop_a", 1)


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        (kit.Replaced("p1s1", 6), core.OrderReplaced(STOP, 6)),
        (kit.ReplaceRefused("p1s1", "TOO_LATE"), core.ReplaceRejected(STOP, "TOO_LATE")),
        (kit.OutcomeUnknown("p1s1", "replace"), core.RequestOutcomeUnknown(STOP, "replace")),
        (kit.EntryChange("p1", 98), core.EntryChangeRequested(SIGNAL, 98)),
        (kit.Exit("p1"), core.ExitRequested(SIGNAL)),
        (
            kit.Batch((kit.Intent("p1", "AAA", "buy", 2, "BBB", "sell", 3),)),
            core.SignalsReceived((core.SignalReceived(SIGNAL, "AAA", "buy", 2, "BBB", "sell", 3),)),
        ),
        (kit.CashFlow(-5), core.CashMoved(-5)),
        (kit.NewDay(3), core.SessionChanged(3)),
        (kit.NewDay(3, "closing"), core.SessionChanged(3, "closing")),
        (kit.TradingHalted(("AAA",)), core.TradingHalted(("AAA",))),
        (kit.TradingResumed(), core.TradingResumed()),
        (kit.Rebalance((("m", 1), ("p", 2))), core.RebalanceRequested((("m", 1), ("p", 2)))),
        (kit.BookShown("AAA", 4, 6, 2), core.LiquidityReported("AAA", 4, 6, 2)),
        (
            kit.BookShown("AAA", 0, 6, None, 5_000, 150),
            core.LiquidityReported("AAA", 0, 6, None, 5_000, 150),
        ),
        (kit.Status("p1s1", "found", "open", (), 6), core.OrderStatusReported(STOP, "found", "open", (), 6)),
        (kit.Status("p1s1", "found", "open"), core.OrderStatusReported(STOP, "found", "open", (), None)),
        (kit.Accepted("web_1"), core.OrderAccepted(drive.order_of("web_1"))),
    ],
)
def test_what_the_kit_tells_in_the_cores_words(told: Any, heard: core.Event) -> None:
    assert drive.event_of(told) == heard


# ---- commands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            core.SubmitOrder(STOP, "AAA", "sell", 10, None, True, 95),
            kit.CreateOrder("p1s1", "AAA", "sell", 10, None, True, False, "p1", False, 95),
        ),
        (
            core.SubmitOrder(STOP, "AAA", "sell", 10, 94, True),
            kit.CreateOrder("p1s1", "AAA", "sell", 10, 94, True, False, "p1", False, None),
        ),
        (core.AssignCapital("m", -5), kit.CapitalAssigned("m", -5)),
        (core.RaiseAlert("REBALANCING_OWED", ("m", 5)), kit.Alert("m#5", "REBALANCING_OWED")),
        (core.ReplaceOrder(STOP, 6, 94, 95), kit.ReplaceOrder("p1s1", 6, 94, 95)),
        (core.ReplaceOrder(STOP, 6, None), kit.ReplaceOrder("p1s1", 6, None, None)),
    ],
)
def test_what_the_core_commands_in_the_kits_words(command: core.Command, said: Any) -> None:
    assert drive.command_of(command) == said


# ---- belief ----------------------------------------------------------------------------------------------


def test_core_says_for_whom_it_holds_what() -> None:
    setting = Universe(scopes.plain(), drive.BundledCore())
    world = setting.initial()
    assert setting.engine.belief(world.engine).attributed == ()

    world, _ = setting.apply(world, next(iter(setting.ordinary(world))))
    while (action := setting.quiet(world)) is not None:
        world, _ = setting.apply(world, action)

    belief = setting.engine.belief(world.engine)
    assert belief.attributed == (("p1", "AAA", 10), ("p1", "BBB", -10))
    assert belief.positions == (("AAA", 10), ("BBB", -10))
