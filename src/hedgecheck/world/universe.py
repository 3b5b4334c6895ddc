"""Everything that can happen in a world, and what it does: the faces that explorers use."""

from collections.abc import Callable
from typing import Any

from hedgecheck import faults, tape
from hedgecheck.errors import UsageError
from hedgecheck.faults import Fault
from hedgecheck.invariants import MarketTerms, Restart, Terms
from hedgecheck.messages import (
    Batch,
    BookShown,
    CashFlow,
    CreateOrder,
    EngineEvent,
    Exit,
    Price,
    Rebalance,
    Record,
    Sent,
)
from hedgecheck.values import frozen
from hedgecheck.venue import Venue, book_shown
from hedgecheck.world import adverse, books, crashes, ordinary, sessions
from hedgecheck.world.model import Setting, Step, World, label
from hedgecheck.world.rest import Settling
from hedgecheck.world.view import WorldView

RESTART_STEPS_MAX = 200


@frozen
class Universe(Setting):
    """A scope with an engine in it, and the transition system they make together."""

    def initial(self) -> World:
        """The world before anything happened. The engine knows the opening prices and books.

        Raises ``UsageError`` for an engine that cannot be told of them.
        """
        scope = self.scope
        state = self.engine.initial(scope)
        prices: list[EngineEvent] = [Price(symbol, price) for symbol, price in scope.prices]
        for told in (*prices, *self._opening_books()):
            try:
                state, _ = self.engine.step(state, told)
            except Exception as error:
                raise UsageError(
                    f"The engine fails when it is told {told}, before anything else: {type(error).__name__}: "
                    f"{error}. step(state, event) gives the state after it and a tuple of commands."
                ) from error
        return World(
            state,
            self._opened(),
            (0,) * len(scope.intents),
            scope.max_faults,
            crashes_left=scope.max_crashes,
            halts_left=scope.halts,
            days_left=scope.days,
            changes_left=scope.changes,
            sessions_left=scope.sessions,
            pauses_left=scope.pauses,
            rebalances_left=self.understood(Rebalance, scope.rebalances),
            exits_left=self.understood(Exit, scope.exits),
            reshapes_left=self.understood(BookShown, scope.reshapes),
            cash_flows_left=self.understood(CashFlow, scope.cash_flows),
            batches_left=self.understood(Batch, scope.batches),
        )

    def understood(self, kind: type[Any], times: int) -> int:
        """So often may the engine be told something of that kind: never where it does not say that it
        understands it."""
        return times if kind in getattr(self.engine, "understands", ()) else 0

    def _opened(self) -> Venue:
        scope = self.scope
        books = scope.books if self.understood(BookShown, 1) else ()
        return Venue(scope.house, scope.cash, scope.prices, books=books)

    def _opening_books(self) -> tuple[BookShown, ...]:
        opened = self._opened()
        return tuple(shown for each in opened.books if (shown := book_shown(opened, each.symbol)))

    def terms(self) -> Terms:
        """What the observers are told of the setting."""
        prices = dict(self.scope.prices)
        markets = tuple(
            MarketTerms(
                each.symbol,
                prices[each.symbol],
                each.tick_lot_value,
                each.minimum,
                each.minimum_notional,
                each.lot,
                each.tick,
            )
            for each in self.scope.house.markets
        )
        scope = self.scope
        return Terms(
            scope.cash,
            markets,
            scope.bounds,
            scope.not_found_confirmations,
            scope.daily_loss_bps,
            scope.drawdown_bps,
            self._opening_books(),
        )

    def enabled(self, world: World) -> tuple[tape.Action, ...]:
        """Every action that would change this world, in a fixed order."""
        struck = (self.adverse(world, fault) for fault in self.scope.faults)
        people = (
            *self.halts(world),
            *self.rolls(world),
            *self.changes(world),
            *self.closings(world),
            *self.rebalances(world),
            *self.exits(world),
            *self.reshapes(world),
            *self.cash_flows(world),
            *self.batches(world),
        )
        quiet = (*self.ordinary(world), *self.ticks(world), *people)
        return (*quiet, *(action for actions in struck for action in actions))

    def ordinary(self, world: World) -> list[tape.Action]:
        """What happens without any fault, ticks of the market apart. Nothing of this is rest: neither is a
        market that is closed or halted, nor a book that has run dry."""
        return ordinary.options(self, world)

    def ticks(self, world: World) -> list[tape.Action]:
        """The price changes of an ordinary day, which may always happen."""
        return [] if world.crashed else ordinary.ticks(self, world)

    def halts(self, world: World) -> list[tape.Action]:
        """A person may always halt trading, so often as the scope says."""
        return [ordinary.HALT] if world.halts_left > 0 and not world.crashed else []

    def rolls(self, world: World) -> list[tape.Action]:
        """A session day may always begin, so often as the scope says."""
        return [ordinary.ROLL] if world.days_left > 0 and not world.crashed else []

    def closings(self, world: World) -> list[tape.Action]:
        """The session may always end and trading be halted, so often as the scope says."""
        return sessions.closings(self, world)

    def changes(self, world: World) -> list[tape.Action]:
        """A strategy may always want its entry at another price, so often as the scope says."""
        return ordinary.changes(self, world)

    def rebalances(self, world: World) -> list[tape.Action]:
        """Capital may always be shared anew between strategies, so often as the scope says."""
        return ordinary.rebalances(self, world)

    def exits(self, world: World) -> list[tape.Action]:
        """A strategy may always want out of an intent that it signaled, so often as the scope says."""
        return ordinary.exits(self, world)

    def reshapes(self, world: World) -> list[tape.Action]:
        """An order book may always take another shape, so often as the scope says."""
        return books.reshapes(self, world)

    def cash_flows(self, world: World) -> list[tape.Action]:
        """Cash may always be deposited or withdrawn, so often as the scope says."""
        return ordinary.cash_flows(self, world)

    def batches(self, world: World) -> list[tape.Action]:
        """Intents that were not signaled may always be at one moment, so often as the scope says."""
        return ordinary.batches(self, world)

    def adverse(self, world: World, fault: Fault) -> list[tape.Action]:
        """What one kind of fault could do now; nothing once none are left."""
        left = world.crashes_left if fault in faults.CRASHES else world.faults_left
        if left <= 0 or world.crashed or fault not in self.scope.faults:
            return []
        return OPTIONS[fault](self, world)

    def apply(self, world: World, action: tape.Action) -> Step:
        """The world after ``action``, and what happened; no records where it was not possible."""
        if world.crashed or isinstance(action, tape.InLane):
            return world, ()
        return HANDLERS[type(action)](self, world, action)

    def quiet(self, world: World) -> tape.Action | None:
        """The next thing to happen once faults have stopped, fairly; None at rest.

        Messages go before fills, fills before a market that opens again, and that before timers; a timer
        fires only when nothing else can happen.
        """
        if world.outbound and not world.crashed:
            return ordinary.RECEIVE
        if world.inbound and not world.crashed:
            return tape.Deliver(*label(world.inbound[0]))
        return next((each for each in self.ordinary(world) if not isinstance(each, tape.Signal)), None)

    def firings(self, world: World) -> tuple[tape.Action, ...]:
        """See ``rest.Quiet``: armed again, a timer comes last, so each has its turn."""
        action = self.quiet(world)
        return () if action is None else (action,)

    def view(self, world: World, at_rest: bool) -> "WorldView":
        """What a verdict may see."""
        return WorldView(self, world, at_rest)

    def restarts(self, world: World) -> tuple[Restart, ...]:
        """See ``invariants.View``; none where this scope's engine never crashes."""
        if not self.scope.max_crashes or world.crashed:
            return ()
        seen: list[Restart] = []
        for _ in range(2):
            world, opened = self._settled(*self.restarted(world))
            seen.append((self.engine.belief(world.engine), opened))
        return tuple(seen)

    def _settled(self, world: World, records: tuple[Record, ...]) -> tuple[World, str]:
        """The world at rest again, and the first order that was created on the way there."""
        opened, settling = "", Settling(self)
        for _ in range(RESTART_STEPS_MAX):
            for each in records:
                if not opened and isinstance(each, Sent) and isinstance(each.request, CreateOrder):
                    opened = each.request.client_order_id
            action = settling.next(world)
            if action is None:
                break
            world, records = self.apply(world, action)
        return world, opened


OPTIONS: dict[Fault, Callable[[Setting, World], list[tape.Action]]] = {
    **adverse.OPTIONS,
    **crashes.OPTIONS,
}

HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {
    **ordinary.HANDLERS,
    **adverse.HANDLERS,
    **crashes.HANDLERS,
    **sessions.HANDLERS,
    **books.HANDLERS,
}
