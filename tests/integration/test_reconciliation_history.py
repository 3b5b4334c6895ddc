"""The history of trades and the numbers made of it: each fill is booked once, and all tell the same.

A pair is ten AAA at 100 against twenty BBB at 50; cash is 1,000,000. Nobody is told of what a stranger does.
"""

import asyncio
from dataclasses import replace

import pytest

from core import engine
from core.messages import (
    BreakerTripRequested,
    OrderDoubted,
    PositionAdjusted,
    SettingsChanged,
)
from hedgecheck.live.reconciliation import Booked
from tests.integration.live.books import (
    ACTED,
    OPENING,
    Line,
    People,
    Scene,
    hedged,
    play,
    refusals,
    run,
    signal,
)
from tests.integration.live.scene import WaitingLog

# ---- TC-RC-005: the history of trades ----------------------------------------------------------------


@pytest.mark.covers("TC-RC-005")
def test_fill_of_a_trade_that_has_left_is_booked_once_from_the_history() -> None:
    """Its order was on its way until the venue had said thrice that there is none."""

    async def told(scene: Scene) -> None:
        scene.line.delays = True
        assert await scene.shell.trade(signal()) == "unfilled"
        await scene.rest(40)
        assert scene.state.trades == ()
        scene.line.arrive()

        outcome = await scene.reconcile()

        assert outcome.is_reconciled
        late = PositionAdjusted("AAA", 10, 100, "ENDED_TRADE", 1, trade_id="p1a1.1")
        assert scene.told(PositionAdjusted) == [late]
        assert scene.people.heard == []
        assert scene.halted() == []
        assert (await scene.reconcile()).rounds == 1
        assert scene.told(PositionAdjusted) == [late]
        scene.assert_belief_is_truth()

    play(told, lambda: Scene(Line(fee_bps=10)))


@pytest.mark.covers("TC-RC-005")
def test_several_at_once_book_a_late_fill_once() -> None:
    async def told(scene: Scene) -> None:
        scene.line.delays = True
        assert await scene.shell.trade(signal()) == "unfilled"
        await scene.rest(40)
        scene.line.arrive()

        await asyncio.gather(*[scene.reconcile() for _ in range(3)])

        assert len(scene.told(PositionAdjusted)) == 1
        scene.assert_belief_is_truth()

    play(told)


async def baseline(scene_of=Scene) -> None:
    """An order arrives and is filled while nobody is there: another shell begins over the same log."""
    line, log, people = Line(), WaitingLog(OPENING), People()
    first = Scene(line, log, people)
    await first.shell.start()
    await hedged(first)
    line.delays = True
    assert await first.shell.trade(signal(2)) == "unfilled"
    await first.rest(40)
    await first.shell.close()
    line.arrive()
    line.delays = False
    second = scene_of(line, log, people)
    await second.shell.start()
    second.assert_belief_is_truth()
    assert people.heard == []
    assert [each.trade_id for each in second.told(PositionAdjusted)] == ["p2a1.1"]
    await second.shell.close()


@pytest.mark.covers("TC-RC-005")
def test_what_was_filled_while_nobody_was_there_is_not_taken_for_booked() -> None:
    run(baseline)


def test_fills_that_were_booked_last_are_remembered() -> None:
    booked = Booked(trades_max=2)
    for number in range(4):
        adjusted = PositionAdjusted("AAA", 1, 5, "EXTERNAL_TRADE", trade_id=f"t{number}")
        booked.stepped(engine.initial(OPENING.settings, OPENING.cash), adjusted, ())

    assert booked.trades == ("t2", "t3")


