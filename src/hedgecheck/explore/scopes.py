"""Settings of executions, drawn from a seed: what is traded, how tight the limits are, which faults exist.

Swarm testing (Groce et al., ISSTA 2012): each execution leaves some fault kinds out and draws its own
rates, because what is always on hides what only happens without it. Scope 0 is the plain one.
"""

from random import Random
from typing import Any

from hedgecheck import faults
from hedgecheck.explore.bounded import LOOSE, LOOSE_BPS, NUMBERED_FROM, scope_of, small_of
from hedgecheck.faults import Plan
from hedgecheck.invariants import Bounds, Conflicts
from hedgecheck.messages import Intent, Side
from hedgecheck.values import replace
from hedgecheck.venue import Book, House, Market, Uniqueness
from hedgecheck.world import Scope

SYMBOLS = ("AAA", "BBB", "CCC")
PRICE = 100
UNIQUENESS: tuple[Uniqueness, ...] = ("open_orders", "session", "forever")
TICKS = (-10_000, 10_000)
FIRST_KINDS = (
    faults.response_lost,
    faults.reordered,
    faults.duplicated,
    faults.query_unreliable,
    faults.partial_fill,
    faults.simultaneous_signals,
    faults.price_shock,
    faults.base_fee,
)
NEWEST_KINDS = (faults.fill_during_modify, faults.clock_skew, faults.crosstalk)
STRANGER = "web_1"
LATER_BOUNDS = (*[None] * 7, "strategy", "net", "leverage", "cluster", "notional", "collar", "rate")
OWNED_FROM = 1 << 32  # a scope that was ever drawn stays what it was, and so do its tokens
BOOKED_FROM = 1 << 33
LONE_FROM = 1 << 34
BOTH_HALF = (("m", 5_000), ("p", 5_000))
PAIRS = (("AAA", "BBB"), ("AAA", "CCC"), ("BBB", "CCC"))
INVENTED_MOVES = (-500_000, -200_000, -50_000, -15_000, 15_000, 50_000, 300_000)


def plain() -> Scope:
    """Two intents on one pair, ten lots a leg, no fees, limits far away."""
    markets = tuple(Market(symbol) for symbol in SYMBOLS)
    intents = tuple(Intent(f"p{n}", "AAA", "buy", 10, "BBB", "sell", 10) for n in (1, 2))
    prices = tuple((symbol, PRICE) for symbol in SYMBOLS)
    return Scope(intents, House(markets), 1_000_000, prices)


def draw(seed: int, moves: tuple[int, ...] = ()) -> Scope:
    """The scope of ``seed``; price moves come from ``moves`` (ppm) where there are any.

    Seeds from ``OWNED_FROM`` on stand for the scopes of those before it, with strategies that have capital of
    their own; from ``BOOKED_FROM`` on, for those before that, with order books; from ``LONE_FROM`` on, for
    those before that, with intents of one leg; from ``bounded.NUMBERED_FROM`` on, for the small scopes of the
    exhaustive search.
    """
    if seed == 0:
        return plain()
    if seed >= NUMBERED_FROM:
        return scope_of(small_of(seed))
    if seed >= LONE_FROM:
        return _with_lone_legs(Random(f"scope {seed}, since one leg"), draw(seed - LONE_FROM, moves))
    if seed >= BOOKED_FROM:
        return _with_books(Random(f"scope {seed}, since books"), draw(seed - BOOKED_FROM, moves))
    if seed >= OWNED_FROM:
        return _with_budgets(Random(f"scope {seed}, since budgets"), draw(seed - OWNED_FROM, moves))
    return _drawn(seed, moves)


