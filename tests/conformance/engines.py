"""Engines for the conformance tests, from the catalog of the simulator where it has them: some that conform,
and some that each break a requirement. All are made as ``make(exchange, clock)``."""

import ccxt

from tests.schedules.engines.broken import (
    blind_retry,
    check_then_act,
    hedge_requested,
    lock_discard,
    open_orders_alone,
    timeout_abandon,
)
from tests.schedules.engines.careful import is_over, number, opposite, place, settle, withdraw, work
from tests.schedules.engines.correct import pair_engine, timeout_and_query

# ---- those that conform --------------------------------------------------------------------------


class PairEngine(pair_engine.PairEngine):
    """Trades once per signal, on known outcomes only; what cannot be hedged is flattened."""

    def __init__(self, exchange, clock):
        super().__init__(exchange)
        self.clock = clock

    @classmethod
    def made(cls, exchange, clock):
        """The factory as a name within a name."""
        return cls(exchange, clock)


class OnTheClock(PairEngine):
    """The same, which waits a moment before each trade, and notes when it began."""

    def __init__(self, exchange, clock):
        super().__init__(exchange, clock)
        self.began = {}

    async def execute_pair_trade(self, request):
        self.began[request.signal_id] = self.clock()
        await self.clock.sleep(1)
        assert self.clock() >= self.began[request.signal_id] + 1
        return await super().execute_pair_trade(request)


def made_by(engine):
    """A factory of an engine of the catalog, whose method has another name."""

    class Named(engine):
        def __init__(self, exchange, _clock):
            super().__init__(exchange)

        async def execute_pair_trade(self, request):
            return await self.execute(request)

    Named.__name__ = engine.__module__.rpartition(".")[2]
    return Named


# ---- partial fills -------------------------------------------------------------------------------

HedgesWhatItAskedFor = made_by(hedge_requested.Engine)
NeverAborts = made_by(timeout_and_query.ImpatientEngine)  # hedges 10 % as it hedges 60 %


class TrueWhenFlattened(PairEngine):
    """Takes the end of a trade for its success."""

    async def execute_pair_trade(self, request):
        first = request.signal_id not in self.seen
        await super().execute_pair_trade(request)
        return first


class KeepsTheLegOfAnAbort(PairEngine):
    """Aborts, and leaves what was filled of leg X where it is."""

    async def execute_pair_trade(self, request):
        if request.signal_id in self.seen:
            return False
        self.seen.add(request.signal_id)
        name = request.signal_id
        filled = await place(self.exchange, f"{name}-a", request.pair_x, request.side_x, request.amount_x)
        if filled < request.amount_x / 2:
            return False
        target = number(filled * request.amount_y / request.amount_x)
        return await work(self.exchange, f"{name}-b", request.pair_y, request.side_y, target) == target


class SharesAVariable(PairEngine):
    """Notes what leg X filled where every trade notes it."""

    async def execute_pair_trade(self, request):
        if request.signal_id in self.seen:
            return False
        self.seen.add(request.signal_id)
        name, ratio = request.signal_id, request.amount_y / request.amount_x
        sent = place(self.exchange, f"{name}-a", request.pair_x, request.side_x, request.amount_x)
        self.filled = await sent
        await self.clock.sleep(0.1)
        hedge = number(self.filled * ratio)
        done = await work(self.exchange, f"{name}-b", request.pair_y, request.side_y, hedge)
        self.filled = number(self.filled - done / ratio)
        back = opposite(request.side_x)
        await work(self.exchange, f"{name}-c", request.pair_x, back, self.filled)
        return done > 0 and self.filled <= 0


# ---- ghost orders --------------------------------------------------------------------------------

RetriesBlindly = made_by(blind_retry.Engine)
LooksAtOpenOrdersAlone = made_by(open_orders_alone.Engine)
GivesUpOnATimeout = made_by(timeout_abandon.Engine)

# ---- signal spam ---------------------------------------------------------------------------------

