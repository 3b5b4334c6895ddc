"""One tape, twice: alone, and beside an intent on symbols of its own whose actions come in between (I20).

The setting is one in which nothing is shared but the gate, and there no limit binds: cash without end, no
breaker that trips, no halt, no crash. Of the other intent nothing fails; it only is there. Queues are shared:
where a message of the other intent is at the head of one, it goes first.
"""

from collections.abc import Hashable
from random import Random

from hedgecheck import invariants, tape, venue
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import LOOSE
from hedgecheck.explore.replay import DRAIN_MAX
from hedgecheck.faults import CRASHES, Plan
from hedgecheck.invariants import Belief, Broken, Finding, Step
from hedgecheck.messages import (
    QUOTES,
    CreateOrder,
    Intent,
    Record,
    Report,
    Request,
    Sent,
    StartTimer,
)
from hedgecheck.tape import Action
from hedgecheck.values import frozen, replace
from hedgecheck.venue import Market
from hedgecheck.world import Engine, Scope, Settling, Universe, World
from hedgecheck.world.model import label

OTHER = Intent("u1", "UUU", "buy", 10, "VVV", "sell", 10, stop_a=95, stop_b=105)
CASH_TIMES = 1_000_000
AMOUNT_MAX = 10**9
ACTIONS_MAX = 120
HEADS = (tape.LoseRequest, tape.Receive, tape.Misanswer, tape.CrossCancel, tape.CrossReplace, tape.Refuse)


@frozen
class Comparison:
    """What two executions of one tape came to: the rule's finding, and how many steps each of them took."""

    finding: Finding
    alone: int
    beside: int


def compare(engine: Engine, seed: int) -> Comparison:
    """Compares two executions of the tape that ``seed`` stands for, in the scope that it stands for."""
    random = Random(f"comparison {seed}")
    scope = roomy(scopes.draw(seed))
    first = Universe(scope, engine)
    actions, taped, world = _walk(first, random)
    second = _Beside(Universe(with_other(scope), engine), random)
    second.run(actions)
    finding = invariants.non_interference.compared(scope.intents, taped, tuple(second.steps))
    if not isinstance(finding, Broken):
        finding = _believed(scope, first, world, second) or finding
    return Comparison(finding, len(taped), len(second.steps))


def roomy(scope: Scope) -> Scope:
    """The scope with limits that cannot bind, on an account that cannot run short, and without what strikes
    all intents at once."""
    loose = replace(LOOSE, trades_in_flight=len(scope.intents) + 1, order_amount=AMOUNT_MAX)
    return replace(
        scope,
        house=replace(scope.house, account="margin"),
        cash=scope.cash * CASH_TIMES,
        bounds=loose,
        faults=Plan(tuple(fault for fault in scope.faults if fault not in CRASHES)),
        max_crashes=0,
        halts=0,
        sessions=0,
        pauses=0,
        timers="any",
    )


def with_other(scope: Scope) -> Scope:
    """The scope with the other intent in it, last, and its two markets."""
    symbols = OTHER.symbols
    markets = (*scope.house.markets, *(Market(symbol) for symbol in symbols))
    prices = (*scope.prices, *((symbol, scopes.PRICE) for symbol in symbols))
    house = replace(scope.house, markets=markets)
    return replace(scope, intents=(*scope.intents, OTHER), house=house, prices=prices)


def _walk(universe: Universe, random: Random) -> tuple[tuple[Action, ...], tuple[Step, ...], World]:
    """A walk over what is possible, then to rest: its actions, the steps they were, where it ended."""
    world = universe.initial()
    actions: list[Action] = []
    steps: list[Step] = []
    for _ in range(random.choice((20, 60, ACTIONS_MAX))):
        possible = universe.enabled(world)
        if not possible:
            break
        ordinary = universe.ordinary(world)
        action = random.choice(ordinary if ordinary and random.random() < 0.7 else possible)
        world, records = universe.apply(world, action)
        actions.append(action)
        steps.append(Step(True, action, records))
    settling = Settling(universe)
    for _ in range(DRAIN_MAX):
        rest = settling.next(world)
        if rest is None:
            break
        world, records = universe.apply(world, rest)
        actions.append(rest)
        steps.append(Step(True, rest, records))
    return tuple(actions), tuple(steps), world


