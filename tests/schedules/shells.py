"""The live shell over a simulated exchange: a log that outlives it, what it believes, and what must hold.

A bot is one life of the process. Warm: it comes up at once, from a snapshot and the events after it. Cold: it
comes up after a downtime in which the venue went on, from all events and no snapshot.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal, cast

import hedgecheck
from core import engine
from core.engine import State
from core.messages import Command, Event, ExitRequested, SignalId, SignalReceived, SubmitOrder
from core.orders import is_live
from core.plan import open_lots
from core.settings import BreakerRule, Limits, Protocol, Settings
from core.units import Lots, Money, Ticks, orderable
from hedgecheck import faults, invariants
from hedgecheck.drive import order_name
from hedgecheck.live.brokers.ccxt import PREFIX, CcxtBroker
from hedgecheck.live.brokers.ccxt_markets import CcxtMarket, instruments, steps
from hedgecheck.live.brokers.ccxt_orders import Ways
from hedgecheck.live.ports import Opening, Questions
from hedgecheck.live.reconciliation import Booked, Reconciliation
from hedgecheck.live.shell import Shell
from hedgecheck.values import frozen
from hedgecheck.venue import price_of

BTC, ETH, SOL, XRP = "BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT"
LOTS = {BTC: "0.00001", ETH: "0.0001", SOL: "0.001", XRP: "0.1"}
TICKS = {BTC: "0.01", ETH: "0.01", SOL: "0.01", XRP: "0.0001"}
MARKETS = {
    symbol: CcxtMarket(
        symbol,
        symbol.partition("/")[0],
        "USDT",
        Decimal(TICKS[symbol]),
        Decimal(lot),
        minimum_amount=Decimal(lot),
        minimum_cost=Decimal(5),
    )
    for symbol, lot in LOTS.items()
}
CASH = 1_000_000
MONEY = 10**8
LIMITS = Limits(order_quantity=Lots(10**9), order_notional=Money(10**18))
LOSS = 0.005  # of the cash, at which the breaker trips
BREAKERS = (BreakerRule("daily_loss", "daily_loss", int(LOSS * 10_000)), BreakerRule("manual", "manual"))
NAME = re.compile(PREFIX + r"([a-z]\d+)([abxyst])\d+")
PROTOCOL = Protocol()
JUSTIFIED = ("clock_skew", "external_trade foreign(9999999)")
SNAPSHOT_EVENTS = 4
DOWNTIME_SECONDS = 45.0
HEDGED_SECONDS = 300.0
Restart = Literal["warm", "cold"]


class Journal:
    """A log in memory that outlives a process. It writes in a thread, as the real one does, so that a crash
    may strike before an event is stored and after. ``sent``: orders that stored events have led to."""

    def __init__(self, opening: Opening, restart: Restart) -> None:
        self.opening = opening
        self.stored: list[Event] = []
        self.sent: set[str] = set()
        self._restart = restart
        self._state = engine.initial(opening.settings, opening.cash)
        self._snapshot = self._state, 0

    async def append(self, events: Sequence[Event]) -> int:
        await asyncio.to_thread(self._store, events)
        return len(self.stored)

    def _store(self, events: Sequence[Event]) -> None:
        self.stored += events
        for event in events:
            self._state, commands = engine.step(self._state, event)
            self.sent |= sent_in(commands)
        if len(self.stored) - self._snapshot[1] >= SNAPSHOT_EVENTS:
            self._snapshot = self._state, len(self.stored)

    def recovered(self) -> tuple[State, int]:
        state, position = self._snapshot
        if self._restart == "cold":
            state, position = engine.initial(self.opening.settings, self.opening.cash), 0
        for event in self.events(position):
            state, _ = engine.step(state, event)
        return state, len(self.stored)

    def events(self, after: int = 0) -> Sequence[Event]:
        return self.stored[after:]


class Nobody:
    """Is asked, and never answers. ``questions``: all that there ever were."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self._open: dict[tuple[str, str], int] = {}

    def ask(self, kind: str, subject: str, details: str) -> int:
        if (kind, subject) not in self._open:
            self.questions.append(f"{kind} {subject}: {details}")
            self._open[kind, subject] = len(self.questions)
        return self._open[kind, subject]

    def asked(self) -> list[tuple[int, str]]:
        return [(number, subject) for (_, subject), number in self._open.items()]

    def answered(self) -> list[tuple[int, str, str, str]]:
        return []

    def settle(self, id: int) -> None:
        self._open = {about: number for about, number in self._open.items() if number != id}


def reconciled(log: Any, broker: Any, people: Questions) -> Shell:
    """A shell as it is run for real: it compares its books with the venue."""
    booked = Booked.of(log.opening, log.events())

    def reconciling(shell: Shell) -> Any:
        return Reconciliation(broker, shell, people, booked).once

    return Shell(log, broker, reconcile=reconciling, watchers=(booked,))


