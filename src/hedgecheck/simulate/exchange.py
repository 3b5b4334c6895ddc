"""The exchange that a simulated bot holds: ccxt's unified API over one venue; every call suspends."""

from contextvars import ContextVar
from typing import Any

from hedgecheck.fronts.ccxt.calls import Call, Watch
from hedgecheck.fronts.ccxt.face import CcxtFace
from hedgecheck.simulate.market import Market, Script
from hedgecheck.simulate.streams import Stream
from hedgecheck.simulate.wire import Wire

intent_of: ContextVar[str | None] = ContextVar("intent_of", default=None)


class SimExchange(CcxtFace):
    """One client of a simulated venue."""

    def __init__(self, market: Market, number: int) -> None:
        super().__init__(market.desk.name, tuple(market.desk.listings.values()))
        self._market = market
        self._number = number
        self._streams: dict[tuple[Any, ...], Stream] = {}

    async def _call(self, call: Call) -> Any:
        if isinstance(call, Watch):
            return await self._subscription(call).next()
        return await Wire(self._market, self.timeout / 1000).call(call, intent_of.get())

    def _subscription(self, call: Watch) -> Stream:
        about = (call.what, call.symbol, call.symbols, call.timeframe)
        stream = self._streams.get(about)
        if stream is None:
            name = f"stream {self._number} {call.what} {call.symbol or ''}".rstrip()
            stream = self._streams[about] = Stream(self._market, call, name)
            self._market.streams.append(stream)
        return stream


def scripted(exchange: SimExchange, script: Script) -> SimExchange:
    """The same exchange, whose venue asks ``script`` at each call that arrives which fault strikes it: one of
    ``variants``, or None for what is chosen otherwise."""
    exchange._market.script = script
    return exchange
