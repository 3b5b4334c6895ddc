"""Defects in wild and in thin markets."""

from dataclasses import replace

from core import breakers, control, halts, levels, liquidity, market, positions, risk, sizing, stepping
from core.levels import FINE
from tests.canary.planted import Swap, plant

PROMISED = tuple(f"TC-MC-{number:03}" for number in range(1, 11))

# ---- volatility ----------------------------------------------------------------------------------------


@plant("TC-MC-001", "TC-MC-002", "TC-MC-003")
def volatility_is_not_measured() -> list[Swap]:
    """However far prices move, no breaker looks at it."""
    return [(levels, "_volatility", lambda rule, state, worth: FINE)]


@plant("TC-MC-004")
def window_is_one_bar_short() -> list[Swap]:
    """The oldest price of the window is left out."""
    volatility = levels._volatility
    return [
        (
            levels,
            "_volatility",
            lambda rule, state, worth: volatility(replace(rule, window=rule.window - 1), state, worth),
        )
    ]


@plant("TC-MC-002")
def spike_must_last() -> list[Swap]:
    """A price is smoothed with the one before it: a spike of one bar is not seen."""
    moved, last = market.price_moved, {}

    def smoothed(state, event):
        before = last.get(event.symbol, event.price)
        last[event.symbol] = event.price
        return moved(state, replace(event, price=(before + event.price) // 2))

    return [(market, "price_moved", smoothed)]


@plant("TC-MC-003")
def resting_entries_outlive_the_crash() -> list[Swap]:
    """A breaker that trips leaves the entries that rest."""
    return [(halts, "is_live", lambda order: False)]


@plant("TC-MC-004")
def cause_is_not_looked_at() -> list[Swap]:
    """A breaker that resets itself comes back after its cooldown, whatever the market does."""
    fired = halts.breaker_timer_fired

    def blindly(state, event, timer):
        calm = replace(
            state, settings=replace(state.settings, breakers=tuple(map(_loosened, state.settings.breakers)))
        )
        after, commands = fired(calm, event, timer)
        return replace(after, settings=state.settings), commands

    return [(halts, "breaker_timer_fired", blindly)]


def _loosened(rule):
    return replace(rule, threshold=10**9)


@plant("TC-MC-004")
def size_takes_no_volatility() -> list[Swap]:
    """A position is as large in a wild market as in a calm one."""
    target = sizing.volatility_target
    return [
        (
            sizing,
            "volatility_target",
            lambda equity, share, volatility, price, traded: target(equity, share, 100, price, traded),
        )
    ]


@plant("TC-MC-005")
def implied_volatility_is_not_heard() -> list[Swap]:
    """Metrics go nowhere."""
    return [(market, "metric_reported", lambda state, event: (state, ()))]


@plant("TC-MC-001", "TC-MC-003", "TC-MC-005")
def halt_lets_entries_through() -> list[Swap]:
    """A tripped breaker is a lamp: entries leave all the same."""
    return [(breakers, "is_halted", lambda each: False)]


# ---- liquidity -----------------------------------------------------------------------------------------


@plant("TC-MC-006", "TC-MC-008", "TC-MC-009", "TC-MC-010")
def books_are_not_judged() -> list[Swap]:
    """The gate takes any book for deep, narrow and busy."""
    return [(risk, "liquidity_refusal", lambda limits, footprint: None)]


@plant("TC-MC-006")
def depth_of_the_wrong_side() -> list[Swap]:
    """A buy is held against the bids, and a sale against the asks."""
    of = liquidity._of

    def turned(leg, price, book):
        return of(leg, price, replace(book, bid_depth=book.ask_depth, ask_depth=book.bid_depth))

    return [(liquidity, "_of", turned)]


@plant("TC-MC-007")
def entries_stay_in_a_dry_book() -> list[Swap]:
    """An entry that rests is left there when its book drains."""
    return [(control, "_is_too_large", lambda state, trade: False)]


@plant("TC-MC-008")
def first_depth_is_kept() -> list[Swap]:
    """The book of the first report is believed for ever."""

    def first(known, latest):
        return known if any(each.symbol == latest.symbol for each in known) else put(known, latest)

    put = liquidity.put
    return [(control, "put", first)]


@plant("TC-MC-009")
def spread_is_taken_for_half() -> list[Swap]:
    """What it costs to cross is halved: the way to the middle, of a market that crosses all of it."""
    of = liquidity._of

    def half(leg, price, book):
        return of(leg, price, replace(book, spread=book.spread and book.spread // 2))

    return [(liquidity, "_of", half)]


@plant("TC-MC-010")
def impact_grows_with_the_order() -> list[Swap]:
    """Impact is a straight line: small orders look cheap."""
    return [
        (
            liquidity,
            "impact",
            lambda lots, volume, volatility: volatility * lots // volume if volume and volatility else None,
        )
    ]


@plant("TC-MC-008", "TC-MC-010")
def largest_is_asked_without_the_books() -> list[Swap]:
    """How much would be let in is worked out as if no book were known."""
    largest = sizing.largest_allowed
    return [(sizing, "largest_allowed", lambda *asked: largest(*asked[:5]))]


@plant("TC-MC-008")
def an_order_has_one_price() -> list[Swap]:
    """What an order pays is taken from its first fill, however far it walks the book."""
    book_order = positions.book_order

    def at_first_price(book, before, after, settings):
        paid = tuple(replace(each, price=after.fills[0].price) for each in after.fills)
        return book_order(book, before, replace(after, fills=paid), settings)

    return [(positions, "book_order", at_first_price)]


@plant("TC-MC-008", "TC-MC-009")
def trades_cost_the_middle() -> list[Swap]:
    """What is paid is taken for the market price of the moment: neither spread nor depth costs anything."""
    booked = stepping._booked

    def at_the_middle(state, before, after):
        prices = dict(state.prices)
        orders = tuple(
            replace(order, fills=tuple(replace(each, price=prices[order.symbol]) for each in order.fills))
            for order in after.orders
        )
        return booked(state, before, replace(after, orders=orders))

    return [(stepping, "_booked", at_the_middle)]
