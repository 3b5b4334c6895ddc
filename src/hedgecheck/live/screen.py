"""What a person sees of a shell at work: what it holds, what is under way, what went wrong."""

import time
from collections import Counter, deque
from collections.abc import Callable

from rich.console import Group
from rich.table import Table
from rich.text import Text

from core.engine import State, equity, health
from core.messages import (
    Command,
    EndTrade,
    Event,
    RaiseAlert,
    RefuseSignal,
    ReportAnomaly,
    Restarted,
    SignalId,
)
from core.positions import position_of, price_of, unrealised
from core.trade import Trade, legs
from hedgecheck import drive
from hedgecheck.live.reconciliation import Outcome
from hedgecheck.live.shell import Shell

LINES_MAX = 6  # of what was said last
TRADES_MAX = 12


class Screen:
    """A watcher, and the table that it shows. ``tell``: hears at once what was said, where nobody sees the
    table. ``now``: seconds."""

    def __init__(
        self, tell: Callable[[str], None] | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self.events = 0
        self._came_to: Counter[str] = Counter()
        self._said: deque[str] = deque(maxlen=LINES_MAX)
        self._now = now
        self._began = now()

    def stepped(self, state: State, event: Event, commands: tuple[Command, ...]) -> None:
        """See ``Watcher``."""
        self.events += 1
        for command in commands:
            if isinstance(command, EndTrade) and not isinstance(event, Restarted):
                self._came_to[command.outcome] += 1
            elif isinstance(command, RefuseSignal):
                self._came_to[command.reason] += 1
            elif isinstance(command, RaiseAlert):
                self.say(f"{command.kind}: {_named(command.subject)}")
            elif isinstance(command, ReportAnomaly):
                self.say(f"{command.reason}: {type(command.event).__name__}")

    def failed(self, error: Exception) -> None:
        """See ``Watcher``."""
        self.say(str(error) or type(error).__name__)

    def reconciled(self, outcome: Outcome) -> None:
        """What the last comparison with the venue found."""
        found = ", ".join([f"{count} {kind.replace('_', ' ')}" for kind, count in outcome.counts])
        if outcome.left:
            self.say(f"the venue says otherwise: {found}. See: hedgecheck store questions.")
        elif outcome.unknown:
            self.say(f"the venue did not say: {', '.join(outcome.unknown)}")
        elif found:
            self.say(f"reconciled with the venue: {found}")

    def say(self, line: str) -> None:
        """Adds a line to the last ones."""
        self._said.append(line)
        if self._tell is not None:
            self._tell(line)

    def summary(self) -> str:
        """In a line, how many events there were, and what signals came to."""
        counts = [f"{count:,} {what}" for what, count in sorted(self._came_to.items())]
        return f"{self.events:,} events in this run; signals: {', '.join(counts) or 'none'}"

    def table(self, shell: Shell) -> Group:
        """All of it, as it is now."""
        state = shell.state
        rate = self.events / max(self._now() - self._began, 1e-9)
        head = Text(
            f"{shell.broker.name}  equity {_money(equity(state))}  cash {_money(state.book.cash)}  "
            f"fees {_money(state.book.fees)}  {shell.position:,} events, {rate:,.0f}/s"
        )
        said = [Text(line, style="yellow") for line in self._said]
        return Group(head, _halts(state), _positions(state), _trades(state), *said)


def _halts(state: State) -> Text:
    """Whether it trades, and what keeps it from it."""
    seen = health(state)
    tripped = [each.name for each in seen.breakers if each.phase == "tripped"]
    if state.recovering:
        return Text("recovering: no entries until the fate of every order is known", style="yellow")
    if tripped:
        return Text(f"halted: {', '.join(tripped)}", style="bold red")
    waiting = [*map(drive.signal_name, seen.parked)]
    parked = f"; waits for a person: {', '.join(waiting)}" if waiting else ""
    return Text(f"trading {seen.trading}, {seen.share / 100:g} % of the limits{parked}", style="green")


def _positions(state: State) -> Table:
    table = Table("symbol", "price", "lots", "unrealised", "realised", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for traded in state.settings.instruments:
        held, price = position_of(state.book, traded.symbol), price_of(state.prices, traded.symbol)
        gained = None if price is None else unrealised(held, price, state.settings)
        priced = "unknown" if price is None else f"{price:,}"
        table.add_row(traded.symbol, priced, f"{held.lots:,}", _money(gained), _money(held.realised))
    return table


def _trades(state: State) -> Table:
    table = Table("trade", "legs", "stands", "orders", box=None, pad_edge=False)
    for trade in state.trades[-TRADES_MAX:]:
        stands = trade.outcome if trade.phase == "ended" and trade.outcome else trade.phase
        table.add_row(drive.signal_name(trade.signal), _legs(trade), stands, _orders(trade))
    return table


def _legs(trade: Trade) -> str:
    return ", ".join([f"{leg.side} {leg.planned:,} {leg.symbol}" for leg in legs(trade)])


def _orders(trade: Trade) -> str:
    last = trade.orders[-2:]
    return ", ".join([f"{drive.order_name(each.id)} {each.filled:,}/{each.quantity:,}" for each in last])


def _named(subject: object) -> str:
    if isinstance(subject, SignalId):
        return drive.signal_name(subject)
    return " ".join(map(str, subject)) if isinstance(subject, tuple) else str(subject)


def _money(amount: int | None) -> str:
    return "unknown" if amount is None else f"{amount:,}"
