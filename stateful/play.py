"""One trade, the truth at its venue, and all that is under way between them: what machines of a trade share.

As the trade is a value, every state reached can also be played to its end on a copy: in a market that fills
all, and in one that fills nothing after all that was under way is lost.
"""

from copy import copy
from dataclasses import dataclass, replace

from core import messages, trade
from core.messages import Fill, OrderId, SignalId
from core.settings import Protocol

SIGNAL = SignalId("pairs", 1)
ENTRY = OrderId(SIGNAL, "entry", 1)
SOON = ("query", "leg_timeout", "linger")
PROTOCOL = Protocol(query_attempts=6, entry_attempts=2, hedge_attempts=2, flatten_attempts=2)
LIES_MAX = PROTOCOL.not_found_confirmations - 1  # a venue that lies more often cannot be told from a loss
REST_STEPS_MAX = 400
STOPS = ("stop_a", "stop_b")
EXITS = {"AAA": ("flatten_a", "stop_a"), "BBB": ("flatten_b", "stop_b")}


@dataclass(frozen=True)
class Held:
    """One order in truth. ``flying`` has not arrived yet; ``lost`` never will."""

    sent: messages.SubmitOrder
    status: str = "flying"
    fills: tuple[Fill, ...] = ()
    lies: int = 0

    @property
    def filled(self):
        return sum(fill.quantity for fill in self.fills)

    @property
    def worst(self):
        return self.sent.quantity if self.status in ("flying", "open") else self.filled


