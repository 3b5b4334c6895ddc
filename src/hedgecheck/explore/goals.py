"""What a good run gets to see: hard situations, recognised in the records of one execution.

A run that never enters one says so (Stateright's *sometimes*): where a rule was never near its limit, that
it holds says little.
"""

from collections.abc import Callable, Iterator

from hedgecheck.invariants.calendar import Hours, after, may_balance
from hedgecheck.messages import (
    Accepted,
    Alert,
    BadPrice,
    Calendar,
    Canceled,
    CancelOrder,
    CancelRefused,
    CapitalAssigned,
    CreateOrder,
    Exit,
    Expired,
    Filled,
    Halt,
    Happening,
    Intent,
    NewDay,
    OutcomeUnknown,
    Overheard,
    Price,
    Record,
    Rejected,
    Restarted,
    Returned,
    Sent,
    Signaled,
    Status,
    Told,
    TradingHalted,
)
from hedgecheck.values import frozen

OWED = "REBALANCING_OWED"
Heard = Signaled | Told | Overheard | Happening


@frozen
class Goal:
    """A situation by name, and how to tell it from what happened in one execution, in order."""

    id: str
    name: str
    reached: Callable[["Story"], bool]


class Story:
    """The records of one execution, with what goals ask about worked out once."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.intents: dict[str, Intent] = {}
        self.orders: dict[str, CreateOrder] = {}
        self.at: dict[tuple[str, str], int] = {}  # (kind, order) -> place of its first record
        self.reasons = [each.reason for each in records if isinstance(each, Returned)]
        for place, record in enumerate(records):
            if isinstance(record, Signaled):
                self.intents[record.intent.id] = record.intent
            elif isinstance(record, Sent) and isinstance(record.request, CreateOrder):
                self.orders[record.request.client_order_id] = record.request
            self._note(place, record)

    def _note(self, place: int, record: Record) -> None:
        kind, about = type(record).__name__, record
        if isinstance(record, (Sent, Told)):
            about = record.request if isinstance(record, Sent) else record.report  # type: ignore[assignment]
            kind = f"{kind} {type(about).__name__}"
        order = getattr(about, "client_order_id", None)
        if order is not None:
            self.at.setdefault((kind, order), place)

    def first(self, kind: str, order: str) -> int | None:
        """Where that kind of record came first for that order."""
        return self.at.get((kind, order))

    def before(self, one: str, other: str) -> bool:
        """Whether, of some order, the first ``one`` came before the first ``other``."""
        for (kind, order), place in self.at.items():
            later = self.at.get((other, order)) if kind == one else None
            if later is not None and place < later:
                return True
        return False

    def answers(self) -> Iterator[tuple[int, Record]]:
        """Each record, with the place of what the engine had heard last when it happened."""
        heard = -1
        for place, record in enumerate(self.records):
            if isinstance(record, Heard):
                heard = place
            if heard >= 0:
                yield heard, record

    def of(self, record: Record) -> CreateOrder | None:
        """The order that was filled, or sent, by this record."""
        if isinstance(record, Filled):
            return self.orders.get(record.client_order_id)
        if isinstance(record, Sent) and isinstance(record.request, CreateOrder):
            return record.request
        return None

    def leg(self, order: CreateOrder) -> str:
        """Which job an order does for its intent: entry, hedge, exit, stop, or nothing known."""
        intent = self.intents.get(order.intent or "")
        if intent is None:
            return ""
        if order.reduce_only:
            return "exit" if order.stop_price is None else "stop"
        return "entry" if (order.symbol, order.side) == (intent.symbol_a, intent.side_a) else "hedge"

    def jobs(self, leg: str) -> list[CreateOrder]:
        """The orders that did this job."""
        return [order for order in self.orders.values() if self.leg(order) == leg]

    def repeated(self, leg: str) -> bool:
        """Whether one intent sent more than one order for this job on one symbol."""
        asked = [(order.intent, order.symbol) for order in self.jobs(leg)]
        return len(set(asked)) < len(asked)


def _told(records: list[Record], order: str) -> list[object]:
    reports = [each.report for each in records if isinstance(each, Told)]
    return [each for each in reports if getattr(each, "client_order_id", None) == order]


def _ghost_resolved(story: Story) -> bool:
    """An order that was sent is confirmed not to exist, and the call that sent it returns."""
    for order in story.orders.values():
        answers = [each for each in _told(story.records, order.client_order_id) if isinstance(each, Status)]
        if answers and all(each.answer == "not_found" for each in answers) and story.reasons:
            return True
    return False


def _unknown_resolved(story: Story) -> bool:
    """The reply to an order is lost, and a query tells what became of it."""
    unknown = {each.client_order_id for each in story.records if isinstance(each, OutcomeUnknown)}
    found = {
        each.report.client_order_id
        for each in story.records
        if isinstance(each, Told) and isinstance(each.report, Status) and each.report.answer == "found"
    }
    return bool(unknown & found & set(story.orders))


def _parts(story: Story) -> bool:
    fills = [each.client_order_id for each in story.records if isinstance(each, Filled)]
    return any(fills.count(order) >= 2 for order in set(fills))


def _between_the_legs(story: Story, struck: Callable[[Record], bool]) -> bool:
    """Something struck after a first leg had traded and before its second leg was sent."""
    for intent in [name for name, each in story.intents.items() if each.amount_b]:
        filled = hedged = None
        for place, record in enumerate(story.records):
            order = story.of(record)
            if order is None or order.intent != intent:
                continue
            if isinstance(record, Filled) and filled is None:
                filled = place
            elif isinstance(record, Sent) and story.leg(order) == "hedge":
                hedged = place
                break
        if filled is not None and any(struck(each) for each in story.records[filled:hedged]):
            return True
    return False


def _in_flight_over_crash(story: Story) -> bool:
    """The engine goes down while an order is on its way or works."""
    crash = next((at for at, each in enumerate(story.records) if isinstance(each, Restarted)), None)
    if crash is None:
        return False
    before = Story(story.records[:crash])
    return any(not _heard_over(before, order) for order in before.orders.values())


def _heard_over(story: Story, order: CreateOrder) -> bool:
    """Whether the engine was told that the order is over, or of all its fills."""
    told = _told(story.records, order.client_order_id)
    filled = sum(each.amount for each in told if isinstance(each, Filled))
    return filled >= order.amount or any(isinstance(each, (Canceled, Expired, Rejected)) for each in told)


def _restart_repeats_nothing(story: Story) -> bool:
    """An order that was out when the engine went down fills afterwards."""
    crash = next((at for at, each in enumerate(story.records) if isinstance(each, Restarted)), None)
    later = story.records[crash:] if crash is not None else []
    sent_later = {
        each.request.client_order_id
        for each in later
        if isinstance(each, Sent) and isinstance(each.request, CreateOrder)
    }
    return any(isinstance(each, Filled) and each.client_order_id not in sent_later for each in later)


def _alerted(story: Story, reason: str) -> bool:
    return any(isinstance(each, Alert) and each.reason == reason for each in story.records)


def _is_halt(record: Record) -> bool:
    return isinstance(record, Halt) or (isinstance(record, Alert) and record.reason == "BREAKER_TRIPPED")


def _bad_then_signal(story: Story) -> bool:
    return "PRICE_UNUSABLE" in story.reasons and any(
        isinstance(each, Told) and isinstance(each.report, BadPrice) for each in story.records
    )


def _priced_between(story: Story) -> bool:
    return _between_the_legs(story, lambda each: isinstance(each, Told) and isinstance(each.report, Price))


def _two_at_once(story: Story) -> bool:
    """Two calls are under way at the same time, and both trade."""
    waiting: set[str] = set()
    for record in story.records:
        if isinstance(record, Sent) and isinstance(record.request, CreateOrder) and record.request.intent:
            waiting.add(record.request.intent)
        elif isinstance(record, Returned):
            waiting.discard(record.intent)
        if len(waiting) > 1:
            return True
    return False


def _withdrawn(story: Story) -> bool:
    """An entry that rests is cancelled at once when the session ends or trading is halted."""
    entries, resting = set[str](), dict[str, int]()
    for heard, record in story.answers():
        order = story.of(record)
        if isinstance(record, Sent) and order is not None and story.leg(order) == "entry":
            entries.add(order.client_order_id)
        elif isinstance(record, Accepted) and record.client_order_id in entries:
            resting[record.client_order_id] = heard
        elif isinstance(record, Sent) and isinstance(record.request, CancelOrder):
            since = resting.pop(record.request.client_order_id, heard)
            if since < heard and closes(story.records[heard]):
                return True
    return False


def closes(record: Record) -> bool:
    """Whether entries may not rest from then on."""
    return isinstance(record, TradingHalted) or (isinstance(record, NewDay) and record.phase != "regular")


def _waited(story: Story) -> bool:
    """A hedge or an exit leaves at once when the market that it could not leave into opens."""
    before = hours = Hours()
    for heard, record in story.answers():
        if isinstance(record, Calendar):
            before, hours = hours, after(hours, record)
        if not isinstance(record, Sent) or not isinstance(story.records[heard], Calendar):
            continue
        order = story.of(record)
        if order is None or story.leg(order) not in ("hedge", "exit"):
            continue
        intent = story.intents[order.intent or ""]
        if may_balance(hours, intent) and not may_balance(before, intent):
            return True
    return False


def _debt_followed(story: Story) -> bool:
    """Capital moves in the same step in which a trade ends, after a person was told that some is owed."""
    owed, traded = False, set[str | None]()
    ended, moved = set[int](), set[int]()
    for heard, record in story.answers():
        if isinstance(record, Sent) and isinstance(record.request, CreateOrder):
            traded.add(record.request.intent)
        elif isinstance(record, Alert) and record.reason == OWED:
            owed = True
        elif isinstance(record, Returned) and record.intent in traded:
            ended.add(heard)
        elif isinstance(record, CapitalAssigned) and owed:
            moved.add(heard)
    return bool(ended & moved)


def _left(story: Story) -> bool:
    """A strategy wants out of what is hedged, and orders sent since then trade on each leg of it."""
    hedged, unwanted, exits = set[str](), set[str](), set[str]()
    closed: set[tuple[str | None, str]] = set()
    for record in story.records:
        order = story.of(record)
        if isinstance(record, Returned) and record.success:
            hedged.add(record.intent)
        elif isinstance(record, Exit) and record.intent in hedged:
            unwanted.add(record.intent)
        elif order is not None and isinstance(record, Sent):
            if order.intent in unwanted and story.leg(order) == "exit":
                exits.add(order.client_order_id)
        elif order is not None and order.client_order_id in exits:
            closed.add((order.intent, order.symbol))
    legs = [story.intents[each] for each in unwanted if each in story.intents]
    return any(
        (each.id, each.symbol_a) in closed and (not each.amount_b or (each.id, each.symbol_b) in closed)
        for each in legs
    )


GOALS: tuple[Goal, ...] = (
    Goal("G01", "both legs traded", lambda story: "hedged" in story.reasons),
    Goal("G02", "ghost resolved", _ghost_resolved),
    Goal("G03", "unknown outcome resolved by a query", _unknown_resolved),
    Goal("G04", "fill heard before its acknowledgement", lambda s: s.before("Told Filled", "Told Accepted")),
    Goal("G05", "late fill after cancel", lambda s: s.before("Told Canceled", "Told Filled")),
    Goal("G06", "cancel refused: it had filled", lambda s: s.before("Filled", CancelRefused.__name__)),
    Goal("G07", "order filled in parts", _parts),
    Goal("G08", "abort and flatten", lambda s: "flattened" in s.reasons and bool(s.jobs("exit"))),
    Goal("G09", "re-hedge", lambda s: s.repeated("hedge")),
    Goal("G10", "entry sent again after it proved absent", lambda s: s.repeated("entry")),
    Goal("G11", "flatten sent again", lambda s: s.repeated("exit")),
    Goal("G12", "parked trade", lambda s: _alerted(s, "TRADE_PARKED")),
    Goal("G13", "order nobody could tell of", lambda s: _alerted(s, "ORDER_UNRESOLVED")),
    Goal("G14", "halt between the legs", lambda s: _between_the_legs(s, _is_halt)),
    Goal("G15", "signal refused in a halt", lambda s: "HALTED" in s.reasons),
    Goal("G16", "crash with an order in flight", _in_flight_over_crash),
    Goal("G17", "order from before the crash fills after it", _restart_repeats_nothing),
    Goal("G18", "signal refused while recovering", lambda s: "RECOVERING" in s.reasons),
    Goal("G19", "same signal again, refused", lambda s: "DUPLICATE_SIGNAL" in s.reasons),
    Goal("G20", "signal refused for its key", lambda s: "KEY_BUSY" in s.reasons),
    Goal("G21", "signal refused on a price that is none", _bad_then_signal),
    Goal("G22", "two trades under way at once", _two_at_once),
    Goal("G23", "price moved between the legs", _priced_between),
    Goal("G24", "resting entry withdrawn as the market closed or halted", _withdrawn),
    Goal("G25", "hedge or exit sent once the market opened again", _waited),
    Goal("G26", "signal refused out of the session", lambda s: "SESSION_CLOSED" in s.reasons),
    Goal("G27", "capital that was owed moved as a trade ended", _debt_followed),
    Goal("G28", "hedged trade left as its strategy wanted", _left),
)
