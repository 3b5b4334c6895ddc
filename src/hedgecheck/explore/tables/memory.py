"""What rules remember: what of it is about one trade, and what came over all of them."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from hedgecheck.archive import Archive
from hedgecheck.invariants import Books
from hedgecheck.invariants.accounting import ACCOUNT
from hedgecheck.invariants.base import Counts, Table
from hedgecheck.invariants.calendar import Hours
from hedgecheck.invariants.halt import OPENINGS, Openings
from hedgecheck.invariants.risk_numbers import MEASURED, Measured
from hedgecheck.invariants.worst import Account, is_running, parts, standing
from hedgecheck.values import frozen, replace

OPEN = Hours()


@frozen
class Joint:
    """How the memory of a rule that looks at all trades falls apart. ``neutral``: had nothing come over all
    trades. ``shared``: what came over them. ``together``: of the memories of all, with what came over all
    as in the last argument."""

    neutral: Callable[[Any], Any]
    shared: Callable[[Any], Hashable]
    together: Callable[[Sequence[Any], Any], Any]


def _united(tables: Sequence[Table[Any]]) -> Table[Any]:
    whole: Table[Any] = Table()
    for each in tables:
        whole.update(each)
    return whole


def _kept(archives: Sequence[Archive[Any]]) -> Archive[Any]:
    return Archive({name: value for each in archives for name, value in each.items()})


def _summed(tables: Sequence[Counts]) -> Counts:
    whole: Counts = Table()
    for each in tables:
        for name, value in each.items():
            whole[name] = whole.get(name, 0) + value
    return whole


def _strung(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple([each for row in rows for each in row])


def own_alerts(memory: Any) -> Any:
    """The memory without the breakers that people were told of: those are of all trades."""
    flagged = getattr(memory, "flagged", ())
    if not isinstance(flagged, tuple) or not any(map(_is_of_breaker, flagged)):
        return memory
    return replace(memory, flagged=tuple([each for each in flagged if not _is_of_breaker(each)]))


def _is_of_breaker(subject: str) -> bool:
    return "#" in subject


# ---- I12, I14 ----------------------------------------------------------------------------------------


def _open_neutral(memory: Openings) -> Openings:
    return replace(memory, halted=False, tripped=(), hours=OPEN)


def _open_together(memories: Sequence[Openings], everybody: Openings) -> Openings:
    return Openings(
        everybody.markets,
        _kept([each.intents for each in memories]),
        everybody.halted,
        _strung([each.bad for each in memories]),
        _kept([each.entries for each in memories]),
        _kept([each.cancels for each in memories]),
        _kept([each.excused for each in memories]),
        sum(each.sent for each in memories),
        "".join(each.opened_in_halt for each in memories),
        "".join(each.insane for each in memories),
        everybody.tripped,
        _kept([each.symbols for each in memories]),
        everybody.hours,
        "".join(each.out_of_hours for each in memories),
    )


# ---- I13 ---------------------------------------------------------------------------------------------


def _measured_neutral(memory: Measured) -> Measured:
    cash = memory.terms.cash
    return replace(memory, due=Table(), tripped=(), day=0, opening=cash, mark=cash)


def _measured_together(memories: Sequence[Measured], everybody: Measured) -> Measured:
    return replace(everybody, **_booked(memories, everybody))


def _booked(memories: Sequence[Any], everybody: Any) -> dict[str, Any]:
    """Prices, cash, positions and executions of all, as I13 and I10 both keep them."""
    cash = everybody.terms.cash
    return {
        "prices": Table({**everybody.prices, **_united([each.prices for each in memories])}),
        "cash": cash + sum(each.cash - cash for each in memories),
        "positions": _summed([each.positions for each in memories]),
        "trades": _kept([each.trades for each in memories]),
    }


# ---- I10 ---------------------------------------------------------------------------------------------


def _of_breakers(memory: Account) -> frozenset[str]:
    return frozenset([each for each in memory.flagged if _is_of_breaker(each)])


def _account_neutral(memory: Account) -> Account:
    memory = own_alerts(memory)
    return memory if memory.hours == OPEN else replace(memory, hours=OPEN)


def _account_together(memories: Sequence[Account], everybody: Account) -> Account:
    return replace(
        everybody,
        **_booked(memories, everybody),
        orders=_united([each.orders for each in memories]),
        held=_summed([each.held for each in memories]),
        past=_kept([each.past for each in memories]),
        opened=_united([each.opened for each in memories]),
        over=_kept([each.over for each in memories]),
        flagged=(*sorted(_of_breakers(everybody)), *_strung([each.flagged for each in memories])),
        openings=sum(each.openings for each in memories),
    )


def recounted(memory: Account) -> tuple[int, int, int, int, int]:
    """What the intents of an account stand for at worst, as the rule counts it: running, gross, heat, net
    long, net short."""
    everything = parts(memory)
    return (
        sum(is_running(memory, each) for each in standing(memory)),
        sum(each.value for each in everything),
        sum(each.heat for each in everything),
        max(0, sum(each.most for each in everything)),
        max(0, -sum(each.least for each in everything)),
    )


JOINT: dict[Books, Joint] = {
    OPENINGS: Joint(
        _open_neutral,
        lambda memory: (memory.halted, frozenset(memory.tripped), memory.hours),
        _open_together,
    ),
    MEASURED: Joint(
        _measured_neutral,
        lambda memory: (frozenset(memory.due), frozenset(memory.tripped), memory.day, memory.early),
        _measured_together,
    ),
    ACCOUNT: Joint(_account_neutral, lambda memory: (_of_breakers(memory), memory.hours), _account_together),
}
