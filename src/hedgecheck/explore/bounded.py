"""Small scopes for the exhaustive search, by a few numbers: what ``hedgecheck explore`` is told.

Attempts are few, one shock and one bad price stand for all, and timers are patient (see ``Scope``). Limits
are given in units that bind: ``heat`` in lots at the opening price, ``cap`` in trades in flight.
"""

from typing import Any

from hedgecheck import faults
from hedgecheck.errors import UsageError
from hedgecheck.faults import Fault, Plan
from hedgecheck.invariants import Bounds
from hedgecheck.messages import Intent, Side
from hedgecheck.values import frozen, replace
from hedgecheck.venue import House, Market
from hedgecheck.world import Scope

PRICE = 100
CASH = 1_000_000  # one lot at the opening price is one basis point of it
LOOSE_BPS = 1_000_000
SHOCK_PPM = -200_000
FEE_BPS = 1_000
BASE_FEE_LOTS = 10  # of which the fee takes one
LOOSE = Bounds(
    LOOSE_BPS,
    LOOSE_BPS,
    LOOSE_BPS,
    strategy_bps=LOOSE_BPS,
    net_bps=LOOSE_BPS,
    leverage_bps=LOOSE_BPS,
    cluster_bps=LOOSE_BPS,
)
STOP_PPM = 50_000  # how far a stop lies from the opening price
DAYS = 2
STRANGER = "web_1"
PLANS: tuple[tuple[str, str, Side, str, Side], ...] = (  # two pairs on the same symbols, and a third
    ("p", "AAA", "buy", "BBB", "sell"),
    ("q", "BBB", "sell", "AAA", "buy"),
    ("r", "AAA", "buy", "CCC", "sell"),
)
OWN_PLANS: tuple[tuple[str, str, Side, str, Side], ...] = (  # alike, but for the names
    ("p", "AAA", "buy", "BBB", "sell"),
    ("q", "CCC", "buy", "DDD", "sell"),
    ("r", "EEE", "buy", "FFF", "sell"),
)


@frozen
class Small:
    """A small scope. ``faults``: strikes in all, of the ``kinds`` named; ``crashes`` come on top. ``heat``
    and ``cap`` None do not bind. ``stops``: 1 where every leg has a stop. ``own``: 1 where every trade has
    symbols, an account and a connection of its own; see ``world.lanes``."""

    trades: int = 1
    faults: int = 0
    lots: int = 1
    kinds: tuple[str, ...] = ()
    crashes: int = 0
    halts: int = 0
    heat: int | None = None
    cap: int | None = None
    stops: int = 0
    own: int = 0

    @property
    def name(self) -> str:
        """The options that make it."""
        shown = [f"--trades {self.trades}", f"--faults {self.faults}", f"--lots {self.lots}"]
        shown += [f"--kinds {','.join(self.kinds)}"] if self.kinds else []
        shown += [f"--crashes {self.crashes}"] if self.crashes or self.own else []
        shown += [f"--halts {self.halts}"] if self.halts else []
        shown += [f"--heat {self.heat}"] if self.heat is not None else []
        shown += [f"--cap {self.cap}"] if self.cap is not None else []
        shown += [f"--stops {self.stops}"] if self.stops else []
        shown += ["--symbols own"] if self.own else ["--symbols shared"] if self.trades > 1 else []
        return " ".join(shown)


FIELDS = (("trades", 2), ("faults", 4), ("lots", 6), ("crashes", 3), ("halts", 2), ("heat", 12), ("cap", 4))
KINDS_BITS = 32  # room for the kinds, after those
LATER_FIELDS = (("stops", 1), ("own", 1))  # what came after the kinds; append only
NUMBERED_FROM = 1 << 40  # numbers below are seeds of drawn scopes


