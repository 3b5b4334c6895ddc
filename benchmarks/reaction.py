"""How soon the core reacts, in process: to a price that trips a breaker, to a failure, to a signal.

Each figure is beside an empty call of the same loop, the time that measuring itself takes. There is no peer:
no other engine decides as a pure function of its whole state. For the gate alone see ``benchmarks.gate``.
"""

import gc
import time
from collections.abc import Callable
from statistics import median, quantiles

from core import engine
from core.messages import (
    CancelOrder,
    EndTrade,
    Event,
    Fill,
    OrderAccepted,
    OrderFilled,
    OrderId,
    OrderRejected,
    PriceMoved,
    RaiseAlert,
    SignalId,
    SignalReceived,
)
from core.settings import Instrument, Limits, Settings
from core.units import BasisPoints, Lots, Money, Ticks

RUNS = 2_000
TRADES = 50
CASH = Money(100_000_000)
PRICE = Ticks(100)
FLOORS_MS = {"price to trip": 1.0, "failure to answer": 1.0, "signal to booked fill": 2.0}


def ready(symbols: int) -> engine.State:
    """An engine that knows the price of so many symbols, with limits far away."""
    names = [f"S{number:03}" for number in range(symbols)]
    wide = BasisPoints(10_000_000)
    limits = Limits(
        wide, wide, wide, 1_000, strategy_bps=wide, net_bps=wide, leverage_bps=wide, cluster_bps=wide
    )
    state = engine.initial(Settings(tuple(Instrument(name) for name in names), limits), CASH)
    for name in names:
        state, _ = engine.step(state, PriceMoved(name, PRICE))
    return state


def opened(state: engine.State, *, lots: int) -> tuple[engine.State, list[OrderId]]:
    """The engine with fifty pairs held and the entries of fifty more resting."""
    resting = []
    for number in range(2 * TRADES):
        signal = SignalId("s", number)
        symbol_a, symbol_b = f"S{2 * number:03}", f"S{2 * number + 1:03}"
        plan = SignalReceived(signal, symbol_a, "buy", Lots(lots), symbol_b, "sell", Lots(lots))
        state, _ = engine.step(state, plan)
        entry, hedge = OrderId(signal, "entry", 1), OrderId(signal, "hedge", 1)
        state, _ = engine.step(state, OrderAccepted(entry))
        if number % 2:
            resting.append(entry)
            continue
        for order in (entry, hedge):
            state, _ = engine.step(state, OrderFilled(order, Fill("t", Lots(lots), PRICE)))
    return state, resting


def through(state: engine.State, events: tuple[Event, ...]) -> tuple[object, ...]:
    """Everything that the engine commands on the way through those events."""
    said: tuple[object, ...] = ()
    for event in events:
        state, commands = engine.step(state, event)
        said += commands
    return said


def timed(work: Callable[[], object]) -> list[float]:
    """Milliseconds of each run, with no collection of garbage in between."""
    taken = []
    gc.disable()
    for _ in range(RUNS):
        begun = time.perf_counter_ns()
        work()
        taken.append((time.perf_counter_ns() - begun) / 1e6)
    gc.enable()
    return taken


def cases() -> dict[str, tuple[engine.State, tuple[Event, ...], Callable[[tuple[object, ...]], bool]]]:
    """What is timed: the state, the events, and what must have come of them."""
    state, resting = opened(ready(4 * TRADES), lots=2_000)
    entry, hedge = (OrderId(SignalId("t", 1), slot, 1) for slot in ("entry", "hedge"))
    pair = SignalReceived(SignalId("t", 1), "S000", "buy", Lots(5), "S199", "sell", Lots(5))
    fills = tuple(OrderFilled(each, Fill("t", Lots(5), PRICE)) for each in (entry, hedge))
    return {
        "price to trip": (
            state,
            (PriceMoved("S001", Ticks(1_000_000)),),  # which is held short
            lambda said: sum(isinstance(each, CancelOrder) for each in said) == len(resting),
        ),
        "failure to answer": (
            state,
            (OrderRejected(resting[0], "INSUFFICIENT_BALANCE"),),
            lambda said: any(isinstance(each, EndTrade) for each in said),
        ),
        "signal to booked fill": (
            state,
            (pair, OrderAccepted(entry), fills[0], OrderAccepted(hedge), fills[1]),
            lambda said: any(isinstance(each, EndTrade) and each.outcome == "hedged" for each in said),
        ),
    }


def main() -> None:
    """Prints median and 99th percentile per reaction, and the ratio to an empty call."""
    empty = median(timed(lambda: None))
    print(f"{TRADES} pairs held, {TRADES} entries resting; {RUNS:,} runs each")
    for name, (state, events, is_right) in cases().items():
        said = through(state, events)
        assert is_right(said), f"Invariant: {name} comes to what it is timed for"
        trips = sum(isinstance(each, RaiseAlert) for each in said)
        taken = timed(lambda state=state, events=events: through(state, events))  # type: ignore[misc]
        p99 = quantiles(taken, n=100)[98]
        line = f"{name:22} median {median(taken):.3f} ms, p99 {p99:.3f} ms (floor {FLOORS_MS[name]:g})"
        print(f"{line}, {median(taken) / empty:,.0f} times an empty call, {trips} alerts")


if __name__ == "__main__":
    main()
