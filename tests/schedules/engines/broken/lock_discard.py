"""A lock round the trade and a set of pending keys that is cleaned up inside it: who waited for the lock
finds the key gone: they trade one after the other. As the printed "production fix" has it."""

import asyncio

import hedgecheck

RULE = "one_intent_one_exposure"
FAULTS = "none"


class ExecutionEngine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.execution_lock = asyncio.Lock()
        self.pending_signals = set()

    async def execute_pair_trade(self, request):
        signal_key = f"{request.pair_x}_{request.pair_y}_{request.side_x}_{request.side_y}"

        async with self.execution_lock:
            if signal_key in self.pending_signals:
                return False
            self.pending_signals.add(signal_key)

            try:
                return await self.trade(request)
            finally:
                self.pending_signals.discard(signal_key)

    async def trade(self, request):
        order_a = await self.exchange.create_order(request.pair_x, "market", request.side_x, request.amount_x)
        filled = order_a["filled"]
        if filled / request.amount_x < 0.5:
            return False
        amount = round(filled * request.amount_y / request.amount_x, 8)
        order_b = await self.exchange.create_order(request.pair_y, "market", request.side_y, amount)
        return order_b["filled"] == amount


async def scenario(sim):
    bot = ExecutionEngine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.concurrently(*(lambda: sim.deliver(signal, bot.execute_pair_trade) for _ in range(5)))
