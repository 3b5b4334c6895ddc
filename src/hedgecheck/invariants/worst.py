"""What an engine may come to at worst, counted anew from what it was told and what it sent.

Nothing here is summed up as it goes: every question walks over all intents and all orders that may stand for
something. What is not known for sure counts as less: an order that may be over is, so that no engine is
blamed for what it could not know.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import Counts, Names, Table, Terms
from hedgecheck.invariants.calendar import Hours
from hedgecheck.messages import BookShown, Intent, Side
from hedgecheck.values import frozen

WHOLE = 10_000  # basis points


@frozen
class Opened:
    """An intent with orders out; ``price_a``, ``price_b``: what was told when it was signaled, 0 where there
    is no leg B."""

    intent: Intent
    price_a: int
    price_b: int
    phase: Literal["signaled", "open", "over"] = "signaled"


@frozen
class Out:
    """An order that was sent. ``excused``: an entry whose cancel was sent, or that a crash may have kept
    from being cancelled."""

    intent: str
    symbol: str
    side: Side
    amount: int
    is_entry: bool
    filled: int = 0
    is_over: bool = False
    excused: bool = False

    @property
    def left(self) -> int:
        """Lots that may still be filled."""
        return 0 if self.is_over else max(0, self.amount - self.filled)


@frozen
class Account:
    """Books from what the engine was told, and what they said at the last opening. By client order id:
    ``orders`` that have lots left, and ``past``, all others. By id, intents that were ``opened``, and those
    that are ``over``. ``held``: signed lots by "intent symbol", where there are any. ``tokens``: requests
    that may leave now; ``owed``: the entries that must be cancelled in this step. ``capitals``: the cash of
    each strategy that has its own, with what was ``assigned`` to it from others. ``hours``: when the market
    can be traded in. ``books``: as the engine was last told of them. ``contested``: intents that another of
    their moment opposes, so that they may be netted."""

    terms: Terms
    lot_values: Counts
    prices: Counts
    cash: int
    tokens: int
    trades: Names = Archive()
    orders: Table[Out] = Table()
    past: Archive[Out] = Archive()
    positions: Counts = Table()
    held: Counts = Table()
    opened: Table[Opened] = Table()
    over: Archive[Opened] = Archive()
    flagged: tuple[str, ...] = ()
    openings: int = 0
    breach: str = ""
    owed: tuple[str, ...] = ()
    capitals: Counts = Table()
    assigned: Counts = Table()
    hours: Hours = Hours()
    books: Table[BookShown] = Table()
    contested: Names = Archive()


@frozen
class Part:
    """One leg of one intent at worst. In money: ``value`` of what it may hold, ``most`` and ``least`` what is
    bought less what is sold of it if all that buys and nothing that sells is filled, and the reverse."""

    intent: str
    symbol: str
    value: int
    heat: int
    most: int
    least: int


def is_running(memory: Account, each: Opened) -> bool:
    """Whether an intent counts in full: it has orders out, or a person has yet to act on it."""
    return each.phase == "open" or (each.phase == "over" and each.intent.id in memory.flagged)


def order_of(memory: Account, client_order_id: str) -> Out | None:
    """The order of that id, whether anything is left of it or not."""
    found: Out | None = memory.orders.get(client_order_id) or memory.past.get(client_order_id)
    return found


def opened_of(memory: Account, intent: str) -> Opened | None:
    """The intent of that id, over or not."""
    found: Opened | None = memory.opened.get(intent) or memory.over.get(intent)
    return found


def standing(memory: Account) -> list[Opened]:
    """Every intent that may stand for something: one that is over only where it holds something, has orders
    out, or a person was told of it."""
    held = [key.rpartition(" ")[0] for key in memory.held]
    names = [*held, *[order.intent for order in memory.orders.values()], *memory.flagged]
    over = [memory.over.get(name) for name in dict.fromkeys(names)]
    return [*memory.opened.values(), *[each for each in over if each is not None]]


def equity(memory: Account) -> int:
    """Cash, and positions at the prices the engine was told."""
    worth = [lots * memory.prices[name] * memory.lot_values[name] for name, lots in memory.positions.items()]
    return memory.cash + sum(worth)


def legs(each: Opened) -> tuple[tuple[str, Side, int, int | None, int], ...]:
    """Symbol, side, lots planned, stop and the price it was judged by, of each leg."""
    intent = each.intent
    first = intent.symbol_a, intent.side_a, intent.amount_a, intent.stop_a, each.price_a
    if not each.price_b:
        return (first,)
    return first, (intent.symbol_b, intent.side_b, intent.amount_b, intent.stop_b, each.price_b)


def parts(memory: Account) -> list[Part]:
    """Every leg of every intent that stands for something."""
    found = []
    out = list(memory.orders.values())
    for each in standing(memory):
        name, running = each.intent.id, is_running(memory, each)
        for symbol, side, planned, stop, judged in legs(each):
            held = memory.held.get(f"{name} {symbol}", 0)
            here = [order for order in out if order.intent == name and order.symbol == symbol]
            with_it = sum(order.left for order in here if order.side == side)
            against = sum(order.left for order in here if order.side != side)
            lots = abs(held) + with_it
            if running:
                lots = max(lots, planned)
            if lots or against:
                worth = memory.prices[symbol] * memory.lot_values[symbol]
                more = lots - abs(held)
                buying, selling = (more, against) if side == "buy" else (against, more)
                most, least = held + buying, held - selling
                risk = _risk(memory, lots, symbol, (side, stop, judged))
                found.append(Part(name, symbol, lots * worth, risk, most * worth, least * worth))
    return found


def _risk(memory: Account, lots: int, symbol: str, plan: tuple[Side, int | None, int]) -> int:
    """Money lost when the stop is hit, or all of it without one, and what getting out costs."""
    side, stop, judged = plan
    value = lots * memory.prices[symbol] * memory.lot_values[symbol]
    cost = -(-value * memory.terms.bounds.exit_cost_bps // WHOLE)
    if stop is None:
        return value + cost
    distance = judged - stop if side == "buy" else stop - judged
    return max(0, distance) * lots * memory.lot_values[symbol] + cost


def exposed_beyond(memory: Account, opening: Intent | None = None) -> str:
    """The bound on exposure that is broken at worst, in words; nothing where none is.

    Of positions, strategies and clusters only those of ``opening`` are looked at, or all without one.
    """
    bounds, own, everything = memory.terms.bounds, equity(memory), parts(memory)
    named = clusters(memory.terms)
    symbols = None if opening is None else opening.symbols
    by_symbol = _summed(everything, lambda part: part.symbol, symbols)
    strategies = None if opening is None else (strategy_of(opening.id),)
    by_strategy = _summed(everything, lambda part: strategy_of(part.intent), strategies)
    asked = None if symbols is None else tuple(named[symbol] for symbol in symbols)
    by_cluster = _summed(everything, lambda part: named[part.symbol], asked)
    gross, heat = sum(part.value for part in everything), sum(part.heat for part in everything)
    net = max(sum(part.most for part in everything), -sum(part.least for part in everything))
    reached = [
        *((name, value, bounds.position_bps) for name, value in by_symbol.items()),
        *((f"strategy {name}", value, bounds.strategy_bps) for name, value in by_strategy.items()),
        ("gross exposure", gross, bounds.gross_bps),
        ("net exposure", net, bounds.net_bps),
        ("leverage", gross, bounds.leverage_bps),
        *((f"the cluster of {name}", value, bounds.cluster_bps) for name, value in by_cluster.items()),
        ("heat", heat, bounds.heat_bps),
    ]
    for what, value, bps in reached:
        if value * WHOLE > own * bps:
            return f"{what} may reach {value} of equity {own}, over {bps} bps"
    return ""


def over_budget(memory: Account, strategy: str) -> str:
    """What the strategy has open at worst, in words, where that is more than its own capital bears."""
    if strategy not in memory.capitals:
        return ""
    own = memory.capitals[strategy]
    for name, lots in memory.held.items():
        intent, _, symbol = name.partition(" ")
        if strategy_of(intent) == strategy:
            own += lots * memory.prices[symbol] * memory.lot_values[symbol]
    value = sum(part.value for part in parts(memory) if strategy_of(part.intent) == strategy)
    bps = memory.terms.bounds.budget_bps
    if value * WHOLE > own * bps:
        return f"strategy {strategy} may reach {value} of its capital {own}, over {bps} bps"
    return ""


def beyond_books(memory: Account, asking: Opened) -> str:
    """What stands in the books, or trades in a day, and does not bear the orders of an intent, in words.

    The impact is that of the square-root law, volatility x sqrt(lots / volume), and compared squared.
    """
    bounds = memory.terms.bounds
    for symbol, side, planned, _, _ in legs(asking):
        book = memory.books.get(symbol)
        depth = 0 if book is None else book.ask_depth if side == "buy" else book.bid_depth
        if bounds.participation_bps is not None and planned * WHOLE > bounds.participation_bps * depth:
            return f"{planned} of {symbol} are over {bounds.participation_bps} bps of the {depth} lots there"
        if bounds.impact_bps is not None and planned:
            if book is None or book.volume is None or book.volatility_bps is None:
                return f"nobody told what {planned} of {symbol} do to its price"
            if planned * book.volatility_bps**2 > book.volume * bounds.impact_bps**2:
                return f"{planned} of {symbol} move its price by over {bounds.impact_bps} bps"
    return ""


def beyond_spreads(memory: Account, asking: Opened, prices: tuple[int, ...]) -> str:
    """The spread that is too wide for an intent's legs at these prices, in words."""
    bound = memory.terms.bounds.spread_bps
    for (symbol, _, planned, _, _), price in zip(legs(asking), prices, strict=True):
        if bound is None or not planned:
            continue
        book = memory.books.get(symbol)
        if book is None or book.spread is None:
            return f"nobody told how wide the spread of {symbol} is"
        if book.spread * WHOLE > bound * price:
            return f"the spread of {symbol} is {book.spread} at a price of {price}, over {bound} bps"
    return ""


