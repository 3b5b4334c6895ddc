"""An order flow from signal to rest, with books kept from the venue's own records to judge the core's by."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random
from typing import Any

from core import engine
from core.messages import Command, EndTrade
from core.positions import unrealised
from core.trade import open_lots
from core.units import sign
from hedgecheck import faults, tape, venue
from hedgecheck.drive import BundledCore, command_of, event_of, signal_name
from hedgecheck.explore.bounded import LOOSE
from hedgecheck.explore.scopes import PRICE
from hedgecheck.invariants import Bounds
from hedgecheck.messages import (
    Alert,
    CreateOrder,
    EngineCommand,
    EngineEvent,
    Filled,
    Intent,
    OutcomeUnknown,
    Signaled,
)
from hedgecheck.tape import Action
from hedgecheck.venue import Book, House, Market
from hedgecheck.world import Scope, ordinary
from tests.support import Script

SYMBOLS = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
CASH = 1_000_000
RESTING = {"price_a": PRICE}  # a limit at the market: it may be filled in parts, and rests in between
WITH_STOPS = {**RESTING, "stop_a": 95, "stop_b": 105}
CRASH = tape.Move("AAA", -200_000)  # a fifth down
FREE = replace(LOOSE, trades_in_flight=100, order_amount=10**9)

CAP = replace(FREE, position_bps=2_000)
GROSS = replace(FREE, gross_bps=10_000)
HEAT = replace(FREE, heat_bps=600)
ONE_TRADE = replace(FREE, trades_in_flight=1)
APART = tuple((one, other, 0) for one, other in combinations(SYMBOLS, 2))  # no two symbols move together


def pair(name: str, amount: int = 100, symbols: str = "AAA BBB", **more: Any) -> Intent:
    """Buys the first symbol against the second, as much of either unless ``more`` says otherwise."""
    symbol_a, symbol_b = symbols.split()
    legs = {"side_a": "buy", "amount_a": amount, "side_b": "sell", "amount_b": amount, **more}
    return Intent(name, symbol_a=symbol_a, symbol_b=symbol_b, **legs)


def scope(
    *intents: Intent, bounds: Bounds = FREE, cash: int = CASH, price_a: int = PRICE, **house: Any
) -> Scope:
    """Six symbols at one price, AAA at its own. No limit binds; faults are enough for any script."""
    rules = House(**{"markets": listed(), **house})
    prices = {**dict.fromkeys(SYMBOLS, PRICE), "AAA": price_a}
    return Scope(intents, rules, cash, tuple(prices.items()), bounds, max_faults=100)


def booked(*intents: Intent, reshapes: int = 9, **more: Any) -> Scope:
    """The same, with a book in AAA and in BBB: of 40 lots at each price, 2 apart, and 10,000 lots a day."""
    books = tuple(Book(symbol, 2, 40, 40, volume=10_000, volatility_bps=200) for symbol in SYMBOLS[:2])
    return replace(scope(*intents, **more), books=books, reshapes=reshapes)


def listed(**market: Any) -> tuple[Market, ...]:
    """The six symbols, all with these terms."""
    return tuple(Market(symbol, **market) for symbol in SYMBOLS)


# ---- settings --------------------------------------------------------------------------------------

# per reason: the setting in which the last intent is refused once those before it were taken
REFUSED = {
    "DUPLICATE_SIGNAL": scope(pair("p1"), pair("p1")),
    "KEY_BUSY": scope(pair("p1"), pair("p2", 7)),
    "INVALID_SIGNAL": scope(pair("p1", symbols="AAA AAA")),
    "OFF_STEP": scope(pair("p1", 101), markets=listed(lot=5)),
    "BELOW_MINIMUM": scope(pair("p1", 9), markets=listed(minimum_notional=901)),
    "PRICE_UNUSABLE": scope(pair("p1"), price_a=-37),  # as crude oil on 2020-04-20
    "HALTED": scope(pair("p1", 1_000), pair("m1", symbols="CCC DDD")),
    "OPPOSING_POSITION": scope(pair("p1"), pair("m1", symbols="CCC AAA")),
    "ORDER_SIZE": scope(pair("p1"), bounds=replace(FREE, order_amount=99)),
    "ORDER_NOTIONAL": scope(pair("p1"), bounds=replace(FREE, order_notional=9_999)),
    "PRICE_COLLAR": scope(pair("p1", price_a=106), bounds=replace(FREE, collar_bps=500)),
    "MESSAGE_RATE": scope(pair("p1"), pair("m1", symbols="CCC DDD"), bounds=replace(FREE, message_burst=1)),
    "TRADES_IN_FLIGHT": scope(pair("p1"), pair("m1", symbols="CCC DDD"), bounds=ONE_TRADE),
    "POSITION_CAP": scope(pair("p1", 2_001), bounds=CAP),
    "GROSS_EXPOSURE": scope(pair("p1", 5_001), bounds=GROSS),
    "STRATEGY_CAP": scope(pair("p1", 501), bounds=replace(FREE, strategy_bps=1_000)),
    "NET_EXPOSURE": scope(pair("p1", 1_001), bounds=replace(FREE, net_bps=1_000)),
    "LEVERAGE": scope(pair("p1", 501), bounds=replace(FREE, leverage_bps=1_000)),
    "CLUSTER_EXPOSURE": scope(pair("p1", 501), bounds=replace(FREE, cluster_bps=1_000)),
    "HEAT": scope(pair("p1", 300), bounds=HEAT),
    "PARTICIPATION": booked(pair("p1", 41), bounds=replace(FREE, participation_bps=10_000)),
    "SPREAD": booked(pair("p1"), bounds=replace(FREE, spread_bps=199)),
    "MARKET_IMPACT": booked(pair("p1", 26), bounds=replace(FREE, impact_bps=10)),
    "LIQUIDITY_UNKNOWN": scope(pair("p1"), bounds=replace(FREE, spread_bps=1_000)),
    "UNKNOWN_STRATEGY": scope(pair("p1"), bounds=replace(FREE, budgets=(("m", 5_000),))),
    "STRATEGY_BUDGET": scope(pair("p1", 2_501), bounds=replace(FREE, budgets=(("p", 5_000),))),
}

# limits, lots of p1, symbols of m1, the most that m1 may have, the reason that it may not have more
ROOM = {
    "cap": (CAP, 1_500, "AAA CCC", 500, "POSITION_CAP"),  # 2,000 lots of AAA
    "gross": (GROSS, 3_000, "CCC DDD", 2_000, "GROSS_EXPOSURE"),  # 10,000 lots
    # 60,000; a pair of n lots risks 2 x (5 n + n / 10): 30,600 for p1, 29,398 for 2,882
    "heat": (HEAT, 3_000, "CCC DDD", 2_882, "HEAT"),
}

# ---- the flow, and its account ---------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """Money in minor units, signed lots by symbol and by (intent, symbol), none of them zero."""

    cash: int
    fees: int
    lots: dict[str, int]
    lots_by_intent: dict[tuple[str, str], int]


class Overheard(BundledCore):
    """The bundled core, with its commands kept: the kit's words do not tell how much of leg A was filled."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def step(self, state: engine.State, event: EngineEvent) -> tuple[engine.State, tuple[EngineCommand, ...]]:
        """One step of the core."""
        state, commands = engine.step(state, event_of(event))
        self.commands += commands
        return state, tuple(command_of(command) for command in commands)