def number_of(small: Small) -> int:
    """The number that stands for a small scope where a seed would stand for a drawn one."""
    kinds = sum(1 << index for index, fault in enumerate(faults.NUMBERED) if fault.id in small.kinds)
    number, at = 0, 0
    for name, bits in (*FIELDS, ("kinds", KINDS_BITS), *LATER_FIELDS):
        value = kinds if name == "kinds" else getattr(small, name)
        coded = value + 1 if name in ("heat", "cap") and value is not None else value or 0
        if coded >> bits:
            most = (1 << bits) - (2 if name in ("heat", "cap") else 1)
            raise UsageError(f"--{name} {value} is too large: {most} is the most.")
        number, at = number | coded << at, at + bits
    return NUMBERED_FROM + number


def small_of(number: int) -> Small:
    """The small scope that ``number_of`` made a number of."""
    number -= NUMBERED_FROM
    values: dict[str, Any] = {}
    for name, bits in (*FIELDS, ("kinds", KINDS_BITS), *LATER_FIELDS):
        coded = number & (1 << bits) - 1
        values[name] = (coded - 1 if coded else None) if name in ("heat", "cap") else coded
        number >>= bits
    mask = values["kinds"]
    values["kinds"] = tuple(fault.id for index, fault in enumerate(faults.NUMBERED) if mask >> index & 1)
    return Small(**values)


def scope_of(small: Small) -> Scope:
    """The scope that those numbers stand for. Raises ``UsageError`` for numbers that make none."""
    if not 1 <= small.trades <= len(PLANS):
        raise UsageError(f"--trades {small.trades}: between 1 and {len(PLANS)} are possible.")
    if min(small.faults, small.crashes, small.halts) < 0 or small.lots < 1:
        raise UsageError("Counts of a scope are not negative, and at least one lot is traded.")
    for name, limit in (("heat", small.heat), ("cap", small.cap)):
        if limit is not None and limit < 0:
            raise UsageError(f"--{name} {limit}: a limit is not negative. Leave it out for none.")
    plans = OWN_PLANS if small.own else PLANS
    intents = tuple(_intent(small, *each) for each in plans[: small.trades])
    symbols = sorted({symbol for intent in intents for symbol in intent.symbols})
    markets, plan = tuple(Market(symbol) for symbol in symbols), plan_of(small)
    return Scope(
        intents,
        House(markets, fee_bps=_fee_bps(small) if faults.base_fee in plan else 0),
        CASH,
        tuple((symbol, PRICE) for symbol in symbols),
        replace(
            LOOSE,
            heat_bps=LOOSE_BPS if small.heat is None else small.heat,
            exit_cost_bps=0,
            trades_in_flight=4 if small.cap is None else small.cap,
        ),
        not_found_confirmations=1,
        flatten_attempts=1,
        moves=(SHOCK_PPM,),
        faults=plan,
        max_faults=small.faults,
        denials=0,
        bad_prices=("nan",),
        rejections=("INSUFFICIENT_BALANCE",),
        max_crashes=small.crashes,
        halts=small.halts,
        attempts=(1, 1, _questions(small)),
        timers="patient",
        days=DAYS if faults.clock_skew.id in small.kinds else int(_has_all(small)),
        strangers=(STRANGER,) if faults.crosstalk.id in small.kinds or _has_all(small) else (),
        lanes=bool(small.own),
    )


def _has_all(small: Small) -> bool:
    """Whether every kind may strike that lanes have room for."""
    return bool(small.own and small.faults and not small.kinds)


def _questions(small: Small) -> int:
    """How often an order may be asked about. A crash makes an engine ask without a fault; then one question
    more than can be lost, or an engine that gives up is right to."""
    return max(2, small.faults + 1) if small.crashes or small.own else 2


