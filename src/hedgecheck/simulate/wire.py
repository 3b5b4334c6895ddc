"""Between a client and a desk: requests that travel, faults that strike them, replies that travel back.

Nothing is chosen while the bot's own code runs: a request only leaves. What becomes of it is chosen when it
arrives, inside the loop's selector.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from hedgecheck.errors import UsageError
from hedgecheck.fronts import answers
from hedgecheck.fronts.ccxt.calls import (
    Call,
    CancelAll,
    CancelOrder,
    Configure,
    EditOrder,
    Fetch,
    NewOrder,
    symbol_of,
)
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.desk import Placed, as_request
from hedgecheck.messages import (
    Arrived,
    CreateOrder,
    Lost,
    OutcomeUnknown,
    Record,
    Rejected,
    Sent,
    Told,
)
from hedgecheck.messages import CancelOrder as Cancel
from hedgecheck.simulate import altered
from hedgecheck.simulate.agenda import Arrival
from hedgecheck.simulate.footprints import MEMORY
from hedgecheck.simulate.learnt import learnt
from hedgecheck.simulate.loop import Process, process_of
from hedgecheck.simulate.market import Market
from hedgecheck.simulate.story import noun_of, words
from hedgecheck.simulate.userfaults import Message, call_of_view, thawed, view_of
from hedgecheck.simulate.variants import Variant
from hedgecheck.values import replace

LEG_SECONDS = 0.025, 2.0  # one way between client and venue, soonest and latest
LATE_SECONDS = 3.0, 5.5  # a reply that is late, and still before the client gives up
BREAKS = {  # no answer, though the request arrived
    "reset": ("NetworkError", "connection reset by peer"),
    "unavailable": ("ExchangeNotAvailable", "503 Service Unavailable"),
}
UNKNOWN = ("RequestTimeout", "NetworkError", "ExchangeNotAvailable")


class Ask:
    """One request of a client, until it is answered."""

    __slots__ = ("call", "flow", "future", "intent", "key", "pending", "process", "request", "sent_at")

    def __init__(self, call: Call, flow: str, future: "asyncio.Future[Any]", sent_at: float) -> None:
        self.call = call
        self.flow = flow
        self.future = future
        self.sent_at = sent_at
        self.key = ""
        self.intent: str | None = None
        self.request: CreateOrder | Cancel | None = None
        self.pending: Arrival | None = None
        self.process: Process | None = None


class Wire:
    """One client's connection to one venue."""

    def __init__(self, market: Market, timeout_seconds: float) -> None:
        self.market = market
        self.run = market.run
        self.desk = market.desk
        self.timeout_seconds = timeout_seconds

    async def call(self, call: Call, intent: str | None) -> Any:
        """Sends a request and waits for what comes of it; raises ccxt's exceptions."""
        ask = self._send(call, intent)
        try:
            return await ask.future
        except asyncio.CancelledError:
            self._abandon(ask)
            raise

    def _send(self, call: Call, intent: str | None) -> Ask:
        run = self.run
        ask = Ask(call, run.flow(), run.loop.create_future(), run.now)
        ask.intent = intent
        new = call.order if isinstance(call, EditOrder) else call
        if isinstance(new, NewOrder):
            ask.intent = intent or run.intent_of(self.desk, new)
            ask.key = self._next_key()
            run.orders += 1
            again = self.market.sends_again(new.client_order_id, ask.key)
            ask.request = replace(as_request(new, ask.key, ask.intent), idempotent=again)
        elif isinstance(call, CancelOrder):
            placed = self.desk.find(call.id, call.client_order_id)
            ask.request = Cancel(placed.key) if placed is not None else None
        process = process_of.get()
        if process is not None:
            ask.process = process
            run.when_dies(process, partial(self._orphan, ask))
        if run.story is not None:
            self._say(ask, f"-> {words(self.desk, call, ask.key)}")
        if ask.request is not None:
            self._note(Sent(ask.request))
        lo, hi = LEG_SECONDS
        arrive = partial(self._arrive, ask)
        ask.pending = run.agenda.add(ask.flow, run.now + lo, run.now + hi, arrive, touches=None)
        return ask

    def _next_key(self) -> str:
        """The name of the next order in every record."""
        number = self.run.orders + 1
        return f"#{number}" if self.market.is_first else f"#{number} {self.desk.name}"

    def _abandon(self, ask: Ask) -> None:
        """The caller waits no longer; the request is where it is."""
        if self.run.ended_at is None or not self.run.loop.is_closed():
            self.run.say(
                ask.flow, f"x- gives up waiting for {ask.key or 'the answer'}", venue=self.market.lane
            )
            self._unknown(ask)

    def _orphan(self, ask: Ask) -> None:
        """Who asked has died, and will never hear the answer."""
        if not ask.future.done():
            self._unknown(ask)
            ask.future.cancel()

    def _say(self, ask: Ask, text: str) -> None:
        self.run.say(ask.flow, text, venue=self.market.lane)

    def _note(self, record: Record) -> None:
        self.run.note(self.desk.name, record)

    # ---- at the venue ---------------------------------------------------------------------------------

    def _strikes(
        self, ask: Ask, view: Callable[[], Message]
    ) -> tuple[Variant | None, Message | Exception | None]:
        """The fault that strikes a request that arrives: what the test has scripted, or what is chosen."""
        scripted = self.market.scripted(ask.call)
        if scripted is not None:
            return scripted, None
        comes_back = ask.process is not None and ask.process.comes_back
        variants = self.run.arsenal.of_call(ask.call, in_process=comes_back)
        return self.run.own.strike("request", f"{ask.flow} {noun_of(ask.call)}", view, variants)

    def _arrive(self, ask: Ask) -> None:
        run = self.run
        run.choices.touched.add(self.market.touched_by(ask.call))
        view = partial(view_of, self.desk, noun_of(ask.call), ask.call)
        variant, effect = self._strikes(ask, view)
        does = variant.does if variant is not None else ""
        if variant is not None:
            self._say_fault(ask, variant)
        if isinstance(effect, Exception):
            self._never_taken(ask, "own", effect)
            return
        if effect is not None:
            self._alter(ask, view(), effect)
        if does in ("lose request", "limit", "fail"):
            self._never_taken(ask, does)
            return
        if variant is not None and does == "skew":
            run.clock.set_back_or_ahead(float(variant.detail))
        if variant is not None and does == "shock":
            self.market.shock(symbol_of(ask.call), int(variant.detail))
        if ask.request is not None:
            self._note(Arrived(ask.request))
        try:
            answer: Any = self._do(ask, variant)
        except Exception as error:  # what the venue refuses travels back like any answer
            answer = error
        told = learnt(self.market, ask.call, ask.key, ask.request, answer)
        if does == "crash" and ask.process is not None:
            run.kill(ask.process, variant)
        elif does == "lose reply":
            self._time_out(ask)
        elif does in BREAKS:
            name, text = BREAKS[does]
            self._reply(ask, error_class(name)(f"{self.desk.name} {text}"), ())
        else:
            answer, told = altered.reply(self.desk, ask.call, answer, told, variant)
            answer, told = self._struck_reply(ask, answer, told)
            self._reply(ask, answer, told, LATE_SECONDS if does == "delay reply" else LEG_SECONDS)

    def _say_fault(self, ask: Ask, variant: Variant) -> None:
        self.run.struck_at(symbol_of(ask.call), noun_of(ask.call), variant)
        text = f"{words(self.desk, ask.call, ask.key)}: {variant.words}"
        self.run.say(self.market.lane, text, variant, venue=self.market.lane)

    def _alter(self, ask: Ask, before: Message, after: Message) -> None:
        """Another request arrives than was sent: to every rule as if the bot had sent that."""
        try:
            ask.call = call_of_view(self.desk, ask.call, before, after)
        except UsageError as error:
            self.run.loop.stash(error)
            raise
        self._name(ask)

    def _name(self, ask: Ask) -> None:
        """The request in the kit's words, once more."""
        call, was = ask.call, ask.request
        new = call.order if isinstance(call, EditOrder) else call
        if isinstance(new, NewOrder) and isinstance(was, CreateOrder):
            ask.request = replace(as_request(new, ask.key, ask.intent), idempotent=was.idempotent)
        elif isinstance(call, CancelOrder):
            placed = self.desk.find(call.id, call.client_order_id)
            ask.request = Cancel(placed.key) if placed is not None else None
        if was is not None and was != ask.request:
            self._note(Lost(was))
            if ask.request is not None:
                self._note(Sent(ask.request))

    def _struck_reply(self, ask: Ask, answer: Any, told: tuple[Record, ...]) -> altered.Reply:
        """The answer as a user's own fault has it. By what was altered nothing is learnt."""
        about, noun = f"{ask.flow} {noun_of(ask.call)} reply", noun_of(ask.call)
        view = partial(view_of, self.desk, noun, ask.call, answer)
        variant, effect = self.run.own.strike("reply", about, view)
        if isinstance(effect, Message):
            answer, told = thawed(effect.answer), ()
        elif effect is not None:
            answer, told = effect, ()
        elif noun == "fetch_ticker" and isinstance(answer, dict):
            view = partial(view_of, self.desk, noun, ask.call, answer["last"])
            variant, effect = self.run.own.strike("price", about, view)
            if isinstance(effect, Message):
                answer = altered.without_price(answer, effect.answer)
            elif effect is not None:
                answer = effect
        if variant is not None:
            self._say_fault(ask, variant)
        return answer, told

    def _never_taken(self, ask: Ask, does: str, own: Exception | None = None) -> None:
        if ask.request is not None:
            self._note(Lost(ask.request))
        if own is not None:
            self._reply(ask, own, ())
        elif does == "lose request":
            self._time_out(ask)
        elif does == "limit":
            error = error_class("RateLimitExceeded")(f"{self.desk.name} 429 Too Many Requests")
            known = (Rejected(ask.key, "RATE_LIMIT"),) if isinstance(ask.request, CreateOrder) else ()
            self._reply(ask, error, tuple(Told(each) for each in known))
        else:
            error = error_class("ExchangeNotAvailable")(f"{self.desk.name} 503 Service Unavailable")
            self._reply(ask, error, ())

    def _do(self, ask: Ask, variant: Variant | None) -> Any:
        desk, call, now_ms = self.desk, ask.call, self.run.now_ms()
        match call:
            case NewOrder():
                return answers.order(desk, self.market.create(call, ask.key, ask.intent, variant))
            case EditOrder():
                try:
                    old = self._placed(call.id, None)
                    self.market.before_end(old, variant)
                    desk.cancel(old)
                except error_class("OrderNotFound"):
                    self.market.refuse(call.order, ask.key, ask.intent)
                    raise
                return answers.order(desk, self.market.create(call.order, ask.key, ask.intent, None))
            case CancelOrder():
                placed = self._placed(call.id, call.client_order_id)
                self.market.cancel(placed, variant)
                return answers.order(desk, placed)
            case CancelAll():
                gone = desk.open_orders(call.symbol)
                for placed in gone:
                    self.market.cancel_what_is_left(placed, variant)
                return [answers.order(desk, placed) for placed in gone]
            case Configure():
                return {}
        assert isinstance(call, Fetch), "Invariant: what is watched comes by a stream"
        stale = desk.before if variant is not None and variant.does == "stale" else None
        return answers.answer(desk, call, now_ms, stale)

    def _placed(self, order_id: str | None, client_order_id: str | None) -> Placed:
        placed = self.desk.find(order_id, client_order_id)
        if placed is None:
            raise error_class("OrderNotFound")(f"{self.desk.name} Unknown order sent.")
        return placed

    # ---- back to the client -----------------------------------------------------------------------------

    def _reply(
        self,
        ask: Ask,
        answer: Any,
        told: tuple[Record, ...],
        leg: tuple[float, float] = LEG_SECONDS,
    ) -> None:
        run = self.run
        deliver = partial(self._deliver, ask, answer, told)
        if ask.future.done():
            return
        ask.pending = run.agenda.add(ask.flow, run.now + leg[0], run.now + leg[1], deliver, touches=MEMORY)

    def _time_out(self, ask: Ask) -> None:
        at = max(ask.sent_at + self.timeout_seconds, self.run.now)
        error = error_class("RequestTimeout")(f"{self.desk.name} {noun_of(ask.call)} request timed out")
        deliver = partial(self._deliver, ask, error, ())
        ask.pending = self.run.agenda.add(ask.flow, at, at, deliver, touches=MEMORY)

    def _deliver(self, ask: Ask, answer: Any, told: tuple[Record, ...]) -> None:
        if ask.future.done():
            return
        ask.pending = None
        for record in told:
            self._note(record)
        if isinstance(answer, BaseException):
            self.run.say(
                ask.flow,
                f"<- {type(answer).__name__} for {words(self.desk, ask.call, ask.key)}",
                venue=self.market.lane,
            )
            if not told and type(answer).__name__ in UNKNOWN:
                self._unknown(ask)
            ask.future.set_exception(answer)
        else:
            if self.run.story is not None:
                self.run.say(
                    ask.flow, f"<- {words(self.desk, ask.call, ask.key, answer)}", venue=self.market.lane
                )
            if not told and isinstance(ask.request, CreateOrder):
                self._unknown(ask)
            ask.future.set_result(answer)

    def _unknown(self, ask: Ask) -> None:
        if isinstance(ask.request, CreateOrder):
            self._note(OutcomeUnknown(ask.key, "create"))
        elif isinstance(ask.request, Cancel):
            self._note(OutcomeUnknown(ask.request.client_order_id, "cancel"))
