"""The shell: what happened is stored before what follows from it leaves."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.messages import OrderCanceled, OrderId, OrderStatusReported, ReportAnomaly, Restarted, SignalId
from core.positions import position_of
from core.units import Lots
from hedgecheck.errors import ShellStopped
from hedgecheck.messages import CreateOrder, FetchOrder
from tests.integration.live.scene import HandBroker, Scene, signal

SECONDS_MAX = 20


def run(play: Callable[[Scene], Awaitable[None]], scene: Callable[[], Scene] = Scene) -> None:
    """Plays a scene on a loop of its own, and closes its shell."""

    async def played() -> None:
        made = scene()
        try:
            async with asyncio.timeout(SECONDS_MAX):
                await play(made)
        finally:
            await made.shell.close()

    asyncio.run(played())


async def drained() -> None:
    """Lets everything that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)


def created(scene: Scene) -> list[str]:
    """The orders that were sent, in order."""
    return [each.client_order_id for each in scene.broker.sent if isinstance(each, CreateOrder)]


def test_a_pair_is_traded_and_the_call_returns_how_it_ended() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        assert await scene.shell.trade(signal()) == "hedged"
        assert created(scene) == ["p1a1", "p1b1"]
        book = scene.shell.state.book
        assert [position_of(book, symbol).lots for symbol in ("BTC", "ETH")] == [10, -20]
        assert dict(scene.broker.venue.positions) == {"BTC": 10, "ETH": -20}
        assert book.cash == scene.broker.venue.cash

    run(play)


def test_no_command_leaves_before_its_event_is_stored() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        scene.log.gate.clear()
        trading = asyncio.ensure_future(scene.shell.trade(signal()))
        await drained()
        assert created(scene) == []
        scene.log.gate.set()
        assert await trading == "hedged"
        entry, hedge = scene.broker.stored_when_sent
        assert scene.log.stored[entry - 1] == signal()
        assert hedge > entry

    run(play)


def test_what_comes_while_the_log_writes_is_stored_in_one_transaction() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        scene.log.gate.clear()
        before = len(scene.log.batches)
        first = scene.shell.tell(signal(1))
        await drained()
        later = [scene.shell.tell(signal(each)) for each in (2, 3, 4)]
        scene.log.gate.set()
        await asyncio.gather(first, *later)
        assert scene.log.batches[before : before + 2] == [1, 3]

    run(play)


def test_a_log_that_cannot_be_written_ends_the_shell_and_nothing_leaves() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        scene.log.is_broken = True
        with pytest.raises(ShellStopped, match="the disk is full"):
            await scene.shell.trade(signal())
        assert created(scene) == []
        with pytest.raises(ShellStopped, match="the disk is full"):
            scene.shell.tell(signal(2))

    run(play)


def test_one_signal_told_twice_at_once_is_traded_once() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        answers = await asyncio.gather(*[scene.shell.trade(signal()) for _ in range(3)])
        assert sorted(answers) == ["DUPLICATE_SIGNAL", "DUPLICATE_SIGNAL", "hedged"]
        assert created(scene) == ["p1a1", "p1b1"]

    run(play)


def test_an_order_without_an_answer_is_asked_about_and_not_sent_again() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        scene.broker.loses = 1
        assert await scene.shell.trade(signal()) == "hedged"
        assert created(scene) == ["p1a1", "p1b1"]
        assert FetchOrder("p1a1") in scene.broker.sent

    run(play)


def test_a_broker_that_raises_leaves_the_outcome_unknown() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        scene.broker.fails = KeyError("a field that was not there")
        trading = asyncio.ensure_future(scene.shell.trade(signal()))
        while not scene.failures:
            await asyncio.sleep(0)
        scene.broker.fails = None
        for _ in range(3):  # not found, so often until it is believed
            await drained()
            scene.timers.fire("query")
        assert await trading == "hedged"
        assert [type(each) for each in scene.failures] == [KeyError]
        assert created(scene) == ["p1a1", "p1a2", "p1b1"]

    run(play)


def test_a_new_shell_over_the_log_asks_what_became_of_every_order_before_it_is_ready() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        scene.log.gate.clear()  # the answer to the entry never gets into the log
        told = scene.shell.tell(signal())
        scene.log.gate.set()
        await told
        scene.log.gate.clear()
        await drained()
        assert created(scene) == ["p1a1"]
        await scene.shell.close()
        scene.log.gate.set()

        again = Scene(scene.log, scene.broker)
        await again.shell.start()
        restarted = scene.log.stored.index(Restarted())
        asked = OrderId(SignalId("p", 1), "entry", 1)
        answers = [each for each in scene.log.stored[restarted:] if isinstance(each, OrderStatusReported)]
        assert [(each.order, each.answer) for each in answers] == [(asked, "found")]
        await again.shell.until(lambda state: bool(state.trades[0].outcome))
        assert created(scene) == ["p1a1", "p1b1"]
        assert again.shell.state.trades[0].outcome == "hedged"
        await again.shell.close()

    run(play)


def test_a_timer_that_fires_is_an_event_and_one_that_is_stopped_is_none() -> None:
    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await scene.shell.trade(signal())
        await drained()
        assert {each.purpose for each in scene.timers.running} == {"linger"}
        scene.timers.fire("linger")
        await scene.shell.until(lambda state: state.trades[0].phase == "held")

    run(play)


def test_a_lost_connection_is_made_again_and_what_was_missed_is_reconciled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hedgecheck.live.shell.BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr("hedgecheck.live.shell.PAUSE_SECONDS", 0.0)

    async def play(scene: Scene) -> None:
        await scene.shell.start()
        assert (scene.reconciled, scene.broker.connections) == (1, 1)
        scene.broker.breaks()
        while scene.reconciled < 2:
            await asyncio.sleep(0)
        assert scene.broker.connections == 2
        assert [str(each) for each in scene.failures] == ["the connection was reset"]

    run(play)


def test_a_report_that_does_not_fit_the_books_is_a_reason_to_reconcile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hedgecheck.live.shell.PAUSE_SECONDS", 0.0)

    async def play(scene: Scene) -> None:
        await scene.shell.start()
        strange = OrderCanceled(OrderId(SignalId("p", 7), "entry", 1), Lots(3))
        assert await scene.shell.tell(strange) == (ReportAnomaly("UNKNOWN_ORDER", strange),)
        while scene.reconciled < 2:
            await asyncio.sleep(0)

    run(play)


def test_nothing_starts_before_every_symbol_has_a_price() -> None:
    class Unpriced(HandBroker):
        async def stream(self):  # type: ignore[no-untyped-def]
            async for report in super().stream():
                if report.symbol == "BTC":  # type: ignore[union-attr]
                    yield report

    async def play(scene: Scene) -> None:
        scene.broker.__class__ = Unpriced
        starting = asyncio.ensure_future(scene.shell.start())
        await drained()
        assert not starting.done()
        assert scene.reconciled == 0
        starting.cancel()

    run(play)


def test_what_runs_beside_it_ends_it_where_it_fails() -> None:
    async def fails() -> None:
        raise ValueError("no such strategy")

    async def play(scene: Scene) -> None:
        await scene.shell.start()
        scene.shell.beside(fails())
        with pytest.raises(ShellStopped, match="no such strategy"):
            await scene.shell.until(lambda _: False)

    run(play)
