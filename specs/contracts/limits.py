"""Contracts of the gate of ``core.risk`` beyond single positions: orders by themselves, messages, strategies,
net exposure, leverage, clusters, what stands by now, and limits at a part of what they are.

Numbers are unbounded but where a limit that is loose would bind first. Fractions of equity are compared by
cross-multiplication.
"""

# ruff: noqa: PT018, F841 - one assert before and one after, so that it is plain which is which; and
# a twin has the body of its check, whatever of it the false claim needs

from core.risk import NOTHING, Contribution, Intent, Summary, decide, scaled, standing_refusal
from core.units import WHOLE_BPS
from specs.contracts.shapes import ENOUGH, MUCH, SIGNAL, WIDE, ordered, reason, wide


def check_allowed_is_within_the_order_notional(notional: int, limit: int) -> None:
    """No order is worth more than the limit, whether it opens or is sent again."""
    assert notional > 0 and limit > 0
    why = ordered(notional, None, 1, wide(order_notional=limit))
    assert why == (None if notional <= limit else "ORDER_NOTIONAL")


def twin_allowed_is_within_the_order_notional(notional: int, limit: int) -> None:
    """False: the limit itself is too much."""
    assert notional > 0 and limit > 0
    why = ordered(notional, None, 1, wide(order_notional=limit))
    assert why == (None if notional < limit else "ORDER_NOTIONAL")


def check_allowed_is_within_the_collar(limit: int, market: int, bps: int) -> None:
    """No limit price is further from the market than that share of the market, above or below."""
    assert limit > 0 and market > 0 and bps > 0
    why = ordered(1, limit, market, wide(collar_bps=bps))
    low, high = market * (WHOLE_BPS - bps), market * (WHOLE_BPS + bps)
    inside = low <= limit * WHOLE_BPS <= high
    assert why == (None if inside else "PRICE_COLLAR")


def twin_allowed_is_within_the_collar(limit: int, market: int, bps: int) -> None:
    """False: above the market it does not count."""
    assert limit > 0 and market > 0 and bps > 0
    why = ordered(1, limit, market, wide(collar_bps=bps))
    low, high = market * (WHOLE_BPS - bps), market * (WHOLE_BPS + bps)
    inside = low <= limit * WHOLE_BPS <= high
    assert why == (None if low <= limit * WHOLE_BPS else "PRICE_COLLAR")


def check_entry_takes_a_message(tokens: int) -> None:
    """Where none is left nothing is sent that could have been let be."""
    assert tokens >= 0
    why = ordered(1, None, 1, WIDE, tokens)
    assert why == ("MESSAGE_RATE" if tokens == 0 else None)


def twin_entry_takes_a_message(tokens: int) -> None:
    """False: the last one is kept."""
    assert tokens >= 0
    why = ordered(1, None, 1, WIDE, tokens)
    assert why == ("MESSAGE_RATE" if tokens <= 1 else None)


def check_batch_takes_a_message_for_each(tokens: int, gross: int, bps: int) -> None:
    """As many are let in as messages are left, and one that is refused takes none."""
    assert 0 <= tokens <= 3 and gross > 0 and bps > 0
    summary, large = Summary(1, False, tokens=tokens), Intent(SIGNAL, Contribution(1, gross))
    intents = (large, Intent(SIGNAL), Intent(SIGNAL))
    first, second, third = decide(summary, wide(gross_bps=bps), intents)
    allowed = sum([each.reason is None for each in (first, second, third)])
    assert allowed <= tokens and (third.reason is None or allowed == tokens)


def twin_batch_takes_a_message_for_each(tokens: int, gross: int, bps: int) -> None:
    """False: one that is refused takes one too."""
    assert 0 <= tokens <= 3 and gross > 0 and bps > 0
    summary, large = Summary(1, False, tokens=tokens), Intent(SIGNAL, Contribution(1, gross))
    intents = (large, Intent(SIGNAL), Intent(SIGNAL))
    first, second, third = decide(summary, wide(gross_bps=bps), intents)
    allowed = sum([each.reason is None for each in (first, second, third)])
    assert allowed <= tokens and (third.reason is None) == (tokens == 3)