class Flow(Script):
    """A script that keeps an account of what the venue executed, and nothing else."""

    def __init__(self, setting: Scope) -> None:
        self.engine = Overheard()
        super().__init__(setting, self.engine)
        self.scope = setting

    def all(self, actions: Iterable[Action]) -> "Flow":
        """One action after another."""
        for action in actions:
            self.do(action)
        return self

    def want(self, intent: Intent) -> "Flow":
        """A strategy wants what it has not thought of before."""
        world, records = self.run.universe.tell(self.run.world, intent, Signaled(intent))
        broken = self.run.watch.see(records, self.run.universe.view(world, at_rest=False))
        assert broken is None, broken
        self.run.world, self.records = world, [*self.records, *records]
        return self

    def enter(self, intent: int, *parts: int) -> "Flow":
        """The entry of an intent is accepted, and filled in these parts so far."""
        entry = f"{self.scope.intents[intent].id}a1"
        self.signal(intent).receive().hear(entry, "Accepted")
        for part in filter(None, parts):
            self.fill(entry, part).hear(entry, "Filled")
        return self

    def lose(self, what: str, order: str, reply: str) -> "Flow":
        """The oldest request is lost on its way, or the reply to it on its way back."""
        if what == "request":
            return self.do(tape.LoseRequest())
        return self.receive().do(tape.LoseReply(order, reply))

    def time_out(self, order: str) -> "Flow":
        """The time of an order runs out, if it is still working."""
        timer = f"{order}/timeout"
        return self.do(tape.Fire(timer)) if timer in self.run.world.timers else self

    def hear_all(self) -> "Flow":
        """Every message under way arrives, before the market does anything."""
        while self.run.world.outbound or self.run.world.inbound:
            self.do(self.run.universe.quiet(self.run.world))
        return self

    def settle_in_phase(self) -> "Flow":
        """Everything goes its quiet way while the market stays as it is; each timer fires once at most."""
        fired: list[str] = []
        while action := self._next_in_phase(fired):
            fired += [action.timer] if isinstance(action, tape.Fire) else []
            self.do(action)
        return self

    def _next_in_phase(self, fired: list[str]) -> Action | None:
        world = self.run.world
        timers = [tape.Fire(each) for each in world.timers if each not in fired]
        moving = [each for each in ordinary.moves(world) if not isinstance(each, tape.Signal)]
        return next(iter([*moving, *timers]), None)

    def until_returned(self, intent: str) -> "Flow":
        """Everything goes its quiet way until the call of that intent returns, and no further."""
        while intent not in self.outcomes:
            self.do(self.run.universe.quiet(self.run.world))
        return self

    def ask_about(self, order: str) -> "Flow":
        """The core asks about that order until it asks no more; nothing else happens meanwhile."""
        while f"{order}/query" in self.hear_all().run.world.timers:
            self.do(tape.Fire(f"{order}/query"))
        return self

    def never_told_of(self, order: str) -> "Flow":
        """Every question about that order fails, until the core asks no more."""
        while self.run.world.outbound:
            self.do(tape.Misanswer("failed")).hear(order, "Status")
            if f"{order}/query" in self.run.world.timers:
                self.do(tape.Fire(f"{order}/query"))
        return self

    @property
    def alerted(self) -> set[str]:
        """What people were told to look at."""
        return {each.subject for each in self.records if isinstance(each, Alert)}

    @property
    def state(self) -> engine.State:
        """What the core holds to be true."""
        return self.run.world.engine

    @property
    def fills(self) -> list[Filled]:
        """The venue's executions, as it entered them in its own ledger."""
        return [each for each in self.records if isinstance(each, Filled)]

    @property
    def outcomes(self) -> dict[str, str]:
        """How each call ended, the last one of an intent."""
        return {intent: reason for intent, _, reason in self.returned}

    @property
    def grades(self) -> dict[str, str]:
        """How much of leg A each ended trade called its own."""
        ends = [each for each in self.engine.commands if isinstance(each, EndTrade)]
        return {signal_name(each.signal): each.entry_fill for each in ends}

    def orders(self, intent: str) -> list[tuple[str, str, int]]:
        """Symbol, side and amount of every order of an intent that reached the venue."""
        return [(each.symbol, each.side, each.amount) for each in self.created if each.intent == intent]

    def believed(self) -> Account:
        """The core's books."""
        book = self.state.book
        by_intent: Counter[tuple[str, str]] = Counter()
        for trade in self.state.trades:
            for leg in (trade.leg_a, trade.leg_b):
                by_intent[signal_name(trade.signal), leg.symbol] += sign(leg.side) * open_lots(trade, leg)
        lots = {each.symbol: each.lots for each in book.positions if each.lots}
        return Account(book.cash, book.fees, lots, _nonzero(by_intent))

    def recounted(self) -> Account:
        """The account after the venue's executions, each once, counted from the opening cash."""
        intents = {each.client_order_id: each.intent for each in self.created}
        lot_values = {each.symbol: each.tick_lot_value for each in self.scope.house.markets}
        cash, lots, by_intent = self.scope.cash, Counter(), Counter()
        for fill in self.fills:
            direction = {"buy": 1, "sell": -1}[fill.side]
            cash -= direction * fill.amount * fill.price * lot_values[fill.symbol] + fill.fee_money
            moved = direction * fill.amount - fill.fee_lots
            lots[fill.symbol] += moved
            by_intent[intents[fill.client_order_id] or "", fill.symbol] += moved
        fees = sum(fill.fee_money for fill in self.fills)
        return Account(cash, fees, _nonzero(lots), _nonzero(by_intent))

    def reconcile(self) -> "Flow":
        """The core's books are the recount, which is what the venue holds; profit adds up to the equity."""
        truth, held, book = self.recounted(), self.run.world.venue, self.state.book
        assert (held.cash, dict(held.positions)) == (truth.cash, truth.lots)
        assert self.believed() == truth
        prices = dict(held.prices)
        lot_values = {each.symbol: each.tick_lot_value for each in self.scope.house.markets}
        worth = sum(lots * prices[symbol] * lot_values[symbol] for symbol, lots in truth.lots.items())
        assert engine.equity(self.state) == truth.cash + worth
        open_profit = sum(
            unrealised(each, prices[each.symbol], self.state.settings) for each in book.positions
        )
        profit = open_profit + sum(each.realised for each in book.positions) - truth.fees
        assert profit == truth.cash + worth - self.scope.cash
        return self

    def finish(self) -> "Flow":
        """Everything comes to rest with no rule broken and no order left but stops; books are reconciled."""
        self.settle()
        left = [each.request for each in self.run.world.venue.orders if each.phase == "open"]
        assert [each for each in left if each.stop_price is None] == []
        return self.reconcile()

    def resting(self, symbol: str) -> list[CreateOrder]:
        """The orders that the venue works in a symbol, stops included."""
        orders = self.run.world.venue.orders
        return [each.request for each in orders if each.phase == "open" and each.request.symbol == symbol]

    def venue_phase(self, client_order_id: str) -> str:
        """What became of an order at the venue."""
        order = venue.find(self.run.world.venue, client_order_id)
        assert order is not None, f"{client_order_id} is not at the venue"
        return order.phase

    def between_unknown_and(self, client_order_id: str) -> tuple[Any, ...]:
        """What happened from the first unknown outcome to the sending of that order; nothing without it."""
        sent = [index for index, each in enumerate(self.records) if _creates(each, client_order_id)]
        lost = [index for index, each in enumerate(self.records) if isinstance(each, OutcomeUnknown)]
        return tuple(self.records[lost[0] : sent[0]]) if sent else ()