def _drawn(seed: int, moves: tuple[int, ...]) -> Scope:
    random, later = Random(f"scope {seed}"), Random(f"scope {seed}, since faults of every kind")
    lot = random.choice((1, 1, 1, 5))
    size = random.choice((10, 20, 100, 1000))
    intents = _intents(random, size)
    worth = 2 * size * PRICE * len(intents)  # what all of them open at once
    house = House(
        tuple(
            Market(symbol, 1, lot, lot * random.choice((1, 1, 1, 2)), random.choice((0, 0, 2 * lot * PRICE)))
            for symbol in SYMBOLS
        ),
        "spot" if random.random() < 0.2 else "margin",
        random.choice(UNIQUENESS),
        random.choice((0, 10, 100, 500)),
    )
    scope = Scope(
        intents,
        house,
        worth * random.choice((1, 2, 4, 20)),
        tuple((symbol, PRICE) for symbol in SYMBOLS),
        _bounds(random, size),
        ticks=random.choice(((), TICKS)),
        moves=tuple(random.choice(moves or INVENTED_MOVES) for _ in range(3)),
        faults=_swarm(random, later),
        max_faults=random.choice((0, 1, 2, 2, 3, 4, 6)),
        max_crashes=later.choice((0, 0, 1, 1, 2)),
        halts=later.choice((0, 0, 0, 1)),
    )
    return _with_the_newest(seed, later, scope)


def _with_the_newest(seed: int, later: Random, scope: Scope) -> Scope:
    """What came last is drawn last, so that all before it stays what an older release drew."""
    answers: tuple[Conflicts, ...] = ("refuse", "net", "net")
    conflicts = Random(f"scope {seed}, since conflicts").choice(answers)
    return replace(
        scope,
        faults=scope.faults | Plan(tuple(fault for fault in NEWEST_KINDS if later.random() < 0.7)),
        days=later.choice((0, 0, 0, 1, 2)),
        strangers=later.choice(((), (STRANGER,))),
        bounds=replace(_tightened(later, scope), conflicts=conflicts),
        changes=Random(f"scope {seed}, since changes").choice((0, 0, 2, 5, 9)),
        drawdown_bps=Random(f"scope {seed}, since drawdown").choice((0, 0, 0, 200, 500)),
        sessions=Random(f"scope {seed}, since sessions").choice((0, 0, 0, 1, 3)),
        exits=Random(f"scope {seed}, since exits").choice((0, 0, 1, 2)),
        batches=Random(f"scope {seed}, since batches").choice((0, 1, 1, 2)),
        cash_flows=Random(f"scope {seed}, since cash flows").choice((0, 0, 0, 1, 3)),
        pauses=Random(f"scope {seed}, since halts of symbols").choice((0, 0, 0, 1, 3)),
    )


def _with_budgets(random: Random, scope: Scope) -> Scope:
    """Each strategy has capital of its own, and it moves."""
    budgets = random.choice((BOTH_HALF, (("m", 2_000), ("p", 7_000)), (("m", 3_000), ("p", 1_500))))
    bounds = replace(scope.bounds, budgets=budgets, budget_bps=random.choice((10_000, 10_000, 20_000, 5_000)))
    return replace(scope, bounds=bounds, rebalances=random.choice((1, 3)))


def _with_books(random: Random, scope: Scope) -> Scope:
    """Every symbol has an order book, and liquidity changes. Limits on it are in reach of some intents: once
    or three times what stands at the best price, 250 bps of spread, 35 bps of impact."""
    size = scope.intents[0].amount_a
    books = tuple(
        Book(
            market.symbol,
            random.choice((0, 1, 2, 4)),
            _depth(random, size, market.lot),
            _depth(random, size, market.lot),
            volume=50 * size,
            volatility_bps=200,
        )
        for market in scope.house.markets
    )
    bounds = replace(
        scope.bounds,
        participation_bps=random.choice((None, None, None, 10_000, 30_000)),
        spread_bps=random.choice((None, None, None, None, 250)),
        impact_bps=random.choice((None, None, None, None, None, 35)),
    )
    return replace(scope, books=books, reshapes=random.choice((1, 3, 6)), bounds=bounds)


def _with_lone_legs(random: Random, scope: Scope) -> Scope:
    """Most intents have no leg B, whatever symbol and stop it is said to have."""
    intents = tuple(
        replace(each, amount_b=0, symbol_b=random.choice((each.symbol_b, each.symbol_a, "")))
        if random.random() < 0.7
        else each
        for each in scope.intents
    )
    return replace(scope, intents=intents)


