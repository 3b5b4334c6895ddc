"""What reaches the engine from outside its own affairs: a clock that is wrong (F16), an order of somebody
else on the account (F22)."""

from collections.abc import Callable
from typing import Any

from hedgecheck import faults, tape, venue
from hedgecheck.faults import Fault
from hedgecheck.messages import Accepted, Canceled, Filled, OrderReport, Overheard
from hedgecheck.world.model import Setting, Step, World, struck
from hedgecheck.world.ordinary import begin_day

SKEWS = (0, -1, 2)  # session days from the present one: the same again, one back, one skipped


def _skew(setting: Setting, world: World, action: tape.Skew) -> Step:
    if world.days_left <= 0 or world.faults_left <= 0 or action.days not in SKEWS:
        return world, ()
    day = world.day + action.days
    world, spent = struck(world, faults.clock_skew, f"day {day} after day {world.day}")
    return begin_day(setting, world, day, spent)


def _crosstalk(setting: Setting, world: World, action: tape.Crosstalk) -> Step:
    if action not in _strays(setting, world) or world.faults_left <= 0:
        return world, ()
    report = _stray(world, action.about)[action.kind]
    world, spent = struck(world, faults.crosstalk, f"{action.kind} of {action.about}")
    return setting.tell(world, report, spent, Overheard(report))


def _stray(world: World, order: str) -> dict[str, OrderReport]:
    """What the venue may say of somebody else's order of one lot, by kind."""
    symbol, price = world.venue.prices[0]
    market = venue.market_of(world.venue, symbol)
    assert market is not None, "Invariant: every price is that of a listed symbol"
    fill = Filled(order, f"{order}.1", symbol, "buy", market.lot, price)
    return {"Accepted": Accepted(order), "Filled": fill, "Canceled": Canceled(order, 0)}


def _skews(_setting: Setting, world: World) -> list[tape.Action]:
    return [tape.Skew(days) for days in SKEWS] if world.days_left > 0 else []


def _strays(setting: Setting, world: World) -> list[tape.Action]:
    return [tape.Crosstalk(each, kind) for each in setting.scope.strangers for kind in _stray(world, each)]


OPTIONS: dict[Fault, Callable[[Setting, World], list[tape.Action]]] = {
    faults.clock_skew: _skews,
    faults.crosstalk: _strays,
}

HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {
    tape.Skew: _skew,
    tape.Crosstalk: _crosstalk,
}
