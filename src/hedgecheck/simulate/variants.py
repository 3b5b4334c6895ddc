"""How each fault shows to a client of an exchange: what may strike which call, in words and in effect."""

from collections.abc import Callable
from functools import lru_cache

from hedgecheck import faults
from hedgecheck.faults import Fault, Plan
from hedgecheck.fronts.ccxt.calls import (
    Call,
    CancelAll,
    CancelOrder,
    Configure,
    EditOrder,
    Fetch,
    NewOrder,
    Watch,
)
from hedgecheck.values import frozen


@frozen
class Variant:
    """One way in which a fault strikes; ``does`` is what the wire makes of it, ``detail`` how much or why."""

    fault: Fault
    does: str
    words: str
    detail: int | str = 0


LOST = (
    Variant(faults.response_lost, "lose reply", "the reply is lost"),
    Variant(faults.response_lost, "lose request", "the request is lost"),
)
ANY = (
    *LOST,
    Variant(faults.late_ack, "delay reply", "the reply is late"),
    Variant(faults.rate_limit, "limit", "the venue refuses: too many requests"),
)
RESET = (Variant(faults.disconnect, "reset", "the connection breaks after the request arrived"),)
SKEWS = (
    Variant(faults.clock_skew, "skew", "the machine's clock is set back 2 s", -2),
    Variant(faults.clock_skew, "skew", "the machine's clock jumps a day ahead", 86_400),
)
SHOCKS = (
    Variant(faults.price_shock, "shock", "the price falls 20 % before the order arrives", -200_000),
    Variant(faults.price_shock, "shock", "the price rises 20 % before the order arrives", 200_000),
)
PARTS = (
    Variant(faults.partial_fill, "fill part", "half of it fills", 500_000),
    Variant(faults.partial_fill, "fill part", "one lot of it fills", 0),
    Variant(faults.partial_fill, "fill part", "96 % of it fills", 960_000),
)
CREATE = (
    *ANY,
    *PARTS,
    *RESET,
    Variant(faults.venue_reject, "reject", "the venue rejects it", "INSUFFICIENT_BALANCE"),
    Variant(faults.venue_reject, "reject", "the venue rejects it", "BELOW_MINIMUM"),
    Variant(faults.base_fee, "fee in base", "the fee is taken in the bought asset"),
    Variant(faults.lifecycle, "expire", "the venue expires what has not filled"),
    Variant(faults.field_semantics, "only an id", "the reply holds an id and nothing else"),
    Variant(faults.field_semantics, "no id", "the reply is empty"),
    *SHOCKS,
    *SKEWS,
)
WAITING = tuple(each for each in CREATE if each.fault not in (faults.partial_fill, faults.base_fee))  # stops
CANCEL = (
    *ANY,
    *RESET,
    Variant(faults.fill_during_cancel, "fill first", "it fills before the cancel takes effect", 1_000_000),
    Variant(faults.fill_during_cancel, "fill across", "half of it fills as it is cancelled", 500_000),
)
EDIT = (
    *ANY,
    *RESET,
    Variant(faults.fill_during_modify, "fill first", "it fills before the change takes effect", 1_000_000),
    Variant(faults.fill_during_modify, "fill first", "half of it fills before the change", 500_000),
)
QUERY = (Variant(faults.query_unreliable, "fail", "the query fails"),)
ORDER = (
    *ANY,
    *QUERY,
    Variant(faults.query_unreliable, "hide", "the venue says that it does not have the order"),
    Variant(faults.query_unreliable, "stale", "the answer is from before the last fill"),
    Variant(faults.query_unreliable, "no id", "the answer is empty"),
    Variant(faults.clock_skew, "skew", "the machine's clock is set back 2 s", -2),
)
LISTS = (
    *ANY,
    *QUERY,
    Variant(faults.query_unreliable, "hide", "the newest is missing in the answer"),
    Variant(faults.query_unreliable, "stale", "the answer is from before the last fill"),
)
OPEN = (*LISTS, Variant(faults.crosstalk, "alien", "another client's order is in the answer"))
ACCOUNT = (
    *ANY,
    *QUERY,
    Variant(faults.snapshot_lag, "stale", "the snapshot is from before the last fill"),
    Variant(faults.bad_data, "hide", "a row is missing"),
)
MARKET_DATA = (
    *ANY,
    *QUERY,
    Variant(faults.bad_data, "bad", "the price is None", "none"),
    Variant(faults.bad_data, "bad", "the price is NaN", "nan"),
    Variant(faults.bad_data, "bad", "the price is 0", "zero"),
    Variant(faults.asymmetric_latency, "delay reply", "market data falls behind"),
)
SERIES = (*ANY, *QUERY, Variant(faults.bad_data, "hide", "the answer is empty"))
STREAM = (
    Variant(faults.reordered, "swap", "it comes after the next one"),
    Variant(faults.duplicated, "copy", "it comes twice"),
    Variant(faults.event_dropped, "drop", "it never comes"),
    Variant(faults.disconnect, "cut", "the stream breaks; what comes meanwhile is missed"),
    Variant(faults.disconnect, "cut with snapshot", "the stream breaks, and begins again with a snapshot"),
)
PRICES = (
    Variant(faults.bad_data, "bad", "the price is None", "none"),
    Variant(faults.bad_data, "bad", "the price is NaN", "nan"),
    Variant(faults.event_dropped, "drop", "it never comes"),
    Variant(faults.asymmetric_latency, "lag", "market data falls behind"),
)
SUBMIT = (
    Variant(faults.storage_error, "crash", "the process dies once the order is there, before it knows of it"),
)
CRASH = (Variant(faults.restart, "crash", "the process dies"),)
UNSYNCED = (
    Variant(faults.storage_error, "crash", "the machine dies; what was not synced is lost", "lose"),
    Variant(faults.storage_error, "crash", "the machine dies; half of what was not synced is lost", "tear"),
)
AGAIN = (Variant(faults.simultaneous_signals, "again", "the signal is delivered once more"),)