@pytest.mark.covers("TC-RC-005")
def test_history_that_lacks_what_was_booked_is_old_and_asked_for_again() -> None:
    async def told(scene: Scene) -> None:
        await scene.shell.trade(signal())
        truth = scene.line.truth()
        stale = [truth.fills[:1], truth.fills[:1]]
        scene.line.shown = lambda account: replace(account, fills=stale.pop() if stale else account.fills)

        outcome = await scene.reconcile()

        assert (outcome.counts, outcome.rounds, outcome.is_reconciled) == ((("stale_report", 1),), 3, True)
        assert scene.told(*ACTED) == []

    play(told)


# ---- TC-RC-007: what is told of it -------------------------------------------------------------------


@pytest.mark.covers("TC-RC-007")
def test_what_a_reconciliation_says_it_found_is_what_it_did() -> None:
    async def told(scene: Scene) -> None:
        line = scene.line
        line.delays = True
        assert await scene.shell.trade(signal()) == "unfilled"
        await scene.rest(40)
        line.delays, line.trades = False, False
        scene.shell.tell(signal(2, limit=100))
        await scene.rest()
        line.arrive()
        line.silent = 1
        line.fill("p2a1", 4)
        line.stranger("CCC", "buy", 1, price=5)

        outcome = await scene.reconcile()

        counts = dict(outcome.counts)
        assert counts["late_fill"] == len({each.order for each in scene.told(OrderDoubted)}) == 1
        assert counts["ended_fill"] == len(scene.told(PositionAdjusted)) == 1
        assert counts["external_trade"] == len(scene.people.heard) == len(outcome.left) == 1
        assert outcome.rounds == len(line.asked_at) - 1  # one was made as the shell began
        assert scene.told(BreakerTripRequested) == [BreakerTripRequested()]

    play(told)


# ---- TC-RC-008: settings at run time -----------------------------------------------------------------


@pytest.mark.covers("TC-RC-008")
def test_limits_set_at_run_time_hold_for_what_is_taken_over_and_after_a_restart() -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 1_000)
        await scene.reconcile()
        scene.people.answers("adopt")
        await scene.reconcile()
        await scene.reset()
        before = scene.state.settings
        tight = replace(
            before, limits=replace(before.limits, gross_bps=119)
        )  # 11,900: 10,000 and a pair's 2,000

        await scene.shell.tell(SettingsChanged(tight))

        assert refusals(await scene.shell.tell(signal(1))) == ["GROSS_EXPOSURE"]
        await scene.shell.tell(SettingsChanged(replace(tight, limits=replace(tight.limits, gross_bps=120))))
        assert refusals(await scene.shell.tell(signal(2))) == []
        await scene.rest()
        assert (await scene.reconcile()).is_reconciled
        again = Scene(scene.line, scene.log, scene.people)
        assert again.state == scene.state
        assert again.state.settings.limits.gross_bps == 120

    play(told)


# ---- TC-RC-009: risk metrics -------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-009")
def test_risk_numbers_are_a_recount_of_what_the_venue_holds() -> None:
    async def told(scene: Scene) -> None:
        await hedged(scene)
        scene.line.stranger("CCC", "sell", 30)
        scene.line.stranger("AAA", "buy", 3, "by-hand-2")
        await scene.reconcile()
        scene.people.answers("adopt")
        assert (await scene.reconcile()).is_reconciled

        venue = scene.line.venue
        prices, held = dict(venue.prices), dict(venue.positions)
        assert held == {"AAA": 13, "BBB": -20, "CCC": -30}
        values = {symbol: lots * prices[symbol] for symbol, lots in held.items()}
        gross, net = sum(map(abs, values.values())), sum(values.values())
        total = engine.summary(scene.state).total
        assert (total.gross, total.net_high, total.net_low) == (gross, net, net)
        assert total.exposures == tuple(
            (each, max(0, held[each]), max(0, -held[each]), abs(values[each])) for each in sorted(held)
        )
        costs = [-(-abs(value) * 10 // 10_000) for value in (1_000, 300, 1_000, 300)]  # no stop anywhere
        assert total.heat == gross + sum(costs)
        assert engine.equity(scene.state) == venue.cash + net

    play(told)