class Play:
    """A trade, the truth at its venue, and all that is under way between them."""

    def __init__(self, begun, see):
        self.trade, self.see, self.gate = begun, see, True
        self.held, self.told = {}, {}
        self.cancels, self.queries, self.reports = (), (), ()
        self.timers, self.ended, self.alerts, self.steps = frozenset(), (), (), []

    def copy(self):
        other = copy(self)
        other.held, other.told, other.see = dict(self.held), dict(self.told), None
        other.steps = []
        return other

    def drive(self, event):
        """One event reaches the trade, and what it commands is under way."""
        before = self.trade
        if isinstance(event, messages.OrderFilled) and event.order in self.held:
            self.told[event.order, event.fill.trade_id] = event.fill.quantity
        for fill in getattr(event, "fills", ()):
            self.told[event.order, fill.trade_id] = fill.quantity
        self.trade, commands = trade.step(before, event, self.gate)
        self.steps.append((before, event, self.gate, self.trade, commands))
        for command in commands:
            self.take(command, event)
        if self.see is not None:  # what a copy comes to is no turn of the run
            self.see_turns()

    def take(self, command, event):
        match command:
            case messages.SubmitOrder():
                self.held[command.order] = Held(command)
            case messages.CancelOrder():
                self.cancels += (command.order,)
            case messages.QueryOrder():
                self.queries += (command.order,)
            case messages.StartTimer():
                self.timers |= {command.timer}
            case messages.StopTimer():
                self.timers -= {command.timer}
            case messages.EndTrade() if not isinstance(event, messages.Restarted):  # else it is said again
                self.ended += (command.outcome,)
            case messages.RaiseAlert():
                self.alerts += (command.kind,)

    def see_turns(self):
        before, event, allowed, after, _ = self.steps[-1]
        self.see(after.phase, *(f"{each.slot} sent anew" for each in self.sent() if each.attempt > 1))
        self.see(*["entry not sent anew"] * (trade.wants(before, event) == "resend" and not allowed))
        self.see(*self.ended[-1:], *self.alerts)
        if isinstance(event, messages.OrderFilled) and (order := trade.find(before, event.order)):
            self.see(*["overtaken"] * (order.phase == "pending_new"))

    def sent(self):
        last = self.steps[-1][-1] if self.steps else ()
        return [each.order for each in last if isinstance(each, messages.SubmitOrder)]

    def alter(self, order, *reports, **changes):
        """The venue's truth changes, and reports of it set out."""
        self.held[order] = replace(self.held[order], **changes)
        self.reports += reports

    def arrives(self, order):
        self.alter(order, messages.OrderAccepted(order), status="open")

    def trades(self, order, lots):
        held = self.held[order]
        lots = max(1, min(lots, held.sent.quantity - held.filled))
        fill = Fill(f"{order.slot}-{order.attempt}-{len(held.fills)}", lots, 100)
        status = "closed" if held.filled + lots == held.sent.quantity else "open"
        self.alter(order, messages.OrderFilled(order, fill), status=status, fills=(*held.fills, fill))

    def ends(self, order, status):
        kind = {"canceled": messages.OrderCanceled, "expired": messages.OrderExpired}[status]
        self.alter(order, kind(order, self.held[order].filled), status=status)

    def takes_cancel(self):
        order, self.cancels = self.cancels[0], self.cancels[1:]
        if self.held[order].status == "open":
            self.ends(order, "canceled")
        else:
            self.alter(order, messages.CancelRejected(order, ""))
        return order

    def takes_query(self, answer="found"):
        """Answers the oldest question; what is not there is not found, and now and then what is there."""
        order, self.queries = self.queries[0], self.queries[1:]
        held = self.held[order]
        may_lie = held.lies < LIES_MAX and held.status != "rejected"
        if held.status in ("lost", "flying") or (answer == "not_found" and may_lie):
            is_true = held.status == "lost"
            answer = "failed" if not is_true and not may_lie else "not_found"
            self.alter(order, messages.OrderStatusReported(order, answer), lies=held.lies + (not is_true))
        elif answer in ("found", "not_found"):
            self.alter(order, messages.OrderStatusReported(order, "found", held.status, held.fills))
        else:
            self.alter(order, messages.OrderStatusReported(order, answer))
        return order

    def fires(self, timer):
        self.timers -= {timer}
        self.drive(messages.TimerFired(timer))

    def of_status(self, *statuses):
        return [order for order, held in self.held.items() if held.status in statuses]

    def at_rest(self, market):
        """A copy in which all that is under way came to its end; None when it does not."""
        play = self.copy()
        if market == "dead":
            play.cancels, play.queries, play.reports = (), (), ()
        for _ in range(REST_STEPS_MAX):
            if not play.goes_on(market):
                return play
        return None

    def goes_on(self, market="liquid"):
        """The next usual thing, False when none is left; a mean market lies and tells all too late."""
        if late := [each for each in self.timers if (market, each.purpose) == ("mean", "leg_timeout")]:
            self.fires(min(late, key=repr))
        elif self.reports:
            waiting = self.reports[::-1] if market == "mean" else self.reports
            self.reports = tuple(each for each in self.reports if each is not waiting[0])
            self.drive(waiting[0])
        elif flying := self.of_status("flying"):
            self.arrives(flying[0])
        elif self.cancels:
            self.takes_cancel()
        elif self.queries:
            self.takes_query("not_found" if market == "mean" else "found")
        elif market == "liquid" and (resting := self.of_status("open")):
            self.trades(resting[0], 10**9)
        elif self.timers:
            self.fires(min(self.timers, key=lambda timer: (SOON.index(timer.purpose), repr(timer))))
        else:
            return False
        return True

    def total(self, slot, field):
        return sum(getattr(held, field) for order, held in self.held.items() if order.slot == slot)


