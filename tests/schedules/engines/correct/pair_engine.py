"""A pair trade done right: once per signal, only on known outcomes; what cannot be hedged is flattened."""

import hedgecheck
from tests.schedules.engines.careful import number, opposite, place, work

ABORT_BELOW = 0.5


class PairEngine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.seen = set()

    async def execute_pair_trade(self, signal):
        """True only when both legs are on and balanced."""
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        name, ratio = signal.signal_id, signal.amount_y / signal.amount_x
        filled = await place(self.exchange, f"{name}-a", signal.pair_x, signal.side_x, signal.amount_x)
        if not filled:
            return False
        hedged = 0.0
        if filled >= ABORT_BELOW * signal.amount_x:
            target = number(filled * ratio)
            hedged = await work(self.exchange, f"{name}-b", signal.pair_y, signal.side_y, target)
        excess = number(filled - hedged / ratio)
        if excess > 0:
            await work(self.exchange, f"{name}-c", signal.pair_x, opposite(signal.side_x), excess)
        return hedged > 0 and excess <= 0


async def scenario(sim):
    bot = PairEngine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    sim.eventually(hedgecheck.invariants.hedged, within_seconds=120)
    await sim.concurrently(*(lambda: sim.deliver(signal, bot.execute_pair_trade) for _ in range(5)))
