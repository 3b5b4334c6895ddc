"""Order states as users write them: a right one, and others that differ in one thing."""

import pickle
from dataclasses import dataclass, replace

from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    Expired,
    Filled,
    OutcomeUnknown,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Status,
)

ENOUGH = 2  # not-found answers


@dataclass(frozen=True)
class State:
    """What is known of one order."""

    amount: int
    trades: tuple = ()
    end: str = ""
    is_known: bool = False
    pending: frozenset = frozenset()
    wanted: int = 0
    not_found: int = 0


class Order:
    """Counts trades by id, and keeps an end that it was told."""

    def new(self, order):
        return State(order.amount)

    def filled(self, state):
        return sum(lots for _, lots in state.trades)

    def is_open(self, state):
        return not state.end and self.filled(state) < state.amount

    def status(self, state):
        """The pending requests first, then the end, then what is filled."""
        for each in ("cancel", "replace"):
            if each in state.pending:
                return f"pending_{each}"
        return self.phase(state)

    def phase(self, state):
        if self.filled(state) >= state.amount:
            return "filled"
        if state.end:
            return state.end
        if state.trades:
            return "partially_filled"
        return "new" if state.is_known else "pending_new"

    def restarted(self, state):
        return pickle.loads(pickle.dumps(state))

    def on(self, state, event):
        """Each kind of event has a method of its name."""
        handler = getattr(self, f"on_{type(event).__name__.lower()}", None)
        return handler(state, event) if handler else state

    def on_accepted(self, state, event: Accepted):
        return self.seen(state)

    def on_filled(self, state, event: Filled):
        return self.booked(self.seen(state), event)

    def booked(self, state, fill):
        """A trade is booked once, whenever it comes."""
        if any(known == fill.trade_id for known, _ in state.trades):
            return state
        return replace(state, trades=(*state.trades, (fill.trade_id, fill.amount)))

    def seen(self, state):
        """The venue spoke of it: what it did not find it has."""
        return replace(state, is_known=True, not_found=0, end="" if state.end == "absent" else state.end)

    def ended(self, state, end):
        return replace(state, end=state.end or end, pending=frozenset(), not_found=0)

    def on_rejected(self, state, event: Rejected):
        return self.ended(state, "rejected")

    def on_canceled(self, state, event: Canceled):
        return self.ended(self.seen(state), "canceled")

    def on_expired(self, state, event: Expired):
        return self.ended(self.seen(state), "expired")

    def on_cancelorder(self, state, event: CancelOrder):
        return replace(state, pending=state.pending | {"cancel"})

    def on_cancelrefused(self, state, event: CancelRefused):
        return replace(state, pending=state.pending - {"cancel"})

    def on_replaceorder(self, state, event: ReplaceOrder):
        return replace(state, pending=state.pending | {"replace"}, wanted=event.amount)

    def on_replaced(self, state, event: Replaced):
        return replace(self.seen(state), amount=event.amount, pending=state.pending - {"replace"})

    def on_replacerefused(self, state, event: ReplaceRefused):
        return replace(state, pending=state.pending - {"replace"})

    def on_outcomeunknown(self, state, event: OutcomeUnknown):
        return state

    def on_status(self, state, event: Status):
        if event.answer == "not_found":
            return self.missed(state)
        if event.answer != "found":
            return state
        state = self.seen(state)
        for fill in event.fills:
            state = self.booked(state, fill)
        state = replace(state, amount=event.amount)
        return self.ended(state, event.status) if event.status in ("canceled", "expired") else state

    def missed(self, state):
        """A venue that does not find it twice does not have it."""
        state = replace(state, not_found=state.not_found + 1)
        return replace(state, end=state.end or "absent") if state.not_found >= ENOUGH else state


class CountsDuplicates(Order):
    """Adds every fill that it hears of."""

    def booked(self, state, fill):
        return replace(state, trades=(*state.trades, (fill.trade_id, fill.amount)))


class TellsTradesApartByPrice(Order):
    """Takes two trades of one size for one."""

    def booked(self, state, fill):
        return state if any(lots == fill.amount for _, lots in state.trades) else super().booked(state, fill)


class DropsLateFills(Order):
    """What is over does not trade any more."""

    def booked(self, state, fill):
        return state if state.end else super().booked(state, fill)


class IgnoresFillsBeforeTheAck(Order):
    """Knows of no order before it was acknowledged."""

    def on_filled(self, state, event):
        return self.booked(state, event) if state.is_known else state


class TakesATimeoutForARejection(Order):
    """No answer is no order."""

    def on_outcomeunknown(self, state, event):
        return self.ended(state, "rejected") if event.request == "create" else state


class TakesARequestForItsAnswer(Order):
    """A cancel that was sent is a cancel."""

    def on_cancelorder(self, state, event):
        return self.ended(state, "canceled")


class TakesOneNotFoundForTheEnd(Order):
    """Where the venue does not find it, it is not."""

    def missed(self, state):
        return replace(state, end=state.end or "absent")


class WaitsForEver(Order):
    """Does not believe that an order is not there."""

    def missed(self, state):
        return state


class IsReopenedByALateAck(Order):
    """Acknowledged is open."""

    def on_accepted(self, state, event):
        return replace(self.seen(state), end="")


class IsReopenedByAStaleStatus(Order):
    """Believes whatever a status says."""

    def on_status(self, state, event):
        state = super().on_status(state, event)
        return replace(state, end="") if event.answer == "found" and event.status == "open" else state


class IgnoresStatusReports(Order):
    """Hears what is streamed, and no answer to a question."""

    def on_status(self, state, event):
        return self.missed(state) if event.answer == "not_found" else state


class KeepsItsSize(Order):
    """Stands for as much as was asked for first."""

    def on_replaced(self, state, event):
        return replace(self.seen(state), pending=state.pending - {"replace"})


class ShowsThePhaseFirst(Order):
    """Shows that a cancel is pending where nothing else is to be said."""

    def status(self, state):
        phase = self.phase(state)
        return super().status(state) if phase == "pending_new" else phase


class ForgetsItsTrades(Order):
    """Stores the quantity, and not which trades it came from."""

    def restarted(self, state):
        return replace(state, trades=tuple((f"r{n}", lots) for n, (_, lots) in enumerate(state.trades)))


class ForgetsItsEnd(Order):
    """Stores what is filled, and nothing else."""

    def restarted(self, state):
        return replace(state, end="", is_known=False)


class WritesOver(Order):
    """Changes the state that it is given."""

    def on(self, state, event):
        for name, value in vars(super().on(state, event)).items():
            object.__setattr__(state, name, value)
        return state


class FillsToTheSize(Order):
    """Takes a downsized order for one that was never filled beyond."""

    def filled(self, state):
        return min(state.amount, super().filled(state))