def _fee_bps(small: Small) -> int:
    """So that a fee in the asset itself takes a lot, where there are two or more."""
    return max(FEE_BPS, -(-10_000 // small.lots)) if small.own and small.lots > 1 else FEE_BPS


def _intent(small: Small, strategy: str, symbol_a: str, side_a: Side, symbol_b: str, side_b: Side) -> Intent:
    lots, stop_a, stop_b = small.lots, _stop(side_a), _stop(side_b)
    intent = Intent(f"{strategy}1", symbol_a, side_a, lots, symbol_b, side_b, lots)
    if faults.fill_during_modify.id in small.kinds:
        intent = replace(
            intent, price_a=PRICE
        )  # what is left of it rests, and fills after its stop is placed
    return replace(intent, stop_a=stop_a, stop_b=stop_b) if small.stops else intent


def _stop(side: Side) -> int:
    return PRICE * (1_000_000 + (-STOP_PPM if side == "buy" else STOP_PPM)) // 1_000_000


def smalls(small: Small, kinds: str) -> tuple[Small, ...]:
    """The scopes that ``--kinds`` makes of one: a mixture, or one per kind and one for the crashes.

    Beside a mixture of trades with symbols of their own there is a scope of replacements that meet a fill
    (F09): they take stops, with which all else would be several times as large. It is also that of partial
    fills (F10), without which no stop is resized; that of late prices (F24) also that of shocks (F14), which
    make them.

    Raises ``UsageError`` for a kind that does not exist.
    """
    named = {kind_of(name.strip()).id for name in kinds.split(",")} if kinds not in ("all", "each") else set()
    if kinds == "all" or not small.faults:
        resized = small.own and not small.stops and small.faults > 1 and small.lots > 1
        return (small, _room_for(small, faults.fill_during_modify)) if resized else (small,)
    if named:
        stops = 1 if faults.fill_during_modify.id in named else small.stops  # else nothing is replaced
        kinds_named = tuple(fault.id for fault in faults.NUMBERED if fault.id in named)
        return (replace(small, kinds=kinds_named, stops=stops),)
    alone = [replace(small, faults=0)] if small.crashes else []
    rooms = [_room_for(replace(small, crashes=0), fault) for fault in faults.NUMBERED]
    return (*(room for room in rooms if room.kinds != (faults.price_shock.id,)), *alone)


def _room_for(small: Small, fault: Fault) -> Small:
    """The scope with that kind alone, and what it takes for the kind to be possible: lots enough to divide
    or to charge a fee in, a price that moves where prices are to come late."""
    lots = {faults.partial_fill: 2, faults.fill_during_cancel: 2, faults.base_fee: BASE_FEE_LOTS}
    if fault == faults.fill_during_modify:
        kinds = (faults.partial_fill.id, fault.id)
        return replace(small, kinds=kinds, faults=max(2, small.faults), lots=max(2, small.lots), stops=1)
    if fault == faults.asymmetric_latency:
        return replace(small, kinds=(faults.price_shock.id, fault.id), faults=max(2, small.faults))
    return replace(small, kinds=(fault.id,), lots=max(small.lots, lots.get(fault, 1)))


def plan_of(small: Small) -> Plan:
    """The kinds named, and both kinds of crash where crashes are asked for. No name means every kind."""
    crashes = faults.CRASHES.kinds if small.crashes else ()
    named = tuple(kind_of(name) for name in small.kinds) if small.kinds else faults.WORLD.kinds
    return Plan(named if small.faults else ()) | Plan(crashes)


def without_room(small: Small) -> tuple[Fault, ...]:
    """The kinds that may strike in that scope and never can: what they take is not there."""
    scope = scope_of(small)
    lacking = {
        faults.partial_fill: small.lots < 2,
        faults.fill_during_modify: not small.stops or small.lots < 2 or small.faults < 2,
        faults.clock_skew: not scope.days,
        faults.crosstalk: not scope.strangers,
        faults.asymmetric_latency: small.faults < 2,
    }
    return tuple(fault for fault in scope.faults if lacking.get(fault))


def kind_of(name: str) -> Fault:
    """The kind of fault of that id. Raises ``UsageError`` naming those there are."""
    for fault in faults.WORLD:
        if fault.id == name.upper():
            return fault
    crashes = [fault.id for fault in faults.CRASHES]
    if name.upper() in crashes:
        raise UsageError(f"--kinds {name}: that is a crash. Take --crashes 1.")
    raise UsageError(
        f"--kinds {name}: there is no such kind. There are {', '.join(f.id for f in faults.WORLD)}."
    )