def _depth(random: Random, size: int, lot: int) -> int:
    """Lots at each price of a side, from a quarter of a leg on."""
    lots = size * random.choice((1, 2, 4, 8, 40)) // 4
    return max(lot, lots - lots % lot)


def _intents(random: Random, size: int) -> tuple[Intent, ...]:
    intents = []
    sequences = {"p": 0, "m": 0}
    contrary = random.random() < 0.2  # some scopes have strategies that pull one symbol both ways
    for _ in range(random.choice((1, 1, 2, 2, 3, 4))):
        strategy = random.choice(("p", "p", "m"))
        sequences[strategy] += 1
        symbol_a, symbol_b = random.choice((("AAA", "BBB"), ("AAA", "BBB"), ("AAA", "CCC"), ("CCC", "BBB")))
        flipped = contrary and random.random() < 0.5
        side_a, side_b = _sides(symbol_a, symbol_b, flipped)
        amount_b = size * random.choice((10, 10, 10, 20, 15)) // 10
        intents.append(
            Intent(
                f"{strategy}{sequences[strategy]}",
                symbol_a,
                side_a,
                size,
                symbol_b,
                side_b,
                amount_b,
                random.choice((None, None, PRICE)),
                *random.choice(((None, None), (_stop(side_a), _stop(side_b)))),
            )
        )
    return tuple(intents)


def _sides(symbol_a: str, symbol_b: str, flipped: bool) -> tuple[Side, Side]:
    """AAA is bought and BBB sold; CCC goes against the other leg. ``flipped`` turns both around."""
    buys_a = symbol_a == "AAA" if "AAA" in (symbol_a, symbol_b) else symbol_b == "BBB"
    return ("buy", "sell") if buys_a != flipped else ("sell", "buy")


def _stop(side: Side) -> int:
    return PRICE * 95 // 100 if side == "buy" else PRICE * 105 // 100


def _bounds(random: Random, size: int) -> Bounds:
    """At most one limit is tight enough to bind: where several are, most signals go nowhere."""
    tight = random.choice((None, None, None, "position", "gross", "heat", "flight", "order"))
    return replace(
        LOOSE,
        position_bps=random.choice((2_000, 5_000)) if tight == "position" else LOOSE_BPS,
        gross_bps=random.choice((5_000, 10_000)) if tight == "gross" else LOOSE_BPS,
        heat_bps=random.choice((600, 2_000)) if tight == "heat" else LOOSE_BPS,
        trades_in_flight=random.choice((1, 2)) if tight == "flight" else 4,
        order_amount=size if tight == "order" else 100 * size,
    )


def _tightened(later: Random, scope: Scope) -> Bounds:
    """The bounds with one of those tight that came later, where none of the first is. They are in units of
    one leg, so that of several intents some fit."""
    size = scope.intents[0].amount_a
    leg_bps = size * PRICE * 10_000 // scope.cash + 1
    kind, few, some = later.choice(LATER_BOUNDS), later.choice((1, 2)), later.choice((3, 4, 5))
    correlations = tuple((*pair, later.choice((0, 6_999, 7_000, -7_000))) for pair in PAIRS)
    if scope.bounds != replace(LOOSE, order_amount=100 * size) or kind is None:
        return scope.bounds
    changes: dict[str, Any] = {
        "strategy": {"strategy_bps": some * leg_bps},
        "net": {"net_bps": few * leg_bps},
        "leverage": {"leverage_bps": some * leg_bps},
        "cluster": {"cluster_bps": some * leg_bps, "correlations": correlations[:few]},
        "notional": {"order_notional": size * PRICE * some // 3},
        "collar": {"collar_bps": 100 * few},
        "rate": {"message_burst": few * some, "message_refill": few},
    }
    return replace(scope.bounds, **changes[kind])


def _swarm(random: Random, later: Random) -> Plan:
    """Two streams of chance, so that a scope of an older release is still a scope of this one; the newest
    kinds are drawn last of all."""
    first = tuple(fault for fault in FIRST_KINDS if random.random() < 0.7)
    known = (*FIRST_KINDS, *NEWEST_KINDS)
    more = tuple(fault for fault in faults.PURE if fault not in known and later.random() < 0.7)
    return Plan(first or FIRST_KINDS) | Plan(more)
