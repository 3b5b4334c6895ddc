"""What a venue pushes: one stream per client and subject, in order, until a fault strikes a message."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from hedgecheck.fronts import answers
from hedgecheck.fronts.ccxt.calls import Fetch, Watch
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.messages import (
    Accepted,
    BadPrice,
    BookShown,
    Filled,
    Listed,
    Price,
    Record,
    Rejected,
    Report,
    Told,
)
from hedgecheck.simulate import altered, userfaults
from hedgecheck.simulate.variants import Variant

if TYPE_CHECKING:
    from hedgecheck.simulate.market import Market

PUSH_SECONDS = 0.03, 2.0
SWAP_SECONDS = 3.0, 4.0
LAG_SECONDS = 5.0, 6.0
TICK_SECONDS = 1.0, 1.5  # between two prices when nothing moves them
OF_ORDERS = ("orders", "my_trades", "balance", "positions")
OF_BOOKS = ("ticker", "tickers", "order_book")
Message = tuple[Any, tuple[Record, ...]]


class Stream:
    """A subscription: what was pushed and not yet taken, and who waits for it."""

    def __init__(self, market: "Market", call: Watch, flow: str) -> None:
        self.market = market
        self.call = call
        self.flow = flow
        self.is_open = False
        self._messages: list[Message] = []
        self._waiting: list[asyncio.Future[Any]] = []
        self._swapped: list[Message] = []
        self._snapshot_due = False
        self._ticks = 0
        self._tick_is_due = False
        self._newest = 0.0, 0.0

    # ---- the client ---------------------------------------------------------------------------------------

    async def next(self) -> Any:
        """The next message; raises ccxt's NetworkError where the stream broke."""
        run = self.market.run
        future: asyncio.Future[Any] = run.loop.create_future()
        self._waiting.append(future)
        if not self.is_open:
            self._arrange(PUSH_SECONDS, self._opened)
        elif self._messages:
            run.loop.call_soon(self._hand_over)
        elif self.call.what not in OF_ORDERS:
            self._tick_later()
        return await future

    def _hand_over(self) -> None:
        waiting = [each for each in self._waiting if not each.done()]
        self._waiting = []
        if not waiting or not self._messages:
            self._waiting = waiting
            return
        messages, self._messages = self._messages, []
        whole: Any = [each for payload, _ in messages for each in payload]
        if self.call.what not in ("orders", "my_trades", "positions", "trades", "ohlcv"):
            whole = messages[-1][0]
        for _, told in messages:
            for record in told:
                self.market.run.note(self.market.desk.name, record)
        who = f"client {self.flow.split(' ')[1]}"
        self.market.run.say(who, f"<- stream {self.call.what}", venue=self.market.lane)
        for each in waiting:
            each.set_result(whole)

    # ---- the venue ----------------------------------------------------------------------------------------

    def _opened(self) -> None:
        self.is_open = True
        if self.call.what not in OF_ORDERS:
            self._push((self._quote(), ()))
        elif self._snapshot_due:
            self._push(self._state())
        self._snapshot_due = False

    def _state(self) -> Message:
        """Everything there is, for one who was away."""
        desk = self.market.desk
        what = {"orders": "orders", "my_trades": "my_trades"}.get(self.call.what)
        if what is None:
            return self._account(), ()
        rows = answers.answer(desk, Fetch(what, self.call.symbol), self.market.run.now_ms())
        shown = {row["id" if what == "orders" else "order"] for row in rows}
        keys = tuple(each.key for each in desk.of(self.call.symbol) if each.id in shown)
        return rows, (Listed("orders" if what == "orders" else "fills", self.call.symbol, keys),)

    def hear(self, report: Report) -> None:
        """A report of the venue: pushed, where it is about what the stream shows."""
        if not self.is_open or isinstance(report, Rejected | BadPrice):
            return
        if isinstance(report, Price):
            if self.call.what not in OF_ORDERS and self._is_about(report.symbol):
                self._struck((self._quote(), ()))
            return
        if isinstance(report, BookShown):
            if self.call.what in OF_BOOKS and self._is_about(report.symbol):
                self._struck((self._quote(), ()))
            return
        placed = self.market.desk.orders.get(report.client_order_id)
        if placed is None and not isinstance(report, Accepted):
            return
        if self.call.what == "orders" and placed is not None and self._is_about(placed.new.symbol):
            self._struck(([answers.order(self.market.desk, placed)], (Told(report),)))
        elif isinstance(report, Filled) and self._is_about(report.symbol):
            assert placed is not None, "Invariant: the desk has placed what fills"
            if self.call.what == "my_trades":
                index = len(placed.fills_ms) - 1
                self._struck(([answers.trade(self.market.desk, placed, index, report)], (Told(report),)))
            elif self.call.what in ("balance", "positions"):
                self._struck((self._account(), ()))

    def _is_about(self, symbol: str) -> bool:
        named = self.call.symbols or ((self.call.symbol,) if self.call.symbol else None)
        return named is None or symbol in named

    def _account(self) -> Any:
        desk, now_ms = self.market.desk, self.market.run.now_ms()
        if self.call.what == "balance":
            return answers.balance(desk, now_ms)
        return answers.positions(desk, self.call.symbols, now_ms)

    def _quote(self) -> Any:
        call = self.call
        symbols = call.symbols or ((call.symbol,) if call.symbol else ())
        fetch = Fetch(call.what, call.symbol, symbols or None, limit=call.limit, timeframe=call.timeframe)
        return answers.answer(self.market.desk, fetch, self.market.run.now_ms())

    def _tick_later(self) -> None:
        if not self._tick_is_due:
            self._tick_is_due = True
            run, (lo, hi) = self.market.run, TICK_SECONDS
            run.agenda.add(f"{self.flow} tick", run.now + lo, run.now + hi, self._tick)

    def _tick(self) -> None:
        self._tick_is_due = False
        if any(not each.done() for each in self._waiting) and self.is_open:
            moves, self._ticks = self.market.run.setting.moves, self._ticks + 1
            if moves and self.call.symbol:
                self._tick_later()  # the next one, should a fault strike this
                self.market.shock(self.call.symbol, moves[(self._ticks - 1) % len(moves)])
                return  # the move is what is pushed
            self._push((self._quote(), ()))

    # ---- on the way ---------------------------------------------------------------------------------------

    def _struck(self, message: Message) -> None:
        run = self.market.run
        variants = run.arsenal.of_stream(self.call.what)
        variant, effect = run.own.strike("event", self.flow, partial(self._view, message[0]), variants)
        if variant is None and self.call.what == "ticker":
            view = partial(self._view, message[0]["last"])
            variant, effect = run.own.strike("price", self.flow, view)
            if isinstance(effect, userfaults.Message):
                effect = effect.answered(altered.without_price(message[0], effect.answer))
        does = variant.does if variant is not None else ""
        if variant is not None:
            lane = self.market.lane
            run.struck_at(self.call.symbol, f"watch_{self.call.what}", variant)
            run.say(lane, f"stream {self.call.what}: {variant.words}", variant, venue=lane)
        if isinstance(effect, userfaults.Message):
            self._push((userfaults.thawed(effect.answer), ()))
        elif effect is not None:
            self._cut(with_snapshot=False, error=effect)
        elif does in ("cut", "cut with snapshot"):
            self._cut(does == "cut with snapshot")
        elif does == "swap":
            self._swapped.append(message)
            self._push(message, SWAP_SECONDS, swapped=True)
        elif does == "bad" and variant is not None:
            self._push((_spoiled(message[0], variant), message[1]))
        elif does == "lag":
            self._push(message, LAG_SECONDS)
        elif does != "drop":
            self._push(message)
            if does == "copy":
                self._push(message)
            for late in self._swapped:
                self._push(late)
            self._swapped = []

    def _view(self, answer: Any) -> userfaults.Message:
        return userfaults.view_of(self.market.desk, f"watch_{self.call.what}", self.call, answer)

    def _cut(self, with_snapshot: bool, error: Exception | None = None) -> None:
        self.is_open = False
        self._snapshot_due = with_snapshot
        self._arrange(PUSH_SECONDS, partial(self._break, error))

    def _break(self, error: Exception | None) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                text = f"{self.market.desk.name} connection closed by remote server, closing code 1006"
                each.set_exception(error or error_class("NetworkError")(text))

    def _push(
        self, message: Message, leg: tuple[float, float] = PUSH_SECONDS, *, swapped: bool = False
    ) -> None:
        if swapped:
            run, arrive = self.market.run, partial(self._swapped_arrives, message)
            run.agenda.add(self.flow, run.now + leg[0], run.now + leg[1], arrive)
        else:
            self._arrange(leg, partial(self._arrives, message))

    def _arrange(self, leg: tuple[float, float], arrive: Callable[[], None]) -> None:
        """What leaves later arrives later, and has the time for that."""
        run, (lo, hi) = self.market.run, self._newest
        self._newest = lo, hi = max(lo, run.now + leg[0]), max(hi, run.now + leg[1])
        run.agenda.add(self.flow, lo, hi, arrive, in_order=True)

    def _swapped_arrives(self, message: Message) -> None:
        """It waited for one to overtake it; where none came it arrives now."""
        if message in self._swapped:
            self._swapped.remove(message)
            self._arrives(message)

    def _arrives(self, message: Message) -> None:
        self._messages.append(message)
        self._hand_over()


def _spoiled(payload: Any, variant: Variant) -> Any:
    if isinstance(payload, dict) and ("last" in payload or "symbol" not in payload):
        return altered.without_price(payload, altered.BAD[str(variant.detail)])
    return payload