def check_allowed_is_within_the_strategy_cap(equity: int, value: int, adds: int, bps: int) -> None:
    """With what the strategy has already."""
    assert equity >= 0 and bps > 0
    total, more = Contribution(strategies=(("s", value),)), Contribution(1, strategies=(("s", adds),))
    why = reason(total, more, wide(strategy_bps=bps), equity=equity)
    assert why == (None if (value + adds) * WHOLE_BPS <= equity * bps else "STRATEGY_CAP")


def twin_allowed_is_within_the_strategy_cap(equity: int, value: int, adds: int, bps: int) -> None:
    """False: what it has already does not count."""
    assert equity >= 0 and bps > 0
    total, more = Contribution(strategies=(("s", value),)), Contribution(1, strategies=(("s", adds),))
    why = reason(total, more, wide(strategy_bps=bps), equity=equity)
    assert why == (None if adds * WHOLE_BPS <= equity * bps else "STRATEGY_CAP")


def check_allowed_is_within_net_exposure(
    equity: int, high: int, low: int, buys: int, sells: int, bps: int
) -> None:
    """Neither all buys alone nor all sells alone take it beyond the fraction of equity."""
    assert equity >= 0 and bps > 0 and high >= low and buys >= 0 and sells >= 0
    total, more = Contribution(net_high=high, net_low=low), Contribution(1, net_high=buys, net_low=-sells)
    why = reason(total, more, wide(net_bps=bps), equity=equity)
    most, least, room = (high + buys) * WHOLE_BPS, (low - sells) * WHOLE_BPS, equity * bps
    assert why == (None if most <= room and -room <= least else "NET_EXPOSURE")


def twin_allowed_is_within_net_exposure(
    equity: int, high: int, low: int, buys: int, sells: int, bps: int
) -> None:
    """False: sells are free."""
    assert equity >= 0 and bps > 0 and high >= low and buys >= 0 and sells >= 0
    total, more = Contribution(net_high=high, net_low=low), Contribution(1, net_high=buys, net_low=-sells)
    why = reason(total, more, wide(net_bps=bps), equity=equity)
    most, least, room = (high + buys) * WHOLE_BPS, (low - sells) * WHOLE_BPS, equity * bps
    assert why == (None if most <= room else "NET_EXPOSURE")


def check_allowed_is_within_the_leverage(equity: int, gross: int, adds: int, bps: int) -> None:
    """Everything open over equity is within it."""
    assert equity >= 0 and 0 < bps <= ENOUGH
    why = reason(Contribution(1, gross), Contribution(1, adds), wide(leverage_bps=bps), equity=equity)
    assert (
        (gross + adds) * WHOLE_BPS <= equity * bps if why is None else why in ("LEVERAGE", "GROSS_EXPOSURE")
    )


def twin_allowed_is_within_the_leverage(equity: int, gross: int, adds: int, bps: int) -> None:
    """False: what is asked for does not count."""
    assert equity >= 0 and 0 < bps <= ENOUGH
    why = reason(Contribution(1, gross), Contribution(1, adds), wide(leverage_bps=bps), equity=equity)
    assert gross * WHOLE_BPS <= equity * bps if why is None else why in ("LEVERAGE", "GROSS_EXPOSURE")


def check_allowed_is_within_the_cluster(equity: int, value: int, other: int, adds: int, bps: int) -> None:
    """With what is open in another symbol of the cluster, and without what is in none of it."""
    assert equity > 0 and bps > 0 and 0 <= value <= MUCH and 0 <= adds <= MUCH
    total = Contribution(exposures=(("A", 1, 0, value), ("C", 1, 0, other)))
    more, named = Contribution(1, 0, 0, (("B", 1, 0, adds),)), (("A", "A"), ("B", "A"), ("C", "C"))
    why = reason(total, more, wide(cluster_bps=bps), equity=equity, clusters=named)
    assert why == (None if (value + adds) * WHOLE_BPS <= equity * bps else "CLUSTER_EXPOSURE")


