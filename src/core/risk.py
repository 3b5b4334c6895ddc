"""One pure gate: may these intents open, given a small summary of everything that is open?

The gate never sees trades, only sums of ``contribute``. Every sum is the worst case: what works and what is
in flight counts as filled. Decisions are cumulative inside a batch. Reasons come in the order of ``Refusal``.
Denied here is not rejected by the venue: what is refused never leaves.
"""

from bisect import bisect_left
from operator import add as plus
from typing import Any

from core.clusters import Clusters
from core.lifecycle import LIVE
from core.liquidity import UNKNOWN, Footprint, Reports, footprint
from core.messages import Refusal, SignalId
from core.orders import leaves
from core.positions import Prices, price_of
from core.sessions import SessionPhase, may_enter
from core.settings import Instrument, Limits, Settings, instrument
from core.trade import Leg, Phase, Trade, legs, open_lots
from core.units import WHOLE_BPS, BasisPoints, Lots, Money, Ticks, charge, notional, share, sign
from core.values import frozen, replace

Exposure = tuple[str, int, int, Money]  # symbol, worst long lots, worst short lots, their larger notional
OVER: tuple[Phase, ...] = ("ended", "held", "exit", "closed")  # a trade then stands for what it holds


@frozen
class Contribution:
    """What one trade adds to the sums, at worst. ``exposures`` is sorted by symbol, ``strategies`` by name.

    ``net_high``: buys less sells if every working buy and no working sell fills; ``net_low``: the reverse.
    """

    in_flight: int = 0
    gross: Money = Money(0)
    heat: Money = Money(0)
    exposures: tuple[Exposure, ...] = ()
    net_high: Money = Money(0)
    net_low: Money = Money(0)
    strategies: tuple[tuple[str, Money], ...] = ()


NOTHING = Contribution()


@frozen
class Summary:
    """All the gate knows. ``equity`` is None while a held position has no usable price; ``tokens`` where no
    rate bounds the messages. Symbols that no cluster names are one cluster. ``halted_symbols``: those in
    which nothing may be opened; a trade that is open is told of them, and sends nothing anew.
    rate bounds the messages. Symbols that no cluster names are one cluster. ``capitals``: what is each
    strategy's own, None where it holds what has no usable price; one that is not there has no bound."""

    equity: Money | None
    halted: bool
    total: Contribution = NOTHING
    recovering: bool = False
    clusters: Clusters = ()
    tokens: int | None = None
    session: SessionPhase = "regular"
    halted_symbols: tuple[str, ...] = ()
    capitals: tuple[tuple[str, Money | None], ...] = ()


@frozen
class Intent:
    """What a trade asks for. A resend stays inside a reservation and adds nothing.

    ``largest_order`` in lots and ``order_notional`` in money are those of the larger leg; ``limit_price`` is
    that of the entry, ``market_price`` the one to judge it by. ``footprint``: in the books, of all legs.
    """

    signal: SignalId
    adds: Contribution = NOTHING
    largest_order: Lots = Lots(0)
    order_notional: Money = Money(0)
    limit_price: Ticks | None = None
    market_price: Ticks = Ticks(0)
    footprint: Footprint = UNKNOWN


@frozen
class Decision:
    """``reason`` None means allowed."""

    signal: SignalId
    reason: Refusal | None


# ---- the gate --------------------------------------------------------------------------------------


def decide(summary: Summary, limits: Limits, intents: tuple[Intent, ...]) -> tuple[Decision, ...]:
    """One decision per intent, in order; what is allowed counts against those after it."""
    decisions = []
    for intent in intents:
        after = add(summary.total, intent.adds)
        reason = _refusal(summary, limits, intent, after)
        if reason is None:
            tokens = None if summary.tokens is None else summary.tokens - 1
            summary = replace(summary, total=after, tokens=tokens)
        decisions.append(Decision(intent.signal, reason))
    return tuple(decisions)


