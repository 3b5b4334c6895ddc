"""The gate on a portfolio of 50 positions and 50 working orders: what it takes to decide one more signal.

Timed is everything between a proposed trade and its answer: the state summed up, equity, clusters, the
intent, the decision. Between two signals a price moves, or an order is acknowledged or filled in part. Every
decision is made once in each of five rounds and its least CPU time counts, so that another process beside it
does not. The baseline is the same sums counted from nothing. The peer, NautilusTrader's ``RiskEngine``, needs
an environment of its own: ``HEDGECHECK_NAUTILUS_PYTHON`` names its interpreter.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from core import admission, engine, risk
from core.messages import (
    Event,
    Fill,
    OrderAccepted,
    OrderFilled,
    OrderId,
    PriceMoved,
    SignalId,
    SignalReceived,
    TimerFired,
    TimerId,
)
from core.settings import Correlation, Instrument, Limits, Settings
from core.trade import Trade
from core.units import BasisPoints, Lots, Money, Ticks
from core.values import replace

POSITIONS = 50
ORDERS = 50
SIGNALS = 4_000
ROUNDS = 5
FLOOR_US = 50
PRICE = Ticks(1_000)
LOTS = Lots(1_000)
SYMBOLS = tuple(f"S{number:02d}" for number in range(POSITIONS))
PEER = Path(__file__).with_name("nautilus_gate.py")
PEER_PYTHON = "HEDGECHECK_NAUTILUS_PYTHON"


def settings() -> Settings:
    """Fifty symbols, all their correlations known, and limits that let everything in."""
    names = ("position", "gross", "heat", "strategy", "net", "leverage", "cluster")
    wide: dict[str, Any] = {f"{name}_bps": BasisPoints(10**6) for name in names}
    known = tuple(
        Correlation(one, other, BasisPoints(index * 37 % 10_000))
        for index, one in enumerate(SYMBOLS)
        for other in SYMBOLS[index + 1 :]
    )
    return Settings(
        tuple(map(Instrument, SYMBOLS)), Limits(trades_in_flight=10**6, **wide), correlations=known
    )


def signal(number: int, buys: str, sells: str) -> SignalReceived:
    """A pair with stops and a limit price, of one of ten strategies."""
    name = SignalId("abcdefghij"[number % 10], number)
    return SignalReceived(name, buys, "buy", LOTS, sells, "sell", LOTS, PRICE, Ticks(900), Ticks(1_100))


def portfolio() -> tuple[engine.State, list[SignalReceived]]:
    """Every symbol held, by 25 pairs that are over, and 50 pairs whose entries rest; and those 50."""
    state = engine.initial(settings(), Money(10**12))
    for symbol in SYMBOLS:
        state, _ = engine.step(state, PriceMoved(symbol, PRICE))
    pairs = [(SYMBOLS[each], SYMBOLS[each + 1]) for each in range(0, POSITIONS, 2)]
    for number, (buys, sells) in enumerate(pairs):
        held = signal(number, buys, sells)
        entry, hedge = (OrderId(held.signal, slot, 1) for slot in ("entry", "hedge"))
        linger = TimerFired(TimerId(held.signal, "linger"))
        for event in (held, _filled(entry, LOTS), _filled(hedge, LOTS), linger):
            state, _ = engine.step(state, event)
    others = [(pairs[each][0], pairs[(each + 1 + shift) % 25][1]) for shift in (0, 1) for each in range(25)]
    working = [signal(100 + number, *pair) for number, pair in enumerate(others)]
    for event in working:
        state, _ = engine.step(state, event)
    assert sum(bool(each.lots) for each in state.book.positions) == POSITIONS
    assert sum(trade.phase == "entry" for trade in state.trades) == ORDERS
    return state, working


def _filled(order: OrderId, lots: Lots, number: int = 0) -> OrderFilled:
    return OrderFilled(order, Fill(f"{order}{number}", lots, PRICE))


def happening(random: Random, working: list[SignalReceived]) -> Iterator[Event]:
    """What comes between signals, without end."""
    number = 0
    while True:
        number += 1
        entry = OrderId(random.choice(working).signal, "entry", 1)
        moved = PriceMoved(random.choice(SYMBOLS), Ticks(PRICE + random.randint(-20, 20)))
        yield random.choice((moved, moved, OrderAccepted(entry), _filled(entry, Lots(1), number)))


def asking(state: engine.State) -> Trade:
    """A pair that some strategy wants, as it is put to the gate."""
    event = signal(10**6, SYMBOLS[0], SYMBOLS[-1])
    (trade,) = (each for each in engine.step(state, event)[0].trades if each.signal == event.signal)
    return replace(trade, phase="proposed", orders=())


def decided() -> tuple[list[float], engine.State]:
    """Microseconds of each decision in one round, and the state at its end."""
    state, working = portfolio()
    trade, events = asking(state), happening(Random(1), working)
    taken = []
    for _ in range(SIGNALS):
        state, _ = engine.step(state, next(events))
        begun = time.process_time_ns()
        answer = admission.ask(state, trade, "open")
        taken.append((time.process_time_ns() - begun) / 1_000)
        assert answer is None, answer
    return taken, state


def main() -> None:
    """Prints microseconds per decision, and those of the baseline and of the peer."""
    rounds = [decided() for _ in range(ROUNDS)]
    gate = [min(each) for each in zip(*(taken for taken, _ in rounds), strict=True)]
    _, state = rounds[0]
    plain = []
    for _ in range(SIGNALS // 20):
        begun = time.process_time_ns()
        reduce(risk.add, (risk.contribute(each, state.prices, state.settings) for each in state.trades))
        plain.append((time.process_time_ns() - begun) / 1_000)
    ratio = median(plain) / median(gate)
    print(f"{POSITIONS} positions, {ORDERS} working orders, {len(state.trades)} trades")
    quietest = min(_p99(taken) for taken, _ in rounds)
    print(f"  gate              median {median(gate):6.1f} us, p99 {_p99(gate):6.1f} us (floor {FLOOR_US})")
    print(f"  the quietest round alone: p99 {quietest:.1f} us")
    print(f"  sums from nothing median {median(plain):6.1f} us: {ratio:.0f} times the gate")
    print(f"  {_peer()}")


def _p99(taken: list[float]) -> float:
    return quantiles(taken, n=100)[98]


def _peer() -> str:
    """NautilusTrader's figure from its own environment, or why there is none."""
    python = os.environ.get(PEER_PYTHON)
    if not python:
        return f"NautilusTrader: not run, {PEER_PYTHON} names no interpreter that has nautilus_trader"
    done = subprocess.run([python, str(PEER)], capture_output=True, text=True, timeout=600, check=False)
    return done.stdout.strip() or f"NautilusTrader: failed, {done.stderr.strip().splitlines()[-1]}"


if __name__ == "__main__":
    main()