@frozen
class Plan:
    """What a scenario is played on. ``make``: the shell of one life, over a log and a broker."""

    make: Callable[[Any, Any, Nobody], Any] = reconciled
    broker: Callable[..., Any] = CcxtBroker
    ways: Ways | None = None  # of the broker, in the place of the scenario's
    restart: Restart = "warm"
    log: Callable[[Any, Opening, Restart], Any] = lambda sim, opening, restart: Journal(opening, restart)


PLAN = Plan()


class Life:
    """One life of the process: where it is not the first, a cold one comes up late."""

    def __init__(self, scene: "Scene") -> None:
        self.scene = scene
        self.shell: Any = None

    async def start(self) -> None:
        scene = self.scene
        if len(scene.lives) > 1 and scene.plan.restart == "cold":
            await asyncio.sleep(DOWNTIME_SECONDS)
        broker = scene.plan.broker(scene.exchange, scene.markets, ways=scene.ways)
        self.shell = scene.plan.make(scene.log(), broker, scene.people)
        await self.shell.start()
        scene.up.set()


class Scene:
    """An exchange, the shell that is up, and what is asked of both."""

    def __init__(
        self,
        sim: Any,
        plan: Plan,
        symbols: Sequence[str] = (BTC, ETH),
        ways: Ways = Ways(streams=("orders",), poll_seconds=30.0),  # noqa: B008
        exchange: Callable[[Any], Any] = lambda exchange: exchange,
        protocol: Protocol = PROTOCOL,
    ) -> None:
        self.sim = sim
        self.plan = plan
        self.ways = plan.ways or ways
        self.markets = tuple(MARKETS[each] for each in sorted(symbols))
        settings = Settings(instruments(self.markets), limits=LIMITS, protocol=protocol, breakers=BREAKERS)
        self.opening = Opening(settings, Money(CASH * MONEY))
        venue = sim.exchange(markets=list(symbols), balances={"USDT": CASH})
        self._venue = venue
        self.exchange = exchange(venue)
        self._log: Any = None
        self.lives: list[Life] = []
        self.up = asyncio.Event()
        self.exits: dict[str, str] = {}
        self.people = Nobody()
        self._judge()

    def log(self) -> Any:
        """The log of the life that begins: one in memory outlives them all, one on disk is opened anew."""
        if self._log is None or not isinstance(self._log, Journal):
            self._log = self.plan.log(self.sim, self.opening, self.plan.restart)
        return self._log

    def _life(self) -> Life:
        self.up.clear()
        self.lives.append(Life(self))
        return self.lives[-1]

    async def begin(self) -> None:
        """Brings the shell up."""
        await self.sim.process(self._life)

    @property
    def state(self) -> State:
        """What is believed by whoever is up, or by what is stored where nobody is."""
        shell = self.lives[-1].shell if self.lives else None
        if shell is not None:
            return cast(State, shell.state)
        return cast(State, self._log.recovered()[0])

    # ---- what must hold ----------------------------------------------------------------------------------

    def _judge(self) -> None:
        sim = self.sim
        for rule in (
            invariants.one_intent_one_exposure,
            invariants.no_blind_resend,
            invariants.sane_orders,
            invariants.no_self_cross,
            invariants.live,
            self.every_order_is_stored,
            self.nobody_is_asked,
        ):
            sim.always(rule)
        sim.eventually(invariants.hedged, within_seconds=HEDGED_SECONDS)
        sim.attribute(self._owner)
        sim.believes(self._positions, open_orders=self._open_orders)

    def every_order_is_stored(self, ledger: Any) -> None:
        """I17: what the venue has was sent by an event that is stored."""
        stored = set() if self._log is None else self._log.sent
        strange = [each.clientOrderId for each in ledger.orders if each.clientOrderId not in stored]
        assert not strange, f"the venue has {strange}, which no stored event has sent"

    def nobody_is_asked(self, ledger: Any) -> None:
        """Nobody else has traded on the account: there is nothing to ask a person, but what a clock that a
        fault has set says, and an order that a fault shows as somebody else's."""
        for question in self.people.questions:
            assert question.startswith(JUSTIFIED), f"a person was asked: {question}"

    def _positions(self) -> dict[str, Decimal]:
        held = {each.symbol: each.lots for each in self.state.book.positions}
        return {symbol: lots * MARKETS[symbol].lot for symbol, lots in held.items()}

    def _open_orders(self) -> list[str]:
        orders = [order for trade in self.state.trades for order in trade.orders]
        return [PREFIX + order_name(each.id) for each in orders if is_live(each)]

    def worth(self) -> float:
        """What the account is worth at the venue, in the quote currency."""
        venue = self._venue._market.desk.venue
        held = [
            (lots * MARKETS[symbol].lot_value(Decimal(price_of(venue, symbol))))
            for symbol, lots in venue.positions
        ]
        return float((venue.cash + sum(held)) / MONEY)

    def entered(self, intent: str) -> bool:
        """Whether the venue has an entry of an intent."""
        orders = self.sim.ledger.orders
        return any(each.clientOrderId.startswith(f"{PREFIX}{intent}a") for each in orders)

    # ---- what is asked for -------------------------------------------------------------------------------

    def signal(
        self, name: str, buy: str, amount: str, sell: str, other: str, limit: str | None = None
    ) -> SignalReceived:
        """Buys one symbol against another; ``name`` is a strategy and a number, such as p1."""
        price = None if limit is None else Ticks(steps(limit, MARKETS[buy].tick))
        lots = [Lots(steps(count, MARKETS[each].lot)) for each, count in ((buy, amount), (sell, other))]
        return SignalReceived(
            SignalId(name[0], int(name[1:])), buy, "buy", lots[0], sell, "sell", lots[1], price
        )

    async def trade(self, wanted: SignalReceived) -> Any:
        """Gives the shell a signal, as often as it takes until one that lives has answered, and waits for the
        trade to end; how it did, as far as it is told."""
        amounts = [
            float(lots * MARKETS[symbol].lot)
            for symbol, lots in ((wanted.symbol_a, wanted.quantity_a), (wanted.symbol_b, wanted.quantity_b))
        ]
        signal = self.sim.signal(wanted.symbol_a, wanted.symbol_b, *amounts, signal_id=name_of(wanted))
        while True:
            answer = await self.sim.deliver(signal, lambda each: self._traded(each, wanted))
            if answer is not None:
                return answer

    async def _traded(self, signal: Any, wanted: SignalReceived) -> Any:
        assert signal.signal_id, "Invariant: who reads a signal carries it"
        await self.up.wait()
        answer = await self.lives[-1].shell.trade(wanted)
        if answer != "DUPLICATE_SIGNAL":
            return answer == "hedged"
        await self.lives[-1].shell.until(lambda state: has_ended(state, wanted.signal))
        return "an earlier process was told"

    async def leave(self, entered: SignalReceived) -> None:
        """Wants out of a trade, and waits until nothing of it is held."""
        amounts = [float(abs(each)) for each in self._positions().values()]
        name = f"{name_of(entered)}out"
        pairs, sides = (entered.symbol_a, entered.symbol_b), {"side_x": "sell", "side_y": "buy"}
        signal = self.sim.signal(*pairs, *amounts, **sides, signal_id=name, reduces=True)
        self.exits[name_of(entered)] = name
        while await self.sim.deliver(signal, lambda each: self._left(each, entered.signal)) is None:
            pass

    async def _left(self, signal: Any, entered: SignalId) -> bool:
        assert signal.signal_id, "Invariant: who reads a signal carries it"
        await self.up.wait()
        await self.lives[-1].shell.tell(ExitRequested(entered))
        await self.lives[-1].shell.until(lambda state: is_flat(state, entered))
        return True

    def _owner(self, order: Any) -> str | None:
        """The intent that an order is for: that of its trade, or to leave it."""
        trade, slot = NAME.fullmatch(order.clientOrderId).groups()
        return self.exits.get(trade, trade) if slot in "xy" else trade


