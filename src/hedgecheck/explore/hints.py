"""When in a search a goal may have been reached: what was seen on the way to a state, one bit for each fact.

Goals are read from all records of an execution (``goals``), which a search does not keep. Facts say after
which records it is worth while to go the way again and read it: few ways, and every way that reaches a goal.
"""

from collections.abc import Callable, Hashable
from typing import Any

from hedgecheck.explore.goals import GOALS, OWED, Goal, closes
from hedgecheck.messages import (
    Accepted,
    Alert,
    BadPrice,
    Canceled,
    CancelOrder,
    CancelRefused,
    CapitalAssigned,
    CreateOrder,
    Exit,
    Expired,
    Filled,
    Halt,
    Intent,
    NewDay,
    OutcomeUnknown,
    Price,
    Record,
    Rejected,
    Restarted,
    Returned,
    Sent,
    Status,
    Told,
    TradingHalted,
)

Facts = int  # a set of facts, one bit each

REASONS = {
    "hedged": "G01",
    "flattened": "G08",
    "HALTED": "G15",
    "RECOVERING": "G18",
    "SESSION_CLOSED": "G26",
    "DUPLICATE_SIGNAL": "G19",
    "KEY_BUSY": "G20",
    "PRICE_UNUSABLE": "G21",
}
ALERTS = {"TRADE_PARKED": "G12", "ORDER_UNRESOLVED": "G13", "BREAKER_TRIPPED": "G14"}
REPEATED = {"hedge": "G09", "entry": "G10", "exit": "G11"}


