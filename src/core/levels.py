"""How near each breaker is to its threshold. It trips there, the boundary included.

| kind | `threshold` | `window` | what is measured |
|---|---|---|---|
| daily_loss | bps of equity at the session's opening | - | equity lost since, net of cash moved |
| drawdown | bps of the high-water mark | - | how far equity is below it; the mark moves with cash |
| consecutive_losses | rounds | - | closed rounds that lost money in a row (`gauges.Round`) |
| volatility | bps of an earlier price | prices | largest move of a symbol from any of its last ones |
| liquidation_buffer | bps of equity, at or BELOW | - | equity less the maintenance margin of what is held |
| correlation | bps of equity | - | notional held in one cluster of symbols that move together |
| position_size | bps of equity | refusals | notional held in one symbol; or so many signals refused for |
| | | | their size with none let in between, 0: not counted |
| error_rate | bps of the window | outcomes | answers that were errors; judged once the window is full |
| custom | the metric's own unit | - | the metric of the breaker's name |
| manual | - | - | a person trips it |

Equity is cash and marked positions, so losses hold realised and unrealised profit and fees. The high-water
mark comes down with cash paid out and by a person's word, never by a reset. Volatility follows the dynamic
circuit breaker of the CME (3.5 % within an hour); no clock is known here, so windows count samples.

While a held position has no usable price, equity is not known and every kind that looks at prices stands at
its threshold. So does a metric that is unusable.
"""

from collections.abc import Callable
from typing import Literal

from core.clusters import clusters
from core.gauges import losses_in_row
from core.positions import price_of
from core.settings import BreakerKind, BreakerRule, Instrument, instrument
from core.state import State
from core.units import WHOLE_BPS, BasisPoints, Lots, Money, charge, notional

Level = Literal[0, 1, 2]

FINE: Level = 0
WARNING: Level = 1
BREACH: Level = 2

WARNS_AT = BasisPoints(8_000)  # of the threshold

Measure = Callable[[BreakerRule, State, Money | None], Level]


def _level(part: int, bound: int) -> Level:
    """Where ``part`` stands against its bound."""
    if part >= bound:
        return BREACH
    return WARNING if WHOLE_BPS * part >= WARNS_AT * bound else FINE


def _daily_loss(rule: BreakerRule, state: State, worth: Money | None) -> Level:
    opening = state.gauges.opening or 0
    if worth is None:
        return BREACH
    return _level(WHOLE_BPS * (opening + state.gauges.moved - worth), rule.threshold * opening)


def _drawdown(rule: BreakerRule, state: State, worth: Money | None) -> Level:
    mark = state.gauges.mark or 0
    if worth is None:
        return BREACH
    return _level(WHOLE_BPS * (mark - worth), rule.threshold * mark)


def _consecutive_losses(rule: BreakerRule, state: State, _worth: Money | None) -> Level:
    return _level(losses_in_row(state.gauges), rule.threshold)


def _volatility(rule: BreakerRule, state: State, worth: Money | None) -> Level:
    """The largest move up is from the lowest earlier price, the largest move down from the highest."""
    if worth is None:
        return BREACH
    found = FINE
    for _symbol, prices in state.gauges.windows or ():
        present, earlier = prices[-1], prices[-1 - rule.window : -1]
        if earlier:
            lowest, highest = min(earlier), max(earlier)
            found = max(
                found,
                _level(WHOLE_BPS * (present - lowest), rule.threshold * lowest),
                _level(WHOLE_BPS * (highest - present), rule.threshold * highest),
            )
    return found


def _liquidation_buffer(rule: BreakerRule, state: State, worth: Money | None) -> Level:
    """Low is bad here: the threshold stands against the buffer, so it warns at 125 % of the threshold."""
    if worth is None:
        return BREACH
    margin = sum([charge(value, traded.maintenance_bps) for traded, value in _held(state)])
    return _level(rule.threshold * worth, WHOLE_BPS * (worth - margin))


def _position_size(rule: BreakerRule, state: State, worth: Money | None) -> Level:
    refused = _level(state.gauges.refusals or 0, rule.window) if rule.window else FINE
    if worth is None:
        return BREACH
    largest = max([value for _traded, value in _held(state)], default=0)
    return max(refused, _level(WHOLE_BPS * largest, rule.threshold * worth) if largest else FINE)


def _correlation(rule: BreakerRule, state: State, worth: Money | None) -> Level:
    if worth is None:
        return BREACH
    settings = state.settings
    named = clusters(settings.instruments, state.correlations, settings.limits.cluster_correlation)
    cluster_of, sums = dict(named), dict.fromkeys([cluster for _symbol, cluster in named], 0)
    for traded, value in _held(state):
        sums[cluster_of[traded.symbol]] += value
    largest = max(sums.values(), default=0)
    return _level(WHOLE_BPS * largest, rule.threshold * worth) if largest else FINE


def _error_rate(rule: BreakerRule, state: State, _worth: Money | None) -> Level:
    latest = (state.gauges.outcomes or ())[-rule.window :]
    if len(latest) < rule.window:
        return FINE
    return _level(WHOLE_BPS * sum(latest), rule.threshold * rule.window)


def _custom(rule: BreakerRule, state: State, _worth: Money | None) -> Level:
    for name, value in state.gauges.metrics or ():
        if name == rule.name:
            return BREACH if value is None else _level(value, rule.threshold)
    return FINE


def _held(state: State) -> list[tuple[Instrument, Money]]:
    """What is held of each instrument, and its notional. Equity is known."""
    found = []
    for position in state.book.positions:
        if position.lots:
            traded = instrument(state.settings, position.symbol)
            price = price_of(state.prices, position.symbol)
            assert traded is not None, "Invariant: a held symbol stays in the settings"
            assert price is not None, "Invariant: where equity is known, what is held has a price"
            found.append((traded, notional(price, Lots(abs(position.lots)), traded.tick_lot_value)))
    return found


MEASURES: dict[BreakerKind, Measure] = {
    "daily_loss": _daily_loss,
    "drawdown": _drawdown,
    "consecutive_losses": _consecutive_losses,
    "volatility": _volatility,
    "liquidation_buffer": _liquidation_buffer,
    "correlation": _correlation,
    "position_size": _position_size,
    "error_rate": _error_rate,
    "custom": _custom,
}  # no person is measured