# What of a request that it strikes and its answer is all that is other than it would be.
STAYS_AT_THE_VENUE = frozenset(
    (
        *("lose reply", "lose request", "delay reply", "limit", "reset", "unavailable", "reject"),
        *("fill part", "fee in base", "expire", "only an id", "no id", "fill first", "fill across"),
        *("fail", "hide"),
    )
)

FETCHED: dict[str, tuple[Variant, ...]] = {
    "order": ORDER,
    "open_orders": OPEN,
    **dict.fromkeys(("orders", "closed_orders", "canceled_orders", "my_trades", "order_trades"), LISTS),
    **dict.fromkeys(("balance", "positions", "position"), ACCOUNT),
    **dict.fromkeys(("ticker", "tickers"), MARKET_DATA),
    **dict.fromkeys(("order_book", "ohlcv", "trades"), SERIES),
    **dict.fromkeys(("markets", "currencies", "time", "status", "funding_rate", "trading_fees"), ANY),
}
CALLS: dict[type[Call], Callable[[Call], tuple[Variant, ...]]] = {
    NewOrder: lambda call: WAITING if isinstance(call, NewOrder) and call.stop_price is not None else CREATE,
    EditOrder: lambda call: EDIT,
    CancelOrder: lambda call: CANCEL,
    CancelAll: lambda call: CANCEL,
    Fetch: lambda call: FETCHED[call.what] if isinstance(call, Fetch) else (),
    Configure: lambda call: ANY,
    Watch: lambda call: (),
}


class Arsenal:
    """The variants of the faults in a plan, by what they may strike."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._chosen: dict[int, tuple[Variant, ...]] = {}

    def _of(self, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        chosen = self._chosen.get(id(variants))  # the tables live as long as the module
        if chosen is None:
            chosen = tuple(each for each in variants if each.fault in self._plan)
            self._chosen[id(variants)] = chosen
        return chosen

    def of_call(self, call: Call, *, in_process: bool = False) -> tuple[Variant, ...]:
        """What may strike a call; ``in_process``: of a bot that comes up again when it dies."""
        variants = self._of(CALLS[type(call)](call))
        return (*variants, *self._of(SUBMIT)) if in_process and isinstance(call, NewOrder) else variants

    def of_stream(self, what: str) -> tuple[Variant, ...]:
        """What may strike a message of a stream."""
        return self._of(PRICES if what in {"ticker", "tickers"} else STREAM)

    def of_delivery(self) -> tuple[Variant, ...]:
        """What may strike the delivery of a signal."""
        return self._of(AGAIN)

    def of_process(self, *, unsynced: bool = False) -> tuple[Variant, ...]:
        """What may strike a process between two iterations of its loop; ``unsynced``: that has written what
        a crash of the machine would take."""
        return (*self._of(CRASH), *self.of_crash()) if unsynced else self._of(CRASH)

    def of_crash(self) -> tuple[Variant, ...]:
        """What may strike a process that has written what it did not sync, and dies."""
        return self._of(UNSYNCED)


@lru_cache(maxsize=64)
def arsenal_of(plan: Plan) -> Arsenal:
    """The arsenal of a plan, made once."""
    return Arsenal(plan)