def _refusal(summary: Summary, limits: Limits, intent: Intent, after: Contribution) -> Refusal | None:
    """Why not, where ``after`` is what all would stand for with the intent."""
    if summary.halted:
        return "HALTED"
    touched = {symbol for symbol, *_ in intent.adds.exposures}
    if not may_enter(summary.session):
        return "SESSION_CLOSED"
    if not touched.isdisjoint(summary.halted_symbols):
        return "SYMBOL_HALTED"
    if summary.recovering:
        return "RECOVERING"
    if summary.equity is None or (intent.signal.strategy, None) in summary.capitals:
        return "PRICE_UNUSABLE"
    positions = tuple([each for each in after.exposures if each[0] in touched])
    if any(long_lots and short_lots for _, long_lots, short_lots, _ in positions):
        return "OPPOSING_POSITION"
    reason = _order_refusal(limits, intent)
    if reason is not None:
        return reason
    if summary.tokens is not None and summary.tokens <= 0:
        return "MESSAGE_RATE"
    if intent.adds == NOTHING:
        return standing_refusal(summary, limits) or _budget_refusal(summary, limits, intent, after)
    if intent.adds.in_flight and after.in_flight > limits.trades_in_flight:
        return "TRADES_IN_FLIGHT"
    asking = {name for name, _ in intent.adds.strategies}
    strategies = tuple([each for each in after.strategies if each[0] in asking])
    judged = replace(after, exposures=positions, strategies=strategies)
    clustered = _clustered(after, positions, summary.clusters)
    found = _sums_refusal(judged, limits, summary.equity, clustered)
    return found or _budget_refusal(summary, limits, intent, after)


def _budget_refusal(summary: Summary, limits: Limits, intent: Intent, after: Contribution) -> Refusal | None:
    """Whether the strategy would have more open than its own capital bears. No other one is looked at."""
    name = intent.signal.strategy
    capital = dict(summary.capitals).get(name)
    if capital is not None and needed(after, limits, name) > capital:
        return "STRATEGY_BUDGET"
    return None