def name_of(signal: SignalReceived) -> str:
    """The intent of a signal, as the kit calls it."""
    return f"{signal.signal.strategy}{signal.signal.sequence}"


def is_flat(state: State, signal: SignalId) -> bool:
    """Whether nothing of a trade is on its way out, or held beyond what the venue takes no order for."""
    trades = [each for each in state.trades if each.signal == signal]
    legs = [(leg, Lots(abs(open_lots(trade, leg)))) for trade in trades for leg in (trade.leg_a, trade.leg_b)]
    held = [orderable(lots, leg.step, leg.minimum) for leg, lots in legs]
    return not any(held) and not any(trade.phase == "exit" for trade in trades)


def has_ended(state: State, signal: SignalId) -> bool:
    """Whether a trade has come to its end, or left the state."""
    return all(trade.outcome is not None for trade in state.trades if trade.signal == signal)


def sent_by(log: Any) -> set[str]:
    """The orders that the events of a log have sent."""
    state, sent = engine.initial(log.opening.settings, log.opening.cash), set[str]()
    for event in log.events():
        state, commands = engine.step(state, event)
        sent |= sent_in(commands)
    return sent


def sent_in(commands: Sequence[Command]) -> set[str]:
    """The orders that commands send, as the venue knows them."""
    return {PREFIX + order_name(each.order) for each in commands if isinstance(each, SubmitOrder)}


def crashed_everywhere(test: Any, executions: int = 20_000) -> Any:
    """The verdict on a test whose process dies once, at every await that there is."""
    return hedgecheck.check(test, exhaustive=0, executions=executions, faults=faults.CRASHES, max_faults=1)
