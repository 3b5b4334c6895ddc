"""The live shell as a pair engine for the conformance tests: over a log in memory and the ccxt broker."""

import asyncio
from contextvars import Context
from typing import Any

import ccxt

from core.messages import SignalId, SignalReceived
from core.settings import Limits, Settings
from core.units import Lots, Money
from hedgecheck.live.brokers.ccxt import CcxtBroker
from hedgecheck.live.brokers.ccxt_markets import CcxtMarket, instruments, markets_of, steps
from hedgecheck.live.brokers.ccxt_orders import Ways
from hedgecheck.live.log import MemoryLog
from hedgecheck.live.ports import Opening
from hedgecheck.live.shell import Shell

CASH = Money(10**9 * 10**8)
LIMITS = Limits(order_quantity=Lots(10**9), order_notional=Money(10**18))
WAYS = Ways(streams=(), poll_seconds=30.0)  # no stream may answer what is to be looked up


class ShellEngine:
    """Brings a shell up when it is first asked to trade."""

    def __init__(self, exchange: Any) -> None:
        self.exchange = exchange
        self.markets: dict[str, CcxtMarket] = {}
        self._begun: asyncio.Task[Shell] | None = None

    async def execute_pair_trade(self, request: Any) -> bool:
        """True where both legs ended hedged."""
        if self._begun is None:  # whose signal is the first is none of the shell's business
            beginning = asyncio.get_running_loop().create_task(self._begin(), context=Context())
            self._begun = beginning
        shell = await asyncio.shield(self._begun)
        return await shell.trade(self._wanted(request)) == "hedged"

    async def _begin(self) -> Shell:
        markets = await self._listed()
        self.markets = {each.symbol: each for each in markets}
        opening = Opening(Settings(instruments(markets), limits=LIMITS), CASH)
        shell = Shell(MemoryLog(opening), CcxtBroker(self.exchange, markets, ways=WAYS))
        await shell.start()
        return shell

    async def _listed(self) -> tuple[CcxtMarket, ...]:
        while True:
            try:
                return await markets_of(self.exchange, await self.exchange.load_markets())
            except ccxt.NetworkError:
                await asyncio.sleep(1)

    def _wanted(self, request: Any) -> SignalReceived:
        """The signal, each pair a strategy of its own: signals of one must come in their order."""
        symbol_a, symbol_b = request.pair_x, request.pair_y
        strategy = "".join(each.partition("/")[0] for each in (symbol_a, symbol_b))
        name = request.signal_id.rstrip("0123456789")
        signal = SignalId(strategy + name, int(request.signal_id[len(name) :]))
        lots_a, lots_b = self._lots(symbol_a, request.amount_x), self._lots(symbol_b, request.amount_y)
        return SignalReceived(signal, symbol_a, request.side_x, lots_a, symbol_b, request.side_y, lots_b)

    def _lots(self, symbol: str, amount: float) -> Lots:
        return Lots(steps(amount, self.markets[symbol].lot))


def make(exchange: Any, clock: Any) -> ShellEngine:
    """The factory."""
    return ShellEngine(exchange)