# ---- flows that several tests begin with --------------------------------------------------------------


def resting(*parts: int, amount: int = 1_000, fee_bps: int = 0, **more: Any) -> Flow:
    """p1's entry rests at the venue, filled in these parts so far."""
    return Flow(scope(pair("p1", amount, **RESTING, **more), fee_bps=fee_bps)).enter(0, *parts)


def until(stage: str, amount: int) -> tuple[Action, ...]:
    """The way to a stage of p1, whose entry of so many lots rests. A few of them are a severe fill."""
    sent = (tape.Signal(0),)
    accepted = (*sent, tape.Receive(), tape.Deliver("p1a1", "Accepted"))
    partly = (*accepted, tape.Fill("p1a1", amount // 3), tape.Deliver("p1a1", "Filled"))
    cancelling = (*partly, tape.Fire("p1a1/timeout"))
    return {
        "sent": sent,
        "unknown": (*sent, tape.LoseRequest()),
        "accepted": accepted,
        "partly filled": partly,
        "cancelling": cancelling,
        "flattening": (*cancelling, tape.Receive(), tape.Deliver("p1a1", "Canceled")),
        "hedging": (*accepted, tape.Fill("p1a1", amount), tape.Deliver("p1a1", "Filled")),
    }[stage]


def portfolio(*fills: int) -> Flow:
    """A pair of 100 lots per fill, each a strategy of its own; what is to fill nothing rests far away."""
    pairs = zip("pmkn", ("AAA BBB", "AAA DDD", "CCC DDD", "EEE FFF"), fills, strict=True)
    far = {"price_a": PRICE // 2}
    return Flow(scope(*[pair(f"{name}1", 100, legs, **({} if fill else far)) for name, legs, fill in pairs]))


def walk(flow: Flow, fills: tuple[int, ...], random: Random) -> Flow:
    """Everything but timers in any order, messages that overtake included; each entry fills as it is told."""
    planned = [tape.Fill(f"{each.id}a1", fill) for each, fill in zip(flow.scope.intents, fills, strict=True)]
    while choices := _choices(flow, planned):
        flow.do(random.choice(choices))
    return flow


def _choices(flow: Flow, planned: list[tape.Fill]) -> list[Action]:
    world, universe = flow.run.world, flow.run.universe
    signals = [tape.Signal(index) for index, count in enumerate(world.signaled) if not count]
    others = [
        action
        for action in universe.ordinary(world)
        if not isinstance(action, tape.Signal | tape.Fire)
        and not (isinstance(action, tape.Fill) and action.order.endswith("a1"))
    ]
    open_orders = {each.request.client_order_id for each in world.venue.orders if each.phase == "open"}
    fills = [fill for fill in planned if fill.amount and fill.order in open_orders]
    return [*signals, *others, *fills, *universe.adverse(world, faults.reordered)]


def expected_of(intents: Iterable[Intent], fills: Iterable[int]) -> tuple[dict[str, str], dict[Any, int]]:
    """Outcomes, and lots by (intent, symbol), of pairs of 100 equal lots: each for itself."""
    outcomes, lots = {}, {}
    for intent, fill in zip(intents, fills, strict=True):
        outcomes[intent.id] = "hedged" if fill >= 50 else "flattened" if fill else "unfilled"
        if fill >= 50:
            lots |= {(intent.id, intent.symbol_a): fill, (intent.id, intent.symbol_b): -fill}
    return outcomes, lots


def _creates(record: Any, client_order_id: str) -> bool:
    request = getattr(record, "request", None)
    return isinstance(request, CreateOrder) and request.client_order_id == client_order_id


def _nonzero(counts: Counter[Any]) -> dict[Any, int]:
    return {key: count for key, count in counts.items() if count}