class Hints:
    """Reads records into facts. ``open``: the goals that were not reached yet."""

    def __init__(self, intents: tuple[Intent, ...]) -> None:
        self.open: dict[str, Goal] = {goal.id: goal for goal in GOALS}
        self._intents = {each.id: each for each in intents}
        self._bits: dict[Hashable, Facts] = {}
        self._groups: dict[str, Facts] = {}
        self._orders: dict[str, CreateOrder] = {}
        self._hinted: list[str] = []

    def read(self, facts: Facts, records: tuple[Record, ...]) -> tuple[Facts, tuple[Goal, ...]]:
        """The facts after these records, and the goals that may have been reached by them."""
        if not self.open:
            return facts, ()
        self._hinted.clear()
        for record in records:
            reader = READERS.get(type(record))
            if reader is not None:
                facts = reader(self, facts, record)
        if not self._hinted:
            return facts, ()
        return facts, tuple([self.open[each] for each in dict.fromkeys(self._hinted) if each in self.open])

    def _bit(self, kind: str, about: Hashable) -> Facts:
        bit = self._bits.get((kind, about))
        if bit is None:
            bit = self._bits[kind, about] = 1 << len(self._bits)
            self._groups[kind] = self._groups.get(kind, 0) | bit
        return bit

    def _has(self, facts: Facts, kind: str, about: Hashable) -> bool:
        return bool(facts & self._bits.get((kind, about), 0))

    def _any(self, facts: Facts, kind: str) -> bool:
        return bool(facts & self._groups.get(kind, 0))

    def _leg(self, order: CreateOrder) -> str:
        """See ``Story.leg``."""
        intent = self._intents.get(order.intent or "")
        if intent is None:
            return ""
        if order.reduce_only:
            return "exit" if order.stop_price is None else "stop"
        return "entry" if (order.symbol, order.side) == (intent.symbol_a, intent.side_a) else "hedge"

    # ---- readers -------------------------------------------------------------------------------------

    def sent(self, facts: Facts, record: Sent) -> Facts:
        """A new order: whether its job was done before, whether another call is under way. A cancel, of what
        may not rest any more."""
        order = record.request
        if isinstance(order, CancelOrder) and self._any(facts, "closed"):
            self._hinted.append("G24")
        if not isinstance(order, CreateOrder):
            return facts
        name, intent, leg = order.client_order_id, order.intent, self._leg(order)
        if leg in ("hedge", "exit") and self._any(facts, "closed"):
            self._hinted.append("G25")
        if self._any(facts, "crash"):
            facts |= self._bit("sent after a crash", name)
        if intent:
            facts |= self._bit("waiting", intent)
            if (facts & self._groups["waiting"]).bit_count() > 1:
                self._hinted.append("G22")
        if self._has(facts, "order", name):
            return facts
        self._orders[name] = order
        job = self._bit("job", (intent, order.symbol, leg))
        if facts & job and leg in REPEATED:
            self._hinted.append(REPEATED[leg])
        if leg == "exit" and self._has(facts, "reason", "flattened"):
            self._hinted.append("G08")
        return facts | job | self._bit("order", name)

    def filled(self, facts: Facts, record: Filled) -> Facts:
        """A fill at the venue: whether it is a second one, whether it came after a crash."""
        name = record.client_order_id
        if self._has(facts, "filled", name):
            self._hinted.append("G07")
        if self._any(facts, "crash") and not self._has(facts, "sent after a crash", name):
            self._hinted.append("G17")
        order = self._orders.get(name)
        if order is not None and self._has(facts, "unwanted", order.intent):
            self._hinted.append("G28")
        traded = self._bit("traded", order.intent) if order is not None else 0
        return facts | self._bit("filled", name) | traded

    def returned(self, facts: Facts, record: Returned) -> Facts:
        """A call returns."""
        self._hinted.append(REASONS.get(record.reason, ""))
        if self._any(facts, "absent"):
            self._hinted.append("G02")
        if self._any(facts, "moved"):
            self._hinted.append("G27")
        facts &= ~self._bit("waiting", record.intent)
        return facts | self._bit("reason", record.reason)

    def alerted(self, facts: Facts, record: Alert) -> Facts:
        """A person is told."""
        goal = ALERTS.get(record.reason, "")
        if goal != "G14" or self._is_between(facts):
            self._hinted.append(goal)
        return facts | self._bit("owed", "") if record.reason == OWED else facts

    def assigned(self, facts: Facts, _record: CapitalAssigned) -> Facts:
        """Capital moves: whether some was owed."""
        if not self._any(facts, "owed"):
            return facts
        self._hinted.append("G27")
        return facts | self._bit("moved", "")

    def asked_out(self, facts: Facts, record: Exit) -> Facts:
        """A strategy wants out of what it signaled."""
        return facts | self._bit("unwanted", record.intent)

    def turned(self, facts: Facts, record: NewDay | TradingHalted) -> Facts:
        """The calendar goes on."""
        return facts | self._bit("closed", "") if closes(record) else facts

    def halted(self, facts: Facts, _record: Halt) -> Facts:
        """A person halts trading."""
        if self._is_between(facts):
            self._hinted.append("G14")
        return facts

    def _is_between(self, facts: Facts) -> bool:
        """Whether some first leg has traded whose second was not sent."""
        return any(
            each.amount_b
            and self._has(facts, "traded", each.id)
            and not self._has(facts, "job", (each.id, each.symbol_b, "hedge"))
            for each in self._intents.values()
        )

    def restarted(self, facts: Facts, _record: Restarted) -> Facts:
        """The engine came up again: whether orders are out."""
        out = [each for each in self._orders if self._has(facts, "order", each)]
        if any(not self._has(facts, "over", each) for each in out):
            self._hinted.append("G16")
        return facts | self._bit("crash", "")

    def refused(self, facts: Facts, record: CancelRefused) -> Facts:
        """A cancel came too late."""
        if self._has(facts, "filled", record.client_order_id):
            self._hinted.append("G06")
        return facts

    def unknown(self, facts: Facts, record: OutcomeUnknown) -> Facts:
        """What became of a request is not known."""
        if self._has(facts, "found", record.client_order_id):
            self._hinted.append("G03")
        return facts | self._bit("unknown", record.client_order_id)

    def told(self, facts: Facts, record: Told) -> Facts:
        """The engine hears a report."""
        reader = REPORTS.get(type(record.report))
        return facts if reader is None else reader(self, facts, record.report)

    def told_accepted(self, facts: Facts, report: Accepted) -> Facts:
        """An acknowledgement: whether it comes after a fill."""
        name = report.client_order_id
        if self._has(facts, "told filled", name) and not self._has(facts, "told accepted", name):
            self._hinted.append("G04")
        return facts | self._bit("told accepted", name)

    def told_filled(self, facts: Facts, report: Filled) -> Facts:
        """A fill: whether it comes after the order was canceled."""
        name = report.client_order_id
        if self._has(facts, "over", name) and not self._has(facts, "told filled", name):
            self._hinted.append("G05")
        whole = self._orders.get(name)
        over = self._bit("over", name) if whole is not None and report.amount >= whole.amount else 0
        return facts | self._bit("told filled", name) | over

    def told_over(self, facts: Facts, report: Any) -> Facts:
        """An order is over."""
        return facts | self._bit("over", report.client_order_id)

    def told_status(self, facts: Facts, report: Status) -> Facts:
        """A query is answered."""
        name = report.client_order_id
        if report.answer == "found":
            if self._has(facts, "unknown", name):
                self._hinted.append("G03")
            return facts | self._bit("found", name)
        if report.answer != "not_found":
            return facts
        if self._any(facts, "reason"):
            self._hinted.append("G02")
        return facts | self._bit("absent", name)

    def told_price(self, facts: Facts, _report: Price) -> Facts:
        """A price is heard."""
        if self._is_between(facts):
            self._hinted.append("G23")
        return facts

    def told_bad_price(self, facts: Facts, _report: BadPrice) -> Facts:
        """A price that is none is heard."""
        if self._has(facts, "reason", "PRICE_UNUSABLE"):
            self._hinted.append("G21")
        return facts


def telling(records: tuple[Record, ...]) -> tuple[Record, ...]:
    """Of these records those that are read here."""
    return tuple(
        [
            each
            for each in records
            if type(each) in READERS and (not isinstance(each, Told) or type(each.report) in REPORTS)
        ]
    )


Reader = Callable[[Hints, Facts, Any], Facts]
READERS: dict[type[Any], Reader] = {
    Sent: Hints.sent,
    Filled: Hints.filled,
    Returned: Hints.returned,
    Alert: Hints.alerted,
    CapitalAssigned: Hints.assigned,
    Exit: Hints.asked_out,
    NewDay: Hints.turned,
    TradingHalted: Hints.turned,
    Halt: Hints.halted,
    Restarted: Hints.restarted,
    CancelRefused: Hints.refused,
    OutcomeUnknown: Hints.unknown,
    Told: Hints.told,
}
REPORTS: dict[type[Any], Reader] = {
    Accepted: Hints.told_accepted,
    Filled: Hints.told_filled,
    Canceled: Hints.told_over,
    Expired: Hints.told_over,
    Rejected: Hints.told_over,
    Status: Hints.told_status,
    Price: Hints.told_price,
    BadPrice: Hints.told_bad_price,
}