ChecksThenActs = made_by(check_then_act.Engine)


class QueuesRepetitions(lock_discard.ExecutionEngine):
    """A lock round the trade: who waited for it trades next."""

    def __init__(self, exchange, _clock):
        super().__init__(exchange)


class NeverFreesThePair(PairEngine):
    """Keeps the key of the pair for good where its trade did not end hedged."""

    def __init__(self, exchange, clock):
        super().__init__(exchange, clock)
        self.pending = set()

    async def execute_pair_trade(self, request):
        key = (request.pair_x, request.pair_y, request.side_x, request.side_y)
        if key in self.pending:
            return False
        self.pending.add(key)
        is_hedged = await super().execute_pair_trade(request)
        if is_hedged:
            self.pending.discard(key)
        return is_hedged


class OncePerPair(PairEngine):
    """Takes a pair for a signal: a pair is traded once, ever."""

    async def execute_pair_trade(self, request):
        key = (request.pair_x, request.pair_y)
        if key in self.seen:
            return False
        self.seen.add(key)
        return await super().execute_pair_trade(request)


# ---- answers and orders --------------------------------------------------------------------------


class SaysNothing(PairEngine):
    """Trades, and answers None."""

    async def execute_pair_trade(self, request):
        await super().execute_pair_trade(request)


class RaisesWhenRefused(PairEngine):
    """Lets the exchange's refusal of leg X through to its caller."""

    async def execute_pair_trade(self, request):
        if request.signal_id in self.seen:
            return False
        self.seen.add(request.signal_id)
        sent = self.exchange.create_order(request.pair_x, "market", request.side_x, request.amount_x)
        filled = (await sent)["filled"]
        return filled == await work(self.exchange, "b", request.pair_y, request.side_y, filled)


class FlattensTooMuch(PairEngine):
    """Flattens with a reduce-only order for all that leg X was to be, however little it holds."""

    async def execute_pair_trade(self, request):
        if request.signal_id in self.seen:
            return False
        self.seen.add(request.signal_id)
        await self.exit_of(request, await self.enter(request))
        return False

    async def enter(self, request):
        name = {"clientOrderId": f"{request.signal_id}-a"}
        try:
            await self.exchange.create_order(
                request.pair_x, "market", request.side_x, request.amount_x, None, name
            )
        except ccxt.BaseError:
            return await settle(self.exchange, name["clientOrderId"], request.pair_x)
        return await withdraw(self.exchange, name["clientOrderId"], request.pair_x)

    async def exit_of(self, request, filled):
        params = {"clientOrderId": f"{request.signal_id}-c", "reduceOnly": True}
        amount = request.amount_x if filled else 0
        back = opposite(request.side_x)
        if amount:
            await self.exchange.create_order(request.pair_x, "market", back, amount, None, params)


class FlattensDust(FlattensTooMuch):
    """Flattens what was filled, were it less than the market takes as an order."""

    async def exit_of(self, request, filled):
        if filled:
            back = opposite(request.side_x)
            await place(self.exchange, f"{request.signal_id}-c", request.pair_x, back, filled)


class CrossesItself(FlattensTooMuch):
    """Flattens at a limit while the rest of its entry still works at a better one."""

    async def enter(self, request):
        price = (await self.exchange.fetch_ticker(request.pair_x))["last"] or 1
        at = price * (1.01 if request.side_x == "buy" else 0.99)
        name = {"clientOrderId": f"{request.signal_id}-a"}
        sent = self.exchange.create_order(request.pair_x, "limit", request.side_x, request.amount_x, at, name)
        order = await sent
        self.price = price
        return order["filled"] if not is_over(order) else 0

    async def exit_of(self, request, filled):
        if filled:
            name = {"clientOrderId": f"{request.signal_id}-c"}
            back = opposite(request.side_x)
            sent = self.exchange.create_order(request.pair_x, "limit", back, filled, self.price, name)
            await sent
