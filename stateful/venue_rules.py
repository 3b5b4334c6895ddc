"""What a venue does to one trade, rule by rule: takes a request, loses it, fills, ends an order, answers.

``play`` is the trade with the venue's truth about it, see ``stateful.play``. A machine adds the clock, people
and what has to hold.
"""

from hypothesis import strategies as st

from core import messages
from stateful.counted import Counted, counted
from stateful.play import Play

REFUSED = -2
INDEX = st.integers(0, 5)
LOTS = st.sampled_from([100, 100, 55, 7, 7])
ANSWERS = st.sampled_from([*["found"] * 3, "not_found", "failed", "empty", "lost"])


class Venue(Counted):
    """The venue does as it likes; each rule is one thing that it does. A reply is lost once per trade."""

    play: Play
    has_lost = False

    def one_of(self, index, *statuses):
        orders = self.play.of_status(*statuses)
        return orders[index % len(orders)]

    @counted(
        when=lambda self: self.play.of_status("flying"),
        index=INDEX,
        lots=LOTS | st.sampled_from([0, REFUSED]),
    )
    def submit_arrives(self, index, lots):
        order = self.one_of(index, "flying")
        self.play.arrives(order)
        if lots == REFUSED:
            self.play.alter(order, messages.OrderRejected(order, ""), status="rejected")
        elif lots:
            self.play.trades(order, lots)

    @counted(when=lambda self: self.play.of_status("flying"), index=INDEX, is_told=st.booleans())
    def submit_is_lost(self, index, is_told):
        order = self.one_of(index, "flying")
        self.play.alter(order, status="lost")
        if is_told:
            self.play.drive(messages.RequestOutcomeUnknown(order, "submit"))

    @counted(when=lambda self: self.play.of_status("flying", "open") and not self.has_lost, index=INDEX)
    def submit_reply_is_lost(self, index):
        self.has_lost = True
        self.play.drive(messages.RequestOutcomeUnknown(self.one_of(index, "flying", "open"), "submit"))

    @counted(when=lambda self: self.play.of_status("open"), index=INDEX, lots=LOTS)
    def market_fills(self, index, lots):
        self.play.trades(self.one_of(index, "open"), lots)

    @counted(when=lambda self: self.play.of_status("open"), index=INDEX, is_day_over=st.booleans())
    def venue_ends_it(self, index, is_day_over):
        self.play.ends(self.one_of(index, "open"), "expired" if is_day_over else "canceled")

    @counted(when=lambda self: self.play.cancels)
    def cancel_arrives(self):
        self.play.takes_cancel()

    @counted(when=lambda self: self.play.cancels, is_executed=st.booleans())
    def cancel_reply_is_lost(self, is_executed):
        order, reports = self.play.cancels[0], self.play.reports
        if is_executed:
            self.play.takes_cancel()
        self.play.cancels, self.play.reports = self.play.cancels[not is_executed :], reports
        self.play.drive(messages.RequestOutcomeUnknown(order, "cancel"))

    @counted(when=lambda self: self.play.queries, answer=ANSWERS)
    def query_is_taken(self, answer):
        order = self.play.takes_query(answer)
        if answer == "lost":
            self.play.reports = self.play.reports[:-1]
            self.play.drive(messages.RequestOutcomeUnknown(order, "query"))

    @counted(when=lambda self: self.play.reports, index=INDEX, times=st.sampled_from([1, 1, 1, 1, 2, 0]))
    def report_arrives(self, index, times):
        at = index % len(self.play.reports)
        report = self.play.reports[at]
        if times < 2 or isinstance(report, messages.OrderStatusReported):  # a question has one answer
            self.play.reports = (*self.play.reports[:at], *self.play.reports[at + 1 :])
        if times:
            self.play.drive(report)
