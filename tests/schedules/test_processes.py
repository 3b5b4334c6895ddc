"""A process that dies runs nothing more, what it sent still arrives, and its successor sees the venue."""

import asyncio

import pytest

import hedgecheck
from hedgecheck import faults
from tests.schedules.performing import answer_of, anything

BTC = "BTC/USDT"
BUY = (BTC, "market", "buy", 1)
REST = 100  # seconds, by when everything under way has come to rest


class Recorder:
    """A bot that says what of it runs, in a list that outlives it."""

    def __init__(self, sim, said, work):
        self.sim, self.said, self.work = sim, said, work

    async def start(self):
        self.task = asyncio.create_task(self.run())

    async def run(self):
        self.said.append("begins")
        try:
            await self.work(self.sim)
        except BaseException as error:
            self.said.append(f"except {type(error).__name__}")
            raise
        finally:
            self.said.append("finally")
        self.said.append("ends")


async def sleep(sim):
    await sim.sleep(10)


async def order(sim):
    await sim.exchange().create_order(*BUY)
    await sim.sleep(10)


async def deep(sim):
    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        group.create_task(sim.sleep(10))
        group.create_task(order(sim))


async def thread(sim):
    await asyncio.to_thread(int)
    await sim.sleep(10)


async def generator(sim):
    async def numbers():
        while True:
            yield 1
            await sim.sleep(10)

    async for _ in numbers():
        pass


@pytest.mark.parametrize("work", [sleep, order, deep, thread, generator])
@pytest.mark.parametrize("after", [0, 0.02, 0.03, 5])
def test_no_except_and_no_finally_of_a_dead_process_runs(work, after) -> None:
    async def program(sim):
        first, later = [], []
        await sim.process(lambda: Recorder(sim, later if first else first, sleep if first else work))
        await sim.sleep(after)
        before = list(first)
        await sim.crash()
        await sim.sleep(REST)
        return before, list(first), list(later)

    before, first, later = answer_of(program)

    assert "finally" not in before
    assert first == before
    assert later == ["begins", "finally", "ends"]


def test_callbacks_and_timers_of_a_dead_process_never_run() -> None:
    async def program(sim):
        said = []

        class Bot:
            async def start(self):
                loop = asyncio.get_running_loop()
                loop.call_later(5, said.append, "timer")
                asyncio.create_task(sim.sleep(5)).add_done_callback(lambda _: said.append("callback"))
                self.task = asyncio.create_task(self.go_on())

            async def go_on(self):
                await sim.sleep(0.5)
                asyncio.get_running_loop().call_soon(said.append, "soon")
                await sim.sleep(5)
                said.append("task")

        bots = []
        await sim.process(lambda: bots.append(Bot()) or bots[-1] if not bots else None)
        await sim.sleep(1)
        said.append("dies")
        await sim.crash(bots[0])
        await sim.sleep(REST)
        return list(said)

    assert answer_of(program) == ["soon", "dies"]


def test_a_request_in_flight_reaches_the_venue_after_its_sender_died() -> None:
    async def program(sim):
        said, exchange = [], sim.exchange()
        lives = []

        def factory():
            lives.append(0)
            return Recorder(sim, said, order if len(lives) == 1 else sleep)

        bot = await sim.process(factory)
        await sim.sleep(0.01)  # sent, and not there yet
        at_death = len(sim.ledger.orders)
        await sim.crash(bot)
        await sim.sleep(REST)
        return at_death, len(sim.ledger.orders), len(await exchange.fetch_orders(BTC))

    assert answer_of(program) == (0, 1, 1)


def test_the_bot_that_comes_up_sees_what_the_venue_has() -> None:
    async def program(sim):
        exchange, seen = sim.exchange(), []

        class Bot:
            async def start(self):
                found = await exchange.fetch_orders(BTC)
                seen.append([each["clientOrderId"] for each in found])
                await exchange.create_order(*BUY, None, {"clientOrderId": f"order-{len(seen)}"})

        await sim.crash(await sim.process(Bot))
        await sim.sleep(REST)
        return seen

    assert answer_of(program) == [[], ["order-1"]]


def test_everything_but_the_test_dies_in_crash_and_restart() -> None:
    async def program(sim):
        said = []

        first = Recorder(sim, said, sleep)
        await first.start()
        await sim.sleep(1)

        async def again():
            second = Recorder(sim, said, sleep)
            await second.start()
            return second

        second = await sim.crash_and_restart(again)
        await sim.sleep(REST)
        return list(said), second is not first, first.task.done()

    assert answer_of(program) == (["begins", "begins", "finally", "ends"], True, False)


# ---- found by the search -----------------------------------------------------------------------------------


class Forgetful:
    """Buys once in its life, and knows nothing of the one before."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def start(self):
        self.task = asyncio.create_task(self.trade())

    async def trade(self):
        await self.exchange.create_order(*BUY, None, {"clientOrderId": "entry"})


class Asking(Forgetful):
    """Asks the venue for its order until the answer cannot change, and only then buys."""

    async def trade(self):
        await asyncio.sleep(10)  # by then a request of the life before has arrived
        if not await self.exchange.fetch_orders(BTC):
            await super().trade()


class Slow(Asking):
    """Comes up slowly: a crash may strike before it is up."""

    async def start(self):
        await self.exchange.fetch_balance()
        await super().start()


def restarted(bot, **how):
    async def test(sim):
        exchange = sim.exchange()
        sim.always(lambda ledger: ledger.position(BTC) <= 1)
        sim.sometimes("position", lambda ledger: ledger.position(BTC) == 1)
        await sim.process(lambda: bot(exchange))
        await sim.sleep(REST)

    return hedgecheck.check(test, **{"executions": 200, "faults": faults.restart, **how})


def test_a_bot_that_orders_again_after_a_restart_is_found() -> None:
    verdict = restarted(Forgetful)

    assert verdict.verdict == "broken"
    assert "the process dies" in verdict.counterexamples[0].diagram
    assert verdict.counterexamples[0].actions_shrunk == 1


def test_a_bot_that_orders_again_is_not_found_without_restarts() -> None:
    assert restarted(Forgetful, faults=None).verdict == "holds"


@pytest.mark.parametrize("bot", [Asking, Slow])
@pytest.mark.parametrize("crashes", [1, 2])
def test_a_bot_that_asks_before_it_orders_holds_over_restarts(bot, crashes) -> None:
    verdict = restarted(bot, max_faults=crashes)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    assert sum(verdict.explorers[0].campaign.spent.values()) > 20


def test_crashes_strike_at_many_moments() -> None:
    moments = set()

    async def test(sim):
        sim.always(anything)
        exchange, lives = sim.exchange(), []

        class Bot:
            def __init__(self):
                lives.append(sim.now())

            async def start(self):
                for _ in range(3):
                    await exchange.fetch_balance()

        await sim.process(Bot)
        await sim.sleep(REST)
        moments.update(lives[1:])

    hedgecheck.check(test, executions=200, faults=faults.restart)

    assert len(moments) >= 6