def is_leveraged_beyond(memory: Account) -> bool:
    """Whether everything open, over equity, is more than the engine was told to keep to."""
    gross = sum(part.value for part in parts(memory))
    return gross * WHOLE > equity(memory) * memory.terms.bounds.leverage_bps


def strategy_of(intent: str) -> str:
    """The strategy whose intent it is: its name without the number."""
    return intent.rstrip("0123456789")


def _summed(
    everything: list[Part], key: Callable[[Part], str], only: tuple[str, ...] | None
) -> dict[str, int]:
    """The values of the parts by a name, of these names or of all."""
    sums: dict[str, int] = {}
    for part in everything:
        name = key(part)
        if only is None or name in only:
            sums[name] = sums.get(name, 0) + part.value
    return sums


@lru_cache(maxsize=256)
def clusters(terms: Terms) -> Table[str]:
    """Each symbol with the name of its cluster, the first of those that it is linked to, however far around.

    Names spread along links until none changes any more.
    """
    bounds = terms.bounds
    known = {frozenset((one, other)): bps for one, other, bps in bounds.correlations}
    names = {market.symbol: market.symbol for market in terms.markets}
    links = [
        pair
        for pair in combinations(names, 2)
        if abs(known.get(frozenset(pair), WHOLE)) >= bounds.cluster_correlation
    ]
    for _ in names:
        for one, other in links:
            names[one] = names[other] = min(names[one], names[other])
    return Table(names)
