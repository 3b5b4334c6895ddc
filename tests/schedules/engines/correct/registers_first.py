"""Of two tasks the one created first says that it trades before the other looks: asyncio starts them so.
A tool that shuffles the ready queue alarms here; no CPython ever runs the second task first."""

import asyncio

import hedgecheck
from tests.schedules.engines.careful import work


class PrimaryAndBackup:
    def __init__(self, exchange):
        self.exchange = exchange
        self.owners = {}

    async def execute(self, signal):
        if signal.signal_id in self.owners:
            return False
        self.owners[signal.signal_id] = None
        primary = asyncio.create_task(self.primary(signal))
        backup = asyncio.create_task(self.backup(signal))
        return any(await asyncio.gather(primary, backup))

    async def primary(self, signal):
        self.owners[signal.signal_id] = "primary"
        return await self.trade(signal, "p")

    async def backup(self, signal):
        if self.owners[signal.signal_id] == "primary":
            return False  # in good hands
        return await self.trade(signal, "b")

    async def trade(self, signal, name):
        name = f"{signal.signal_id}-{name}"
        done = await work(self.exchange, name, signal.pair_x, signal.side_x, signal.amount_x)
        return done == signal.amount_x


async def scenario(sim):
    bot = PrimaryAndBackup(sim.exchange())
    signal = sim.signal("BTC/USDT", None, 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.concurrently(*(lambda: sim.deliver(signal, bot.execute) for _ in range(2)))
