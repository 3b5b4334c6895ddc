"""One pure gate: may these intents open, given a small summary of everything that is open?

The gate never sees trades, only sums of ``contribute``. Every sum is the worst case: what works and what is
in flight counts as filled. Decisions are cumulative inside a batch. Reasons come in the order of ``CHECKS``.
"""

from core.messages import Refusal, SignalId
from core.positions import Prices, price_of
from core.settings import Limits, Settings, instrument
from core.trade import Leg, Trade, open_lots, working_lots
from core.units import Lots, Money, charge, notional, share, sign
from core.values import frozen, replace

Exposure = tuple[str, int, int, Money]  # symbol, worst long lots, worst short lots, their larger notional


@frozen
class Contribution:
    """What one trade adds to the sums, at worst. ``exposures`` is sorted by symbol."""

    in_flight: int = 0
    gross: Money = Money(0)
    heat: Money = Money(0)
    exposures: tuple[Exposure, ...] = ()


NOTHING = Contribution()


@frozen
class Summary:
    """All the gate knows. ``equity`` is None while a held position has no usable price."""

    equity: Money | None
    halted: bool
    total: Contribution = NOTHING
    recovering: bool = False


@frozen
class Intent:
    """What a trade asks for. A resend stays inside a reservation and adds nothing."""

    signal: SignalId
    adds: Contribution = NOTHING
    largest_order: Lots = Lots(0)


@frozen
class Decision:
    """``reason`` None means allowed."""

    signal: SignalId
    reason: Refusal | None


def decide(summary: Summary, limits: Limits, intents: tuple[Intent, ...]) -> tuple[Decision, ...]:
    """One decision per intent, in order; what is allowed counts against those after it."""
    decisions = []
    for intent in intents:
        after = add(summary.total, intent.adds)
        reason = _refusal(summary, limits, intent, after)
        if reason is None:
            summary = replace(summary, total=after)
        decisions.append(Decision(intent.signal, reason))
    return tuple(decisions)


def _refusal(summary: Summary, limits: Limits, intent: Intent, after: Contribution) -> Refusal | None:
    """Why not, where ``after`` is what all would stand for with the intent."""
    if summary.halted:
        return "HALTED"
    if summary.recovering:
        return "RECOVERING"
    if intent.adds == NOTHING:
        return None
    if summary.equity is None:
        return "PRICE_UNUSABLE"
    if intent.largest_order > limits.order_quantity:
        return "ORDER_SIZE"
    if after.in_flight > limits.trades_in_flight:
        return "TRADES_IN_FLIGHT"
    touched = tuple(symbol for symbol, *_ in intent.adds.exposures)
    return _exposure_refusal(after, limits, summary.equity, touched)


def _exposure_refusal(
    after: Contribution, limits: Limits, equity: Money, touched: tuple[str, ...]
) -> Refusal | None:
    """Positions are judged in the symbols that the intent touches; the sums over all of them."""
    cap = share(equity, limits.position_bps)
    for symbol, long_lots, short_lots, value in after.exposures:
        if symbol not in touched:
            continue
        if long_lots and short_lots:
            return "OPPOSING_POSITION"
        if value > cap:
            return "POSITION_CAP"
    if after.gross > share(equity, limits.gross_bps):
        return "GROSS_EXPOSURE"
    if after.heat > share(equity, limits.heat_bps):
        return "HEAT"
    return None


def add(one: Contribution, other: Contribution) -> Contribution:
    """The sum of two contributions: commutative and associative."""
    if one == NOTHING:
        return other
    if other == NOTHING:
        return one
    symbols = {each[0]: each for each in one.exposures}
    for symbol, long_lots, short_lots, value in other.exposures:
        _, known_long, known_short, known_value = symbols.get(symbol, (symbol, 0, 0, Money(0)))
        symbols[symbol] = (
            symbol,
            known_long + long_lots,
            known_short + short_lots,
            Money(known_value + value),
        )
    return Contribution(
        one.in_flight + other.in_flight,
        Money(one.gross + other.gross),
        Money(one.heat + other.heat),
        tuple(sorted(symbols.values())),
    )


def contribute(trade: Trade, prices: Prices, settings: Settings) -> Contribution:
    """What a trade stands for at worst, at these prices.

    What is held and what orders that are out may add to it; before the trade ended, and while it is parked,
    both legs in full where that is more.
    """
    running = trade.phase in ("proposed", "entry", "hedge", "flatten", "parked")
    gross, heat, exposures = Money(0), Money(0), []
    for leg in (trade.leg_a, trade.leg_b):
        held = open_lots(trade, leg)
        lots = max(abs(held) + working_lots(trade, leg), leg.planned if running else 0)
        if not lots:
            continue
        value, risk = _leg_risk(leg, Lots(lots), prices, settings)
        gross, heat = Money(gross + value), Money(heat + risk)
        long = sign(leg.side) * (-1 if held < 0 and not running else 1) > 0
        exposures.append((leg.symbol, lots if long else 0, 0 if long else lots, value))
    return Contribution(int(running), gross, heat, tuple(sorted(exposures)))


def _leg_risk(leg: Leg, lots: Lots, prices: Prices, settings: Settings) -> tuple[Money, Money]:
    """Notional and heat of ``lots``: money lost if the stop is hit, plus the cost of getting out.

    Heat as in the practice of portfolio risk: sum of max(0, entry - stop) x quantity, mirrored for shorts.
    No stop counts the full notional. An unknown price falls back to the one the gate judged by.
    """
    traded = instrument(settings, leg.symbol)
    assert traded is not None, "Invariant: a trade's symbols stay in the settings while it lives"
    value = notional(price_of(prices, leg.symbol) or leg.price, lots, traded.tick_lot_value)
    cost = charge(value, settings.limits.exit_cost_bps)
    if leg.stop_price is None:
        return value, Money(value + cost)
    distance = max(0, sign(leg.side) * (leg.price - leg.stop_price))
    return value, Money(distance * lots * traded.tick_lot_value + cost)
