"""The portfolio's limits, across strategies: heat, 20 % of equity per position, 100 % in all."""

import pytest

from core import engine
from core.messages import PriceMoved, RefuseSignal, SubmitOrder
from core.settings import Instrument, Limits, Settings
from tests.unit.core.build import CASH, after, filled, of_kind, order_id, signal

# Sixteen symbols at 100 each; equity 10,000,000: heat 600,000, a position 2,000,000, gross 10,000,000.
SYMBOLS = tuple(f"S{number:02d}" for number in range(16))


def portfolio(**limits):
    """An engine with those symbols, the default limits but for the number of trades, and no exit cost."""
    chosen = Limits(trades_in_flight=16, exit_cost_bps=0, **limits)
    state = engine.initial(Settings(tuple(map(Instrument, SYMBOLS)), chosen), CASH)
    return after(state, *(PriceMoved(symbol, 100) for symbol in SYMBOLS))


def pair(number, quantity_a, quantity_b, stops=None, symbol_a=None):
    """The signal of strategy ``number`` on a pair of its own; a stop at 100 is no heat at all."""
    return signal(
        1,
        f"strategy {number:02d}",
        symbol_a=symbol_a or SYMBOLS[2 * number],
        quantity_a=quantity_a,
        symbol_b=SYMBOLS[2 * number + 1],
        quantity_b=quantity_b,
        stop_price_a=stops,
        stop_price_b=stops,
    )


def answer(state, event):
    """The state after a signal, and why it was refused."""
    state, commands = engine.step(state, event)
    refusals = of_kind(commands, RefuseSignal)
    assert bool(refusals) != bool(of_kind(commands, SubmitOrder))
    return state, refusals[0].reason if refusals else None


def at_market(event):
    """The fills of both its legs, at 100."""
    strategy = event.signal.strategy
    entry, hedge = (order_id(slot, 1, 1, strategy) for slot in ("entry", "hedge"))
    return filled(entry, event.quantity_a), filled(hedge, event.quantity_b, price=100)


@pytest.mark.covers("MS-03", "MS-07")
@pytest.mark.parametrize("held", [True, False], ids=["held", "in flight"])
@pytest.mark.parametrize("strategies", [2, 5, 6, 7])
def test_heat_is_bounded_over_all_strategies(strategies, held):
    state, share = portfolio(), 6_000 // strategies // 2
    for number in range(strategies):
        rest = 6_000 - (strategies - 1) * 2 * share - share if number == strategies - 1 else share
        event = pair(number, share, rest)
        state, reason = answer(state, event)
        assert reason is None
        if held:
            state = after(state, *at_market(event))

    assert engine.summary(state).total.heat == 600_000
    assert answer(state, pair(7, 1, 1))[1] == "HEAT"


@pytest.mark.covers("MS-03")
@pytest.mark.parametrize(
    ("quantity_a", "quantity_b", "reason"),
    [(20_000, 20_000, None), (20_001, 20_000, "POSITION_CAP"), (20_000, 20_001, "POSITION_CAP")],
)
def test_a_position_is_at_most_a_fifth_of_the_equity(quantity_a, quantity_b, reason):
    assert answer(portfolio(), pair(0, quantity_a, quantity_b, stops=100))[1] == reason


@pytest.mark.covers("MS-03")
@pytest.mark.parametrize(("quantity", "reason"), [(10_000, None), (10_001, "POSITION_CAP")])
@pytest.mark.parametrize("held", [True, False], ids=["held", "in flight"])
def test_a_position_is_at_most_a_fifth_whoever_holds_it(quantity, reason, held):
    first = pair(0, 10_000, 100, stops=100)
    state, _ = answer(portfolio(), first)
    state = after(state, *at_market(first)) if held else state

    assert answer(state, pair(1, quantity, 100, stops=100, symbol_a=SYMBOLS[0]))[1] == reason


@pytest.mark.covers("MS-03")
@pytest.mark.parametrize(("quantity", "reason"), [(10_000, None), (10_001, "GROSS_EXPOSURE")])
@pytest.mark.parametrize("held", [True, False], ids=["held", "in flight"])
def test_all_positions_are_at_most_the_equity(quantity, reason, held):
    state = portfolio()
    for number in (0, 1):
        event = pair(number, 20_000, 20_000, stops=100)
        state, _ = answer(state, event)
        state = after(state, *at_market(event)) if held else state

    assert answer(state, pair(2, 10_000, quantity, stops=100))[1] == reason


def test_the_limits_follow_the_equity():
    first = pair(0, 10_000, 10_000, stops=100)
    state = after(answer(portfolio(), first)[0], *at_market(first), PriceMoved(SYMBOLS[0], 90))

    assert engine.equity(state) == 9_900_000
    assert answer(state, pair(1, 19_800, 100, stops=100))[1] is None
    assert answer(state, pair(1, 19_801, 100, stops=100))[1] == "POSITION_CAP"