class Guarded(Play):
    """A play with replacements, and with timers that fire in the order of their time where nobody meddles."""

    def __init__(self, begun, see, tells_size):
        super().__init__(begun, see)
        self.tells_size, self.replaces, self.twice = tells_size, (), ()
        self.timers, self.now = {}, 0

    def copy(self):
        other = super().copy()
        other.timers = dict(self.timers)
        return other

    def take(self, command, event):
        match command:
            case messages.SubmitOrder() if command.order in self.held:
                self.twice += (command.order,)
            case messages.ReplaceOrder():
                self.replaces += (command,)
            case messages.StartTimer():
                self.timers[command.timer] = self.now + command.duration
            case messages.StopTimer():
                self.timers.pop(command.timer, None)
            case _:
                super().take(command, event)

    def fires(self, timer):
        self.now = max(self.now, self.timers.pop(timer))
        self.drive(messages.TimerFired(timer))

    def resumes(self):
        """Trading goes on; an alert that told of what was held up is over."""
        self.alerts = self.alerts if self.trade.phase == "parked" else ()
        self.drive(messages.TradeResumed())

    def see_turns(self):
        super().see_turns()
        before, event, _, after, commands = self.steps[-1]
        order = trade.find(before, event.order) if hasattr(event, "order") else None
        if order is not None and order.id.slot in STOPS:
            self.see_stop(order, event, before)
        self.see(*[f"{before.phase} left"] * (after.phase in ("flatten", "exit") != before.phase))
        self.see(*["held up"] * after.stranded, *["exited"] * (after.outcome == "exited"))
        changed = [each for each in commands if isinstance(each, messages.ReplaceOrder)]
        self.see(*["stop resized" if each.order.slot in STOPS else "entry changed" for each in changed])

    def see_stop(self, order, event, before):
        if isinstance(event, messages.OrderFilled):
            self.see(*["a hit crosses a cancel"] * order.cancel_wanted)
            self.see(*["a hit crosses a resize"] * (order.replacing is not None))
            self.see("hit in part" if event.fill.quantity < order.quantity else "hit")
        elif isinstance(event, messages.OrderRejected):
            self.see("stop refused")
        elif isinstance(event, messages.RequestOutcomeUnknown) and event.request == "replace":
            self.see("resize in doubt")

    def leaves(self, order):
        """Lots that an order may still trade at worst, whatever is under way."""
        held = self.held[order]
        if held.status not in ("flying", "open"):
            return 0
        sizes = [each.quantity for each in self.replaces if each.order == order]
        return max(held.sent.quantity, *sizes, 0) - held.filled

    def lots(self, symbol):
        """Lots held in truth in the leg's direction."""
        entered = self.total("entry" if symbol == "AAA" else "hedge", "filled")
        return entered - sum(self.total(slot, "filled") for slot in EXITS[symbol])

    def stops(self, symbol):
        """Live stop orders of a leg, in truth."""
        live = self.of_status("flying", "open")
        return [order for order in live if order.slot == EXITS[symbol][1]]

    def takes_replace(self, is_refused=False):
        request, self.replaces = self.replaces[0], self.replaces[1:]
        order, held = request.order, self.held[request.order]
        if is_refused or held.status != "open":
            self.alter(order, messages.ReplaceRejected(order, ""))
            return order
        quantity = max(request.quantity, held.filled)
        sent = replace(held.sent, quantity=quantity, limit_price=request.limit_price)
        status = "closed" if quantity == held.filled else "open"
        self.alter(order, messages.OrderReplaced(order, quantity), sent=sent, status=status)
        return order

    def takes_query(self, answer="found"):
        order = super().takes_query(answer)
        report = self.reports[-1]
        if self.tells_size and report.answer == "found":
            told = replace(report, quantity=self.held[order].sent.quantity)
            self.reports = (*self.reports[:-1], told)
        return order

    def at_rest(self, market, resumes=True):
        """A copy in which all came to rest: only heartbeats go on, and a round of them changed nothing. None
        when it does not."""
        play = self.copy()
        if market == "dead":
            play.cancels, play.queries, play.replaces, play.reports = (), (), (), ()
        if resumes and play.trade.paused:
            play.resumes()
        mark, fired = None, set()
        for _ in range(REST_STEPS_MAX):
            if play.goes_on(market, is_patient=False):
                continue
            if mark != (play.trade, set(play.timers)):
                mark, fired = (play.trade, set(play.timers)), set()
            if fired.issuperset(play.timers):
                return play
            fired.add(play.next_timer())
            play.fires(play.next_timer())
        return None

    def next_timer(self):
        return min(self.timers, key=lambda timer: (self.timers[timer], repr(timer)))

    def goes_on(self, market="liquid", is_patient=True):
        """The next usual thing, False when none is left; a patient one waits for timers as well."""
        if self.reports:
            report, self.reports = self.reports[0], self.reports[1:]
            self.drive(report)
        elif flying := self.of_status("flying"):
            self.arrives(flying[0])
        elif self.replaces:
            self.takes_replace()
        elif self.cancels:
            self.takes_cancel()
        elif self.queries:
            self.takes_query()
        elif trading := [order for order in self.of_status("open") if self.trades_in(market, order)]:
            self.trades(trading[0], 15 if market == "trickle" else 10**9)
        elif is_patient and self.timers:
            self.fires(self.next_timer())
        else:
            return False
        return True

    def trades_in(self, market, order):
        return market == "crash" or (market in ("liquid", "trickle") and order.slot not in STOPS)