def twin_allowed_is_within_the_cluster(equity: int, value: int, other: int, adds: int, bps: int) -> None:
    """False: every symbol counts."""
    assert equity > 0 and bps > 0 and 0 <= value <= MUCH and 0 <= adds <= MUCH
    total = Contribution(exposures=(("A", 1, 0, value), ("C", 1, 0, other)))
    more, named = Contribution(1, 0, 0, (("B", 1, 0, adds),)), (("A", "A"), ("B", "A"), ("C", "C"))
    why = reason(total, more, wide(cluster_bps=bps), equity=equity, clusters=named)
    assert why == (None if (value + other + adds) * WHOLE_BPS <= equity * bps else "CLUSTER_EXPOSURE")


def check_unnamed_symbols_are_one_cluster(equity: int, value: int, adds: int, bps: int) -> None:
    """Of which nothing is known, so they move together."""
    assert equity > 0 and bps > 0 and 0 <= value <= MUCH and 0 <= adds <= MUCH
    total, more = Contribution(exposures=(("A", 1, 0, value),)), Contribution(1, 0, 0, (("B", 1, 0, adds),))
    why = reason(total, more, wide(cluster_bps=bps), equity=equity)
    assert why == (None if (value + adds) * WHOLE_BPS <= equity * bps else "CLUSTER_EXPOSURE")


def twin_unnamed_symbols_are_one_cluster(equity: int, value: int, adds: int, bps: int) -> None:
    """False: each stands alone."""
    assert equity > 0 and bps > 0 and 0 <= value <= MUCH and 0 <= adds <= MUCH
    total, more = Contribution(exposures=(("A", 1, 0, value),)), Contribution(1, 0, 0, (("B", 1, 0, adds),))
    why = reason(total, more, wide(cluster_bps=bps), equity=equity)
    assert why == (None if adds * WHOLE_BPS <= equity * bps else "CLUSTER_EXPOSURE")


def check_resend_stays_within_what_stands(equity: int, heat: int, value: int, warm: int, cap: int) -> None:
    """It adds nothing, and is refused where heat or any position is beyond its limit by now."""
    assert equity > 0 and heat >= 0 and 0 <= value <= MUCH and warm > 0 and cap > 0
    total, limits = (
        Contribution(1, 0, heat, (("A", 1, 0, value),)),
        wide(heat_bps=warm, position_bps=cap),
    )
    why = reason(total, NOTHING, limits, equity=equity)
    within = value * WHOLE_BPS <= equity * cap and heat * WHOLE_BPS <= equity * warm
    assert (why is None) == within and why == standing_refusal(Summary(equity, False, total), limits)


def twin_resend_stays_within_what_stands(equity: int, heat: int, value: int, warm: int, cap: int) -> None:
    """False: it is never refused."""
    assert equity > 0 and heat >= 0 and 0 <= value <= MUCH and warm > 0 and cap > 0
    total, limits = (
        Contribution(1, 0, heat, (("A", 1, 0, value),)),
        wide(heat_bps=warm, position_bps=cap),
    )
    why = reason(total, NOTHING, limits, equity=equity)
    within = value * WHOLE_BPS <= equity * cap and heat * WHOLE_BPS <= equity * warm
    assert why is None


def check_part_of_the_limits_is_no_looser(heat: int, size: int, part: int) -> None:
    """Rounded down, but for the one lot that may always be ordered."""
    assert heat > 0 and size > 0 and 0 < part <= WHOLE_BPS
    limits = scaled(wide(heat_bps=heat, order_quantity=size), part)
    exact_heat, exact_size = heat * part, size * part
    assert limits.heat_bps * WHOLE_BPS <= exact_heat and (
        limits.order_quantity == 1 or limits.order_quantity * WHOLE_BPS <= exact_size
    )


def twin_part_of_the_limits_is_no_looser(heat: int, size: int, part: int) -> None:
    """False: not even of one lot."""
    assert heat > 0 and size > 0 and 0 < part <= WHOLE_BPS
    limits = scaled(wide(heat_bps=heat, order_quantity=size), part)
    exact_heat, exact_size = heat * part, size * part
    assert limits.heat_bps * WHOLE_BPS <= exact_heat and limits.order_quantity * WHOLE_BPS <= exact_size