def needed(total: Contribution, limits: Limits, strategy: str) -> Money:
    """The least capital that bears what a strategy has open at worst, rounded up."""
    gross = dict(total.strategies).get(strategy, 0)
    return Money(-(-gross * WHOLE_BPS // limits.budget_bps))


def _order_refusal(limits: Limits, intent: Intent) -> Refusal | None:
    """What is wrong with the orders themselves, whatever else is open."""
    if intent.largest_order > limits.order_quantity:
        return "ORDER_SIZE"
    if intent.order_notional > limits.order_notional:
        return "ORDER_NOTIONAL"
    if intent.limit_price is not None:
        distance = abs(intent.limit_price - intent.market_price)
        if distance * WHOLE_BPS > limits.collar_bps * intent.market_price:
            return "PRICE_COLLAR"
    return liquidity_refusal(limits, intent.footprint)


def liquidity_refusal(limits: Limits, footprint: Footprint) -> Refusal | None:
    """What is wrong with the books that the orders would go to."""
    judged: tuple[tuple[Refusal, int | None, int | None], ...] = (
        ("PARTICIPATION", footprint.participation, limits.participation_bps),
        ("SPREAD", footprint.spread, limits.spread_bps),
        ("MARKET_IMPACT", footprint.impact, limits.impact_bps),
    )
    if any(limit is not None and rate is None for _, rate, limit in judged):
        return "LIQUIDITY_UNKNOWN"
    for reason, rate, limit in judged:
        if limit is not None and rate is not None and rate > limit:
            return reason
    return None


def _sums_refusal(judged: Contribution, limits: Limits, equity: Money, clustered: Money) -> Refusal | None:
    """The first limit that these sums are beyond; ``clustered``: the largest of the clusters in question."""
    cap = share(equity, limits.position_bps)
    if any(value > cap for *_, value in judged.exposures):
        return "POSITION_CAP"
    cap = share(equity, limits.strategy_bps)
    if any(value > cap for _, value in judged.strategies):
        return "STRATEGY_CAP"
    if judged.gross > share(equity, limits.gross_bps):
        return "GROSS_EXPOSURE"
    if max(judged.net_high, -judged.net_low) > share(equity, limits.net_bps):
        return "NET_EXPOSURE"
    if judged.gross > share(equity, limits.leverage_bps):
        return "LEVERAGE"
    if clustered > share(equity, limits.cluster_bps):
        return "CLUSTER_EXPOSURE"
    if judged.heat > share(equity, limits.heat_bps):
        return "HEAT"
    return None


def _clustered(total: Contribution, positions: tuple[Exposure, ...], clusters: Clusters) -> Money:
    """The notional of the largest cluster that one of these positions is in."""
    named = dict(clusters)
    sums = {named.get(symbol, ""): 0 for symbol, *_ in positions}
    for symbol, _, _, value in total.exposures:
        name = named.get(symbol, "")
        if name in sums:
            sums[name] += value
    return Money(max(sums.values(), default=0))


def standing_refusal(summary: Summary, limits: Limits) -> Refusal | None:
    """The limit on exposure that everything open together breaks by now, if any: nothing may be sent anew."""
    if summary.equity is None:
        return "PRICE_UNUSABLE"
    total = summary.total
    clustered = _clustered(total, total.exposures, summary.clusters)
    return _sums_refusal(total, limits, summary.equity, clustered)


def is_leveraged_beyond(summary: Summary, limits: Limits) -> bool:
    """Whether everything open, over equity, is beyond the leverage; of an unknown equity everything is."""
    return summary.equity is None or summary.total.gross > share(summary.equity, limits.leverage_bps)


def scaled(limits: Limits, fraction: BasisPoints) -> Limits:
    """The limits on exposure and on the size of orders, at that share of what they are, rounded down.

    At least one lot may be ordered, and one bps of a strategy's capital be open; no other limit is loosened
    by the rounding.
    """
    if fraction == WHOLE_BPS:
        return limits

    def part(of: int) -> int:
        return share(Money(of), fraction)

    return replace(
        limits,
        position_bps=BasisPoints(part(limits.position_bps)),
        gross_bps=BasisPoints(part(limits.gross_bps)),
        heat_bps=BasisPoints(part(limits.heat_bps)),
        order_quantity=Lots(max(1, part(limits.order_quantity))),
        strategy_bps=BasisPoints(part(limits.strategy_bps)),
        net_bps=BasisPoints(part(limits.net_bps)),
        leverage_bps=BasisPoints(part(limits.leverage_bps)),
        cluster_bps=BasisPoints(part(limits.cluster_bps)),
        order_notional=Money(part(limits.order_notional)),
        budget_bps=BasisPoints(max(1, part(limits.budget_bps))),
    )


# ---- sums ------------------------------------------------------------------------------------------


def add(one: Contribution, other: Contribution) -> Contribution:
    """The sum of two contributions: commutative and associative."""
    if other == NOTHING:
        return one
    if one == NOTHING:
        return other
    return Contribution(
        one.in_flight + other.in_flight,
        Money(one.gross + other.gross),
        Money(one.heat + other.heat),
        _merged(one.exposures, other.exposures),
        Money(one.net_high + other.net_high),
        Money(one.net_low + other.net_low),
        _merged(one.strategies, other.strategies),
    )


def _merged(rows: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    """Rows of a name and numbers, sorted by name; the numbers of one name add up."""
    for row in more:
        name, *numbers = row
        at = bisect_left(rows, (name,))
        if at < len(rows) and rows[at][0] == name:
            rows = (*rows[:at], (name, *map(plus, rows[at][1:], numbers)), *rows[at + 1 :])
        else:
            rows = (*rows[:at], row, *rows[at:])
    return rows


def less(total: Contribution, part: Contribution) -> Contribution:
    """What ``total`` is without ``part``. A symbol or strategy stays, with nothing in it."""
    return add(
        total,
        Contribution(
            -part.in_flight,
            Money(-part.gross),
            Money(-part.heat),
            tuple([(name, -long, -short, Money(-value)) for name, long, short, value in part.exposures]),
            Money(-part.net_high),
            Money(-part.net_low),
            tuple([(name, Money(-value)) for name, value in part.strategies]),
        ),
    )


def contribute(trade: Trade, prices: Prices, settings: Settings) -> Contribution:
    """What a trade stands for at worst, at these prices.

    What is held and what orders that are out may add to it; before the trade ended, and while it is parked,
    its legs in full where that is more. An unknown price falls back to the one the gate judged by.
    """
    running = trade.phase not in OVER
    gross = heat = net_high = net_low = 0
    exposures: list[Exposure] = []
    for leg in (trade.leg_a, trade.leg_b):
        held = open_lots(trade, leg)
        adding, taking = _working(trade, leg)
        if running and adding < leg.planned - abs(held):
            adding = leg.planned - abs(held)
        lots = Lots(abs(held) + adding)
        if not lots and not taking:
            continue
        traded = instrument(settings, leg.symbol)
        assert traded is not None, "Invariant: a trade's symbols stay in the settings while it lives"
        worth = notional(price_of(prices, leg.symbol) or leg.price, Lots(1), traded.tick_lot_value)
        most, least = (held + adding) * worth, (held - taking) * worth
        buys = leg.side == "buy"
        net_high += most if buys else -least
        net_low += least if buys else -most
        if lots:
            value = Money(lots * worth)
            gross += value
            heat += _heat(leg, lots, value, traded, settings.limits.exit_cost_bps)
            long = buys == (running or held >= 0)
            exposures.append((leg.symbol, lots if long else 0, 0 if long else lots, value))
    return Contribution(
        1 if running else 0,
        Money(gross),
        Money(heat),
        tuple(sorted(exposures)),
        Money(net_high),
        Money(net_low),
        ((trade.signal.strategy, Money(gross)),) if gross else (),
    )


def _working(trade: Trade, leg: Leg) -> tuple[int, int]:
    """Lots that orders still out may add to the leg, and may take from it."""
    adding = taking = 0
    for order in trade.orders:
        if order.symbol == leg.symbol and order.phase in LIVE:
            if order.side == leg.side:
                adding += leaves(order)
            else:
                taking += leaves(order)
    return adding, taking


def _heat(leg: Leg, lots: Lots, value: Money, traded: Instrument, exit_cost: BasisPoints) -> Money:
    """Money lost on ``lots`` worth ``value`` if the stop is hit, plus the cost of getting out.

    As in the practice of portfolio risk: sum of max(0, entry - stop) x quantity, mirrored for shorts. No stop
    counts the full notional.
    """
    cost = charge(value, exit_cost)
    if leg.stop_price is None:
        return Money(value + cost)
    distance = max(0, sign(leg.side) * (leg.price - leg.stop_price))
    return Money(distance * lots * traded.tick_lot_value + cost)


def intent(
    trade: Trade,
    adds: Contribution,
    prices: Prices,
    settings: Settings,
    liquidity: Reports = (),
) -> Intent:
    """What a trade asks for, its orders judged at its limit or at the market; see ``Intent``."""
    leg_a = trade.leg_a
    worth, priced = [], []
    for leg in legs(trade):
        traded = instrument(settings, leg.symbol)
        assert traded is not None, "Invariant: a trade's symbols stay in the settings while it lives"
        price = leg.limit_price or price_of(prices, leg.symbol) or leg.price
        worth.append(notional(price, leg.planned, traded.tick_lot_value))
        priced.append((leg, price))
    return Intent(
        trade.signal,
        adds,
        max(leg_a.planned, trade.leg_b.planned),
        max(worth),
        leg_a.limit_price,
        price_of(prices, leg_a.symbol) or leg_a.price,
        footprint(priced, liquidity),
    )
