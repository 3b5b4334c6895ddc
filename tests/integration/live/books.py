"""The real shell at the real venue in virtual time, with people, strangers and a line that loses things.

A scene is played by a coroutine on a loop of its own; sleeping there takes no time.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any

from core.messages import (
    BreakerResetRequested,
    BreakerTripRequested,
    CashMoved,
    Command,
    Event,
    OrderDoubted,
    PositionAdjusted,
    RefuseSignal,
    SignalId,
    SignalReceived,
)
from core.orders import is_live
from core.reconcile_report import Terms
from core.settings import Instrument, Protocol, Settings
from core.units import Lots, Money
from hedgecheck.live.ports import Account, Opening, OpenOrder
from hedgecheck.live.reconciliation import Booked, Outcome, Reconciliation
from hedgecheck.live.shell import Shell
from hedgecheck.messages import (
    REPLIES,
    CancelOrder,
    CreateOrder,
    EngineEvent,
    FetchOrder,
    OutcomeUnknown,
    Price,
    Report,
    Request,
)
from hedgecheck.simulate.loop import SimLoop
from hedgecheck.venue import FillOrder, House, Market, MoveCash, Venue, fillable, filled, find, step
from tests.integration.live.scene import WaitingLog
from tests.schedules.cpython import Nothing

CASH = 1_000_000
SECOND = 1_000_000_000
PRICES = (("AAA", 100), ("BBB", 50), ("CCC", 10))
KINDS: dict[type[Request], Any] = {CreateOrder: "create", CancelOrder: "cancel", FetchOrder: "fetch"}
CODES = [sha256(b"manual").hexdigest()]
for _ in range(3):
    CODES.insert(0, sha256(CODES[0].encode()).hexdigest())


def opening(**protocol: Any) -> Opening:
    """An account with a protocol of that kind; an entry is tried once."""
    instruments = tuple(Instrument(symbol) for symbol, _ in PRICES)
    chosen = Protocol(entry_attempts=1, **protocol)
    return Opening(Settings(instruments, protocol=chosen, reset_anchors=(("manual", CODES[0]),)), Money(CASH))


OPENING = opening()


def signal(sequence: int = 1, strategy: str = "p", limit: int | None = None, **more: Any) -> SignalReceived:
    """Buy ten AAA against twenty BBB."""
    legs = {"symbol_a": "AAA", "side_a": "buy", "symbol_b": "BBB", "side_b": "sell", **more}
    amounts = {"quantity_a": Lots(10), "quantity_b": Lots(20)}
    return SignalReceived(SignalId(strategy, sequence), **{**amounts, **legs}, limit_price_a=limit)


class Line:
    """A broker: the venue, behind a line. What may go wrong is set from outside.

    ``silent``: how many of the next reports of fills and ends are lost; ``deaf``: of the next replies to
    requests; ``late``: orders that are on their way until ``arrive``. ``fails``: parts of the account that no
    usable answer comes for, each so many times; ``shown``: what the account is instead of what is true.
    """

    name = "line"

    def __init__(self, fee_bps: int = 0) -> None:
        markets = tuple(Market(symbol) for symbol, _ in PRICES)
        self.venue = Venue(House(markets, fee_bps=fee_bps), CASH, PRICES)
        self.trades = True
        self.silent = self.deaf = 0
        self.delays = False
        self.late: list[CreateOrder] = []
        self.fails: Counter[str] = Counter()
        self.shown: Callable[[Account], Account] = lambda account: account
        self.skew_ns = 0
        self.lag_seconds = 0.0
        self.sent: list[Request] = []
        self.asked_at: list[float] = []
        self._reports: asyncio.Queue[Report] = asyncio.Queue()

    # ---- the line ------------------------------------------------------------------------------------

    async def send(self, request: Request) -> tuple[EngineEvent, ...]:
        self.sent.append(request)
        await asyncio.sleep(0.001)
        if self.delays and isinstance(request, CreateOrder):
            self.late.append(request)
            return (OutcomeUnknown(request.client_order_id, "create"),)
        reports = self.does(request)
        if isinstance(request, CreateOrder) and self.trades:
            self.fill(request.client_order_id)
        if self.deaf:
            self.deaf -= 1
            return (OutcomeUnknown(request.client_order_id, KINDS[type(request)]),)
        return tuple(each for each in reports if isinstance(each, REPLIES))

    async def stream(self) -> AsyncIterator[Report]:
        for symbol, price in PRICES:
            yield Price(symbol, price)
        while True:
            yield await self._reports.get()

    async def account(self) -> Account:
        loop = asyncio.get_running_loop()
        self.asked_at.append(loop.time())
        await asyncio.sleep(self.lag_seconds)
        told = self.shown(self.truth(round(loop.time() * SECOND) + self.skew_ns))
        await asyncio.sleep(self.lag_seconds)
        for part in [each for each, count in self.fails.items() if count > 0]:
            self.fails[part] -= 1
            told = replace(told, **{part: None})
        return told

    async def close(self) -> None:
        pass

    # ---- the venue -----------------------------------------------------------------------------------

    def truth(self, time_ns: int | None = None) -> Account:
        """What the venue holds."""
        orders = self.venue.orders
        open_orders = [
            OpenOrder(
                each.request.client_order_id,
                each.request.symbol,
                each.request.side,
                each.request.amount,
                filled(each),
            )
            for each in orders
            if each.phase == "open"
        ]
        fills = [fill for each in orders for fill in each.fills]
        return Account(tuple(open_orders), self.venue.positions, self.venue.cash, tuple(fills), time_ns)

    def does(self, event: Any) -> tuple[Report, ...]:
        """The venue takes a request or a decision. Of what it then says fills and ends are streamed."""
        self.venue, reports = step(self.venue, event)
        for each in reports:
            if isinstance(each, REPLIES):
                continue
            if self.silent:
                self.silent -= 1
            else:
                self._reports.put_nowait(each)
        return reports

    def fill(self, name: str, amount: int | None = None) -> None:
        """The market trades so many lots of an order, or all that it can."""
        order = find(self.venue, name)
        possible = 0 if order is None else fillable(self.venue, order)
        if possible:
            self.does(FillOrder(name, possible if amount is None else amount))

    def arrive(self) -> None:
        """Orders that were on their way do, and are filled; nobody is told."""
        for each in self.late:
            self.venue, _ = step(self.venue, each)
            order = find(self.venue, each.client_order_id)
            assert order is not None
            self.venue, _ = step(self.venue, FillOrder(each.client_order_id, fillable(self.venue, order)))
        self.late = []

    def stranger(self, symbol: str, side: Any, amount: int, name: str = "by-hand", **more: Any) -> None:
        """Somebody else on the account trades; the core's stream does not carry it."""
        self.venue, _ = step(self.venue, CreateOrder(name, symbol, side, amount, **more))
        if "price" not in more:
            self.venue, _ = step(self.venue, FillOrder(name, amount))

    def pays(self, amount: int) -> None:
        """Cash comes in, or goes out."""
        self.venue, _ = step(self.venue, MoveCash(amount))


