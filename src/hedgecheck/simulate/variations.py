"""In what two executions of one test differ: a restart, signals left out, a shock, another test function."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from hedgecheck import invariants
from hedgecheck.errors import NotApplicable
from hedgecheck.simulate.choices import KINDS
from hedgecheck.simulate.execution import REST_SECONDS, Execution
from hedgecheck.simulate.ledger import Ledger, LedgerOrder
from hedgecheck.simulate.perform import Test
from hedgecheck.simulate.plain import Face
from hedgecheck.simulate.processes import Running
from hedgecheck.simulate.story import number
from hedgecheck.simulate.twice import Ran, same_choices

MOMENTS_MAX = 200  # of a long execution so many, evenly
OF_ONE_FLOW = ("fault", "draw")  # choices that hang on no other strategy's messages
EVERYWHERE = ("F06", "F11", "F12", "F16")  # faults that strike more than the call they strike at


class Moments:
    """The boundaries of one execution at which something may be done; it is done at one of them, or at
    none where ``at`` is None."""

    def __init__(
        self, sim: Face, offers: Callable[[Face], list[Any]], act: Callable[[Any], None], at: int | None
    ) -> None:
        self.count = 0
        self.prefix = 0
        self._sim = sim
        self._offers = offers
        self._act = act
        self._at = at
        self._has_rested = False
        sim._run.on_boundary.append(self._look)

    def _look(self) -> None:
        run = self._sim._run
        if asyncio.current_task(run.loop) is not None or run.judge.failure is not None:
            return
        if run.ended_at is not None:
            if self._has_rested or not is_quiet(run) or run.now > run.ended_at + REST_SECONDS:
                return
            self._has_rested = True
        for each in self._offers(self._sim):
            if self.count == self._at:
                self.prefix = len(run.choices.made)
                run.is_interrupted = not run.loop._ready
                self._act(each)
            self.count += 1


def is_quiet(run: Execution) -> bool:
    """Whether nothing is under way: no callback waits to run, and nothing is on its way."""
    return not run.loop._ready and run.agenda.is_empty()


def chosen_moment(value: int, count: int) -> int:
    """The moment that a choice stands for: by default the last, else from the first on."""
    ways = min(count, MOMENTS_MAX)
    return count - 1 if not value else (value - 1) * count // ways


class Restart:
    """The process dies once more, and comes up again: at any await, or ``at_rest``, where nothing is under
    way. What venues hold in the end must be the same."""

    rule = invariants.restart_neutral
    about = "the restart"
    shows_first = False
    kinds = KINDS

    def __init__(self, *, at_rest: bool) -> None:
        self._at_rest = at_rest
        self._moments: Moments

    def watch(self, sim: Face) -> None:
        """Counts the moments at which a process could die."""
        self._moments = Moments(sim, self._alive, self._restart, None)

    def ways(self, first: Ran) -> int:
        """One for each of them."""
        self._count = self._moments.count
        return min(self._count, MOMENTS_MAX)

    def vary(self, sim: Face, value: int) -> None:
        """Restarts at one of the moments."""
        self._sim = sim
        self._at = 0.0
        self._moments = Moments(sim, self._alive, self._restart, chosen_moment(value, self._count))

    def second_test(self, test: Test) -> Test:
        """The same."""
        return test

    def prefix(self) -> int:
        """The choices before the restart."""
        return self._moments.prefix

    @property
    def cure(self) -> str:
        """How to have something that restarts."""
        rest = " and nothing else was under way" if self._at_rest else ""
        return (
            f"There was no moment at which a process was up{rest}. Start the bot with await "
            'sim.process(factory), so that it can die and come up again; vary="restart" tries every await.'
        )

    def _alive(self, sim: Face) -> list[Running]:
        if self._at_rest and not is_quiet(sim._run):
            return []
        return [each for each in sim._flows.processes if each.bot is not None and not each.process.is_dead]

    def _restart(self, running: Running) -> None:
        run = self._sim._run
        self._at = run.fault_at = run.now
        run.say("bot", "is restarted, as it is not in the other run")
        run.kill(running.process)

    def parted(self, first: Ran, second: Ran) -> str:
        """Why the two cannot be compared; empty where they can."""
        same = (first.run.spent, first.run.blows) == (second.run.spent, second.run.blows)
        why = same_choices(first, second)
        return why or ("" if same else "are struck by other faults")

    def difference(self, first: Ran, second: Ran) -> str:
        """What venues hold in the end, or the rule that breaks with the restart alone."""
        begin = f"one restart at t={self._at:.3f} changes what it comes to. / with restart: "
        if second.outcome.failure is not None:
            _, name, why = second.outcome.failure
            return f"{begin}{name} breaks: {why.splitlines()[0]} / without: it holds"
        one, other = holdings(first.sim.ledger), holdings(second.sim.ledger)
        if one == other:
            return ""
        return f"{begin}{_unlike(other, one)} / without: {_unlike(one, other)}"

    def is_met(self, first: Ran, second: Ran) -> bool:
        """Whether anything was ordered."""
        return first.outcome.orders > 0


def holdings(ledger: Ledger) -> dict[str, str]:
    """What all venues hold, to the minor unit: positions, open orders, money; in words, by what it is."""
    found = {f"{each.exchange} {each.currency}": number(each.amount) for each in ledger.cash}
    for position in ledger.positions:
        if position.amount:
            found[f"{position.exchange} position of {position.symbol}"] = number(position.amount)
    for symbol in dict.fromkeys(each.symbol for each in ledger.open_orders()):
        rows = sorted(_resting(each) for each in ledger.open_orders(symbol))
        found[f"open orders of {symbol}"] = f"{len(rows)} ({', '.join(rows)})"
    return found


def _resting(order: LedgerOrder) -> str:
    price = "" if order.price is None else f" at {number(order.price)}"
    return f"{order.side} {number(order.remaining)}{price}{' reduce only' if order.reduceOnly else ''}"


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    names = [each for each in dict.fromkeys((*one, *other)) if one.get(each) != other.get(each)]
    return "; ".join(f"{name} {one.get(name, 'none')}" for name in names)


# ---- non-interference ------------------------------------------------------------------------------


class Apart:
    """Base of the variations of which one part of a bot must not notice anything: the orders of every other
    symbol must be the same."""

    rule = invariants.non_interference
    about = "the difference"
    shows_first = True
    kinds = OF_ONE_FLOW
    with_it = without_it = ""

    @property
    def cure(self) -> str:
        """How to have a price that can move."""
        return "The test opens no exchange, so that no price can move. Call sim.exchange() in it."

    def __init__(self) -> None:
        self._gone: frozenset[str] = frozenset()

    def watch(self, sim: Face) -> None:
        """Nothing but the execution itself is looked at."""

    def second_test(self, test: Test) -> Test:
        """The same."""
        return test

    def prefix(self) -> int:
        """It may differ from the beginning."""
        return 0

    def rest(self, first: Ran, second: Ran) -> tuple[str, ...]:
        """The symbols that must not notice."""
        signalled = {each for run in (first, second) for each in _symbols_of(run.sim.ledger)}
        return tuple(sorted(signalled - self._gone))

    def parted(self, first: Ran, second: Ran) -> str:
        """Why the two cannot be compared; empty where they can. A fault that struck what is gone does not
        strike again."""
        if second.outcome.failure is not None:
            return f"break {second.outcome.failure[1]} in the second run alone"
        why = same_choices(first, second, ignored=("fault",))
        if why:
            return why
        one, other = self._struck(first.run), self._struck(second.run)
        return "" if one is not None and one == other else "are struck by other faults"

    def _struck(self, run: Execution) -> list[Any] | None:
        """The faults that struck what is not gone; None where they may have struck anything."""
        kept = [each for each in run.blows if each[0] not in self._gone]
        gone = {fault for symbol, _, fault, _ in run.blows if symbol in self._gone}
        elsewhere = Counter(run.spent) - Counter(fault for _, _, fault, _ in run.blows)
        is_clear = all(symbol for symbol, *_ in kept) and not elsewhere and not gone & set(EVERYWHERE)
        return kept if is_clear else None

    def difference(self, first: Ran, second: Ran) -> str:
        """The first order of the rest that is another."""
        for symbol in self.rest(first, second):
            one, other = _rows(first.sim.ledger, symbol), _rows(second.sim.ledger, symbol)
            for place in range(max(len(one), len(other))):
                said = [rows[place] if place < len(rows) else "there is none" for rows in (one, other)]
                if said[0] != said[1]:
                    which = f"order {place + 1} of {symbol}"
                    return f"{which} is another. / {self.with_it}: {said[0]} / {self.without_it}: {said[1]}"
        return ""

    def is_met(self, first: Ran, second: Ran) -> bool:
        """Whether the rest ordered anything."""
        rest = self.rest(first, second)
        return any(each.symbol in rest for each in (*first.sim.ledger.orders, *second.sim.ledger.orders))


class LeftOut(Apart):
    """The second execution leaves out the signals of some symbols; of any group of symbols that share a
    signal where none are named."""

    def __init__(self, symbols: frozenset[str] | None) -> None:
        super().__init__()
        self._symbols = symbols
        self._groups: list[frozenset[str]] = []

    def ways(self, first: Ran) -> int:
        """One for each group that may be left out."""
        groups = _groups(list(first.run.delivered.values()))
        if self._symbols is not None:
            touched = frozenset[str]().union(*(each for each in groups if each & self._symbols))
            if touched and touched - self._symbols:
                raise NotApplicable(
                    f"Signals on {_listed(self._symbols)} also trade {_listed(touched - self._symbols)}, "
                    "and what shares a symbol is not apart. Name those too."
                )
            self._groups = [self._symbols] if touched else []
        else:
            self._groups = groups if len(groups) > 1 else []
        return len(self._groups)

    @property
    def cure(self) -> str:
        """How to have something to leave out."""
        what = f"on {_listed(self._symbols)}" if self._symbols else "that shares no symbol with another"
        return (
            f"No signal {what} was delivered, so that there is nothing to leave out. Deliver signals by "
            "sim.deliver(signal, fn), or give the test without them: vary=another_test."
        )

    def vary(self, sim: Face, value: int) -> None:
        """Leaves a group out."""
        self._gone = sim._run.left_out = self._groups[value]
        self.with_it = f"with the signals on {_listed(self._gone)}"
        self.without_it = "without"


class Shocked(Apart):
    """The prices of some symbols move at one moment of the second execution."""

    shows_first = False

    def __init__(self, fractions: Mapping[str, float]) -> None:
        super().__init__()
        self._fractions = dict(fractions)
        self._moments: Moments

    def watch(self, sim: Face) -> None:
        """Counts the moments at which prices could move."""
        self._moments = Moments(sim, _listing, lambda _: None, None)

    def ways(self, first: Ran) -> int:
        """One for each of them."""
        self._count = self._moments.count
        groups = _groups([*first.run.delivered.values(), *({each} for each in self._fractions)])
        shocked = set(self._fractions)
        self._gone = frozenset(each for group in groups if group & shocked for each in group)
        return min(self._count, MOMENTS_MAX)

    def vary(self, sim: Face, value: int) -> None:
        """Moves them at one of the moments."""
        self._sim = sim
        self.with_it = "without"
        self.without_it = f"with a shock of {_listed(frozenset(self._fractions))}"
        self._moments = Moments(sim, _listing, self._shock, chosen_moment(value, self._count))

    def prefix(self) -> int:
        """The choices before the shock."""
        return self._moments.prefix

    def _shock(self, _: Any) -> None:
        run = self._sim._run
        for symbol, fraction in self._fractions.items():
            run.say("test", f"shocks {symbol} by {fraction:g}, as it does not in the other run")
            self._sim.shock(symbol, fraction)


class Instead(Apart):
    """The second execution is one of another test function: the same without one of the strategies."""

    def __init__(self, other: Callable[[Face], Any], names: tuple[str, str]) -> None:
        super().__init__()
        self._other = other
        self.with_it, self.without_it = f"in {names[0]}", f"in {names[1]}"

    def ways(self, first: Ran) -> int:
        """One."""
        return 1

    def vary(self, sim: Face, value: int) -> None:
        """Nothing but the function is another."""

    def second_test(self, test: Test) -> Test:
        """The other function."""
        return self._other

    def rest(self, first: Ran, second: Ran) -> tuple[str, ...]:
        """What the second still has signals on, or trades."""
        return tuple(sorted(_symbols_of(second.sim.ledger)))

    def parted(self, first: Ran, second: Ran) -> str:
        """Why the two cannot be compared; empty where they can."""
        self._gone = frozenset(_symbols_of(first.sim.ledger)) - frozenset(self.rest(first, second))
        return super().parted(first, second)


def _listing(sim: Face) -> list[Any]:
    return [None] if sim._markets else []


def _symbols_of(ledger: Ledger) -> set[str]:
    """What there are signals on, or orders."""
    found = {each.symbol for each in ledger.orders}
    for signal in ledger.signals:
        found |= {each for each in (signal.pair_x, signal.pair_y) if each is not None}
    return found


def _groups(sets: list[Any]) -> list[frozenset[str]]:
    """The symbols in groups that share nothing, in the order in which they came."""
    groups: list[frozenset[str]] = []
    for each in sets:
        touched = [group for group in groups if group & each]
        groups = [group for group in groups if not group & each]
        groups.append(frozenset(each).union(*touched))
    return groups


def _rows(ledger: Ledger, symbol: str) -> list[str]:
    """The orders of a symbol, oldest first, in words; without ids and times, which are of the venue."""
    return [_row(each) for each in ledger.orders if each.symbol == symbol]


def _row(order: LedgerOrder) -> str:
    price = "" if order.price is None else f" at {number(order.price)}"
    only = ", reduce only" if order.reduceOnly else ""
    filled = "" if order.filled == Decimal(0) else f", filled {number(order.filled)}"
    return f"{order.type} {order.side} {number(order.amount)}{price}{only}, {order.status}{filled}"


def _listed(symbols: frozenset[str]) -> str:
    return " and ".join(sorted(symbols))