class _Beside:
    """The tape again, with the actions of the other intent in between."""

    def __init__(self, universe: Universe, random: Random) -> None:
        self.universe = universe
        self.world = universe.initial()
        self.steps: list[Step] = []
        self._random = random
        self._orders: set[str] = set()
        self._timers: set[str] = set()

    def run(self, actions: tuple[Action, ...]) -> None:
        """Every action of the tape, and before each some of the other intent's."""
        for action in actions:
            for _ in range(self._random.choice((0, 0, 1, 2))):
                possible = self._possible()
                if possible:
                    self._take(self._random.choice(possible), own=False)
            self._clear_the_way(action)
            self._take(action, own=True)

    def _take(self, action: Action, own: bool) -> None:
        self.world, records = self.universe.apply(self.world, action)
        if own or records:
            self.steps.append(Step(own, action, records))
        if not own:
            self._note(records)

    def _note(self, records: tuple[Record, ...]) -> None:
        for record in records:
            if isinstance(record, StartTimer):
                self._timers.add(record.timer)
            elif isinstance(record, Sent) and isinstance(record.request, CreateOrder):
                self._orders.add(record.request.client_order_id)

    def _possible(self) -> list[Action]:
        """What the other intent's own affairs make possible."""
        world, index = self.world, len(self.world.signaled) - 1
        actions: list[Action] = [] if world.signaled[index] else [tape.Signal(index)]
        if world.outbound and self._is_others(world.outbound[0]):
            actions.append(tape.Receive())
        if world.inbound and self._is_others(world.inbound[0]):
            actions.append(tape.Deliver(*label(world.inbound[0])))
        for order in world.venue.orders:
            amount = venue.fillable(world.venue, order)
            if amount and order.request.client_order_id in self._orders:
                actions.append(tape.Fill(order.request.client_order_id, amount))
        return actions + [tape.Fire(timer) for timer in world.timers if timer in self._timers]

    def _is_others(self, message: Request | Report) -> bool:
        return not isinstance(message, QUOTES) and message.client_order_id in self._orders

    def _clear_the_way(self, action: Action) -> None:
        """Lets what the other intent has at the head of a queue go first."""
        if isinstance(action, HEADS):
            while self.world.outbound and self._is_others(self.world.outbound[0]):
                self._take(tape.Receive(), own=False)
        elif isinstance(action, tape.Deliver):
            while self.world.inbound and self._is_others(self.world.inbound[0]):
                self._take(tape.Deliver(*label(self.world.inbound[0])), own=False)


def _believed(scope: Scope, first: Universe, world: World, second: _Beside) -> Broken | None:
    """What the engine believes of the tape's intents in the end, where it is not the same."""
    symbols = frozenset(symbol for symbol, _ in scope.prices)
    alone = _of(first.engine.belief(world.engine), symbols)
    beside = _of(second.universe.engine.belief(second.world.engine), symbols)
    if alone == beside:
        return None
    return Broken(f"in the end the engine believes {alone} alone, and beside another intent {beside}")


def _of(belief: Belief, symbols: frozenset[str]) -> Hashable:
    """The part of a belief that is about these symbols' positions and the orders not of the other intent."""
    orders = tuple(each for each in belief.orders if not each.client_order_id.startswith(OTHER.id))
    attributed = belief.attributed or ()
    return (
        tuple(pair for pair in belief.positions if pair[0] in symbols),
        orders,
        tuple(each for each in attributed if each[0] != OTHER.id),
        belief.halted,
    )