class People:
    """A queue of questions, in memory. ``heard``: all that was ever asked; ``open``: those that wait for an
    answer, by kind and subject."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []
        self._waiting: dict[int, tuple[str, str, str]] = {}

    def ask(self, kind: str, subject: str, details: str) -> int:
        for number, (known, about, _) in self._waiting.items():
            if (known, about) == (kind, subject):
                return number
        self.heard.append((kind, subject, details))
        self._waiting[len(self.heard)] = (kind, subject, "")
        return len(self.heard)

    def asked(self) -> list[tuple[int, str]]:
        return [(number, each[1]) for number, each in self._waiting.items()]

    def answered(self) -> list[tuple[int, str, str, str]]:
        return [(number, *each) for number, each in self._waiting.items() if each[2]]

    def settle(self, id: int) -> None:
        del self._waiting[id]

    def answers(self, answer: str) -> None:
        """To everything that is open."""
        self._waiting = {number: (*each[:2], each[2] or answer) for number, each in self._waiting.items()}

    @property
    def open(self) -> list[tuple[str, str]]:
        return [each[:2] for each in self._waiting.values() if not each[2]]


class Scene:
    """A shell over a log, a line to the venue, and people. ``outcomes``: what reconciliations found, those of
    the shell included."""

    def __init__(
        self,
        line: Line | None = None,
        log: WaitingLog | None = None,
        people: People | None = None,
        terms: Terms = Terms(),  # noqa: B008
    ) -> None:
        self.line, self.people = line or Line(), people or People()
        self.log = log or WaitingLog(OPENING)
        self.outcomes: list[Outcome] = []
        self.booked = Booked.of(self.log.opening, self.log.events())
        self._terms = terms
        self.shell = Shell(
            self.log,
            self.line,
            reconcile=self._reconciling,
            reconcile_seconds=3600.0,
            watchers=(self.booked,),
        )

    def _reconciling(self, shell: Shell) -> Callable[[], Awaitable[Outcome]]:
        def now_ns() -> int:
            return round(asyncio.get_running_loop().time() * SECOND)

        self._reconciliation = Reconciliation(
            self.line, shell, self.people, self.booked, self._terms, clock=now_ns
        )
        return self.reconcile

    async def reconcile(self) -> Outcome:
        """Once."""
        outcome = await self._reconciliation.once()
        self.outcomes.append(outcome)
        return outcome

    # ---- what is believed ----------------------------------------------------------------------------

    @property
    def state(self) -> Any:
        return self.shell.state

    def lots(self) -> dict[str, int]:
        """Signed lots by symbol, as the core has them."""
        return {each.symbol: each.lots for each in self.state.book.positions if each.lots}

    def assert_belief_is_truth(self) -> None:
        """Positions, cash and open orders are those of the venue, and the log's."""
        truth = self.line.truth()
        assert self.lots() == dict(truth.positions or ())
        assert self.state.book.cash == truth.cash
        live = [order for trade in self.state.trades for order in trade.orders if is_live(order)]
        ours = [each for each in truth.open_orders or () if not each.client_order_id.startswith("by-hand")]
        assert sorted((each.symbol, each.quantity, each.filled) for each in live) == sorted(
            (each.symbol, each.amount, each.filled) for each in ours
        )
        assert self.log.recovered()[0] == self.state

    def told(self, *kinds: type[Event]) -> list[Event]:
        """What was stored of these kinds."""
        return [each for each in self.log.stored if isinstance(each, kinds)]

    def halted(self) -> list[str]:
        """The breakers that are tripped."""
        return [each.name for each in self.state.breakers if each.phase == "tripped"]

    # ---- what is done --------------------------------------------------------------------------------

    async def rest(self, seconds: float = 1.0) -> None:
        """So much time passes."""
        await asyncio.sleep(seconds)

    async def reset(self, link: int = 1) -> None:
        """A person resets the manual breaker."""
        await self.shell.tell(BreakerResetRequested("manual", CODES[link]))


def play(scene: Callable[[Scene], Awaitable[None]], make: Callable[[], Scene] = Scene) -> None:
    """Plays a scene in virtual time, and closes its shell."""

    async def played() -> None:
        made = make()
        await made.shell.start()
        try:
            await scene(made)
        finally:
            await made.shell.close()

    run(played)


def run(program: Callable[[], Awaitable[None]]) -> None:
    """Runs a program on a loop in virtual time."""
    loop = SimLoop(Nothing())
    try:
        loop.run_until_complete(program())
    finally:
        with suppress(RuntimeError):
            loop.bury()


# ---- what scenes share -----------------------------------------------------------------------------

ACTED = (PositionAdjusted, CashMoved, OrderDoubted, BreakerTripRequested)


def refusals(commands: Iterable[Command]) -> list[str]:
    """Why signals were refused."""
    return [each.reason for each in commands if isinstance(each, RefuseSignal)]


async def hedged(scene: Scene) -> None:
    """A pair that is held; its orders have left the state."""
    assert await scene.shell.trade(signal()) == "hedged"
    await scene.rest(40)
