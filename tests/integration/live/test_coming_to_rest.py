"""How a shell is brought to rest, what a strategy to watch does, and when days begin."""

import asyncio

from core.messages import ExitRequested, PositionAdjusted, PriceMoved, SessionChanged, SignalReceived
from core.positions import price_of
from core.units import Ticks
from hedgecheck.live.days import DAY_NS, utc_days
from hedgecheck.live.freshness import Freshness
from hedgecheck.live.round_trips import RoundTrips
from hedgecheck.live.winding_down import still_open, wind_down
from tests.integration.live.scene import Scene, signal
from tests.integration.live.test_shell import created, run


def test_winding_down_leaves_every_trade_flat() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await scene.shell.trade(signal())
        assert still_open(scene.shell.state) == ("BTC: long 10 lots", "ETH: short 20 lots")
        assert await wind_down(scene.shell, patience_seconds=10) == ()
        assert [lots for _, lots in scene.broker.venue.positions if lots] == []

    run(play)


def test_what_could_not_be_closed_is_said_exactly() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await scene.shell.trade(signal())
        scene.broker.fails = ConnectionError("nobody there")
        left = await wind_down(scene.shell, patience_seconds=0)
        assert left[:2] == ("BTC: long 10 lots", "ETH: short 20 lots")
        await scene.shell.until(lambda state: all(each.unknown for each in state.trades[0].orders[-2:]))
        assert still_open(scene.shell.state)[2:] == (
            "order p1x1: sell 10 BTC, 0 filled, outcome unknown",
            "order p1y1: buy 20 ETH, 0 filled, outcome unknown",
        )

    run(play)


def test_lots_that_no_trade_holds_are_said_and_not_waited_for() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await scene.shell.trade(signal())
        await scene.shell.tell(PositionAdjusted("BTC", 7, Ticks(100), "EXTERNAL_TRADE"))
        assert await wind_down(scene.shell, patience_seconds=10_000) == ("BTC: long 7 lots",)

    run(play)


def test_a_strategy_to_watch_trades_its_rounds_and_leaves_each_before_the_next() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await RoundTrips("watched", seed=3, pause_seconds=0, rounds=3)(scene.shell)
        told = [each for each in scene.log.stored if isinstance(each, (SignalReceived, ExitRequested))]
        assert [type(each) for each in told] == [SignalReceived, ExitRequested] * 2 + [SignalReceived]
        assert [each.signal.sequence for each in told] == [1, 1, 2, 2, 3]

    run(play)


def test_the_next_intent_after_a_restart_is_what_it_would_have_been() -> None:
    signals = []

    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await RoundTrips("watched", seed=3, pause_seconds=0, rounds=1)(scene.shell)
        await scene.shell.close()
        again = Scene(scene.log, scene.broker)
        await again.shell.start()
        await RoundTrips("watched", seed=3, pause_seconds=0, rounds=1)(again.shell)
        await again.shell.close()
        told = [each for each in scene.log.stored if isinstance(each, SignalReceived)]
        signals.append([(each.symbol_a, each.side_a, each.symbol_b) for each in told])

    async def unbroken(scene: Scene) -> None:
        await scene.shell.start()
        await RoundTrips("watched", seed=3, pause_seconds=0, rounds=2)(scene.shell)
        told = [each for each in scene.log.stored if isinstance(each, SignalReceived)]
        signals.append([(each.symbol_a, each.side_a, each.symbol_b) for each in told])

    run(play)
    run(unbroken)
    assert signals[0] == signals[1]
    assert len(signals[0]) == 2


def test_each_day_begins_once_whatever_the_clock_does() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        last_moments = iter([each * DAY_NS - 1 for each in (6, 6, 7, 6, 7, 8)])
        telling = asyncio.ensure_future(utc_days(scene.shell, lambda: next(last_moments, 8 * DAY_NS)))
        await scene.shell.until(lambda state: state.day == 7)
        telling.cancel()
        days = [each.day for each in scene.log.stored if isinstance(each, SessionChanged)]
        assert days == [5, 6, 7]

    run(play)


def test_a_price_that_grew_too_old_is_unusable_until_the_next_one() -> None:
    clock = [0.0]
    freshness = Freshness(60, lambda: clock[0])

    async def play(scene: Scene) -> None:
        scene.shell.watchers += (freshness,)
        await scene.shell.start()
        clock[0] = 60.0
        assert freshness.stale() == ()
        await scene.shell.tell(PriceMoved("ETH", Ticks(51)))
        clock[0] = 60.5
        assert freshness.stale() == ("BTC",)
        scene.shell.beside(freshness.watch(scene.shell))
        await scene.shell.until(lambda state: price_of(state.prices, "BTC") is None)
        assert price_of(scene.shell.state.prices, "ETH") == 51
        assert freshness.stale() == ()

    run(play)


def test_every_exit_is_stored_before_its_orders_leave() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await scene.shell.trade(signal())
        await wind_down(scene.shell, patience_seconds=10)
        assert created(scene)[-2:] == ["p1x1", "p1y1"]
        stored = scene.broker.stored_when_sent[len(scene.broker.sent) - 2]
        assert any(isinstance(each, ExitRequested) for each in scene.log.stored[:stored])

    run(play)
