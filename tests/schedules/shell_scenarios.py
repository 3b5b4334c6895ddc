"""Ten scenarios of the live shell: what is asked of it, and what the market and the venue do meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt

from core.settings import SECOND, Protocol
from core.units import Nanoseconds
from hedgecheck import faults
from hedgecheck.fronts.ccxt.calls import Call, CancelOrder, NewOrder
from hedgecheck.live.brokers.ccxt_orders import Ways
from hedgecheck.simulate.exchange import scripted
from hedgecheck.simulate.variants import Variant
from tests.schedules.shells import BTC, CASH, ETH, LOSS, PLAN, SOL, XRP, Plan, Scene

Scenario = Callable[[Any, Plan], Awaitable[None]]
REJECTED = Variant(faults.venue_reject, "reject", "the venue rejects it", "INSUFFICIENT_BALANCE")
FILLS_FIRST = Variant(faults.fill_during_cancel, "fill first", "it fills before the cancel", 1_000_000)
FILLS_ACROSS = Variant(
    faults.fill_during_cancel, "fill across", "half of it fills as it is cancelled", 500_000
)
PRICED = Ways(streams=("orders",), poll_seconds=10.0)
PATIENT = Protocol(leg_timeout=Nanoseconds(35 * SECOND))
KNOWN_SECONDS = 40.0  # in which every price is known, whatever goes wrong
SETTLES = 3.0  # seconds in which what was asked for is done, where nothing goes wrong


def once(kind: type[Any], variant: Variant) -> Callable[[Any], Any]:
    """An exchange at which a fault strikes the first call of a kind."""

    def made(exchange: Any) -> Any:
        struck: list[Call] = []

        def script(call: Call) -> Variant | None:
            if isinstance(call, kind) and not struck:
                struck.append(call)
                return variant
            return None

        return scripted(exchange, script)

    return made


class Cutting:
    """An exchange whose stream of orders breaks after its first message."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self._watched = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    async def watch_orders(self) -> Any:
        self._watched += 1
        if self._watched == 2:
            raise ccxt.NetworkError("sim connection closed by remote server, closing code 1006")
        return await self._exchange.watch_orders()


async def pair(sim: Any, plan: Plan = PLAN, exchange: Any = lambda exchange: exchange) -> None:
    """A purchase and its hedge, at the market."""
    scene = Scene(sim, plan, exchange=exchange)
    await scene.begin()
    await scene.trade(scene.signal("p1", BTC, "0.5", ETH, "8"))
    await sim.sleep(SETTLES)


async def partial_fill(sim: Any, plan: Plan = PLAN) -> None:
    """Six tenths of a resting entry fill; the rest is cancelled, and the part is hedged."""
    await _resting(sim, plan, filled=0.3)


async def aborted(sim: Any, plan: Plan = PLAN) -> None:
    """A tenth of a resting entry fills: that is too little to hedge, and it is sold again."""
    await _resting(sim, plan, filled=0.05)


async def _resting(sim: Any, plan: Plan, filled: float, exchange: Any = lambda exchange: exchange) -> None:
    scene = Scene(sim, plan, exchange=exchange)
    await scene.begin()

    async def market() -> None:
        await sim.sleep(2)
        if filled:
            sim.trade_at(BTC, "sell", 49_000, filled)

    signal = scene.signal("p1", BTC, "0.5", ETH, "8", limit="49500")
    await asyncio.gather(scene.trade(signal), market())  # the market goes on where the process dies
    await sim.sleep(SETTLES)


async def rejected_entry(sim: Any, plan: Plan = PLAN) -> None:
    """The venue refuses the entry: nothing is traded."""
    scene = Scene(sim, plan, exchange=once(NewOrder, REJECTED))
    await scene.begin()
    await scene.trade(scene.signal("p1", BTC, "0.5", ETH, "8"))
    await sim.sleep(SETTLES)


async def crossed_cancel(sim: Any, plan: Plan = PLAN) -> None:
    """The entry fills to the end before its cancel arrives."""
    await _resting(sim, plan, 0.0, once(CancelOrder, FILLS_FIRST))


async def late_fill(sim: Any, plan: Plan = PLAN) -> None:
    """Half of the entry fills as it is cancelled: the cancel is confirmed first."""
    await _resting(sim, plan, 0.0, once(CancelOrder, FILLS_ACROSS))


async def tripped(sim: Any, plan: Plan = PLAN) -> None:
    """Two shocks trip the breaker, neither would alone: what is held stays, a resting entry goes, and no
    other is taken."""
    scene = Scene(sim, plan, (BTC, ETH, SOL, XRP), PRICED, protocol=PATIENT)
    await scene.begin()
    await scene.trade(scene.signal("p1", BTC, "0.5", ETH, "8"))
    resting = scene.signal("q1", SOL, "10", XRP, "3000", limit="148")

    async def market() -> None:
        for fraction in (-0.12, -0.2):
            await sim.sleep(PRICED.poll_seconds + 1)
            sim.shock(BTC, fraction)

    await asyncio.gather(scene.trade(resting), market())
    await sim.sleep(KNOWN_SECONDS)
    is_down = scene.worth() < CASH * (1 - LOSS)
    await scene.trade(scene.signal("r1", SOL, "10", XRP, "3000"))
    assert not (is_down and scene.entered("r1")), "the breaker has tripped, and an entry left"


async def two_trades(sim: Any, plan: Plan = PLAN) -> None:
    """Two strategies trade at once."""
    scene = Scene(sim, plan, (BTC, ETH, SOL, XRP))
    await scene.begin()
    first, second = scene.signal("p1", BTC, "0.3", ETH, "5"), scene.signal("q1", SOL, "60", XRP, "18000")
    await asyncio.gather(scene.trade(first), scene.trade(second))
    await sim.sleep(SETTLES)


async def left(sim: Any, plan: Plan = PLAN) -> None:
    """A pair is traded, and left."""
    scene = Scene(sim, plan)
    await scene.begin()
    signal = scene.signal("p1", BTC, "0.5", ETH, "8")
    await scene.trade(signal)
    await scene.leave(signal)
    await sim.sleep(SETTLES)


async def reconnected(sim: Any, plan: Plan = PLAN) -> None:
    """The stream breaks while an entry rests; a part of it fills before it is there again."""
    await _resting(sim, plan, 0.3, Cutting)


SCENARIOS: tuple[Scenario, ...] = (
    pair,
    partial_fill,
    aborted,
    rejected_entry,
    crossed_cancel,
    late_fill,
    tripped,
    two_trades,
    left,
    reconnected,
)


def played(scenario: Scenario, plan: Plan = PLAN) -> Any:
    """The scenario as a test of the simulator."""

    async def test(sim: Any) -> None:
        await scenario(sim, plan)

    test.__name__ = test.__qualname__ = f"{scenario.__name__}_{plan.restart}"
    return test
