"""Locality: a trade that does beside another what it does not do alone is found before all rests upon it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import core.engine
from core.admission import signal
from core.messages import CancelOrder, EndTrade, RaiseAlert, StartTimer, TimerId
from core.stepping import step_one
from hedgecheck.explore.bounded import Small
from hedgecheck.explore.tables import locality, search
from hedgecheck.explore.tables.company import NotLocalError
from hedgecheck.explore.tables.locality import check_locality
from hedgecheck.messages import Halt, Restarted
from tests.unit.kit.walks import PAIR, all_twins, laned, parts_of, tabulated

Made = tuple[Any, tuple[Any, ...]]


def check(small: Small = PAIR) -> int:
    """Looks at the core as it is now; its table was made of it as it should be."""
    universe = laned(small)
    return check_locality(tabulated(small), parts_of(small), universe, all_twins(universe.scope))


def neutral_steps(small: Small) -> int:
    """How many steps of the table are taken where nothing came over all trades."""
    engine = tabulated(small).engine
    return sum(engine.neutral(state) is state for state, _, _ in engine.steps())


def beside(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, Any, Made], Made]) -> None:
    """Where another trade is in the state, a step of one trade comes to something else."""
    tabulated(PAIR)  # before anything is planted

    def planted(state: Any, index: int, event: Any) -> Made:
        made = step_one(state, index, event)
        return change(state, index, made) if len(state.trades) > 1 else made

    monkeypatch.setattr(core.engine, "step_one", planted)


# ---- what passes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "small", [PAIR, Small(trades=2, own=1, cap=1), Small(trades=2, own=1, halts=1)], ids=lambda s: s.name
)
def test_core_passes_and_every_step_was_taken_beside_a_neighbour(small: Small) -> None:
    taken, steps = check(small), neutral_steps(small)

    assert steps
    assert taken >= steps
    assert taken % steps == 0


def test_steps_are_taken_beside_fewer_neighbours_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, steps = check(), neutral_steps(PAIR)

    monkeypatch.setattr(locality, "TRIES", 3 * steps)
    assert check() == 3 * steps < whole
    monkeypatch.setattr(locality, "TRIES", 1)
    assert check() == steps


def test_steps_are_taken_beside_every_neighbour_where_there_is_room() -> None:
    table = tabulated(PAIR).table
    neighbours = {
        engine
        for engine, struck, crashed in zip(table.engines, table.struck, table.crashed, strict=True)
        if not struck and not crashed
    }

    assert check() == neutral_steps(PAIR) * len(neighbours) * 2  # as either lane


@pytest.mark.parametrize(
    ("small", "event"),
    [(Small(trades=2, own=1, halts=1), Halt()), (Small(trades=2, own=1, crashes=1), Restarted())],
    ids=["halt", "restart"],
)
def test_what_comes_over_all_trades_may_do_something_to_each(
    monkeypatch: pytest.MonkeyPatch, small: Small, event: Any
) -> None:
    told = [each for _, each, _ in tabulated(small).engine.steps()]
    monkeypatch.setattr(locality, "TRIES", 4_000)

    assert event in told
    assert check(small)


def test_trade_without_a_neighbour_is_not_tried() -> None:
    assert check(Small(trades=1, own=1)) == 0


# ---- what does not -------------------------------------------------------------------------------------


def _without(kind: type[Any]) -> Callable[[Any, Any, Made], Made]:
    def change(_state: Any, _index: int, made: Made) -> Made:
        return made[0], tuple(each for each in made[1] if not isinstance(each, kind))

    return change


def _forgets(state: Any, _index: int, made: Made) -> Made:
    """Its fill is in the books, and the trade knows nothing of it."""
    return replace(made[0], trades=state.trades) if made[0].book != state.book else made[0], made[1]


def _books_nothing(state: Any, _index: int, made: Made) -> Made:
    return replace(made[0], book=state.book), made[1]


def _tells_twice(_state: Any, _index: int, made: Made) -> Made:
    return made[0], (*made[1], *[each for each in made[1] if isinstance(each, EndTrade)])


def _alerts(state: Any, index: int, made: Made) -> Made:
    return made[0], (*made[1], RaiseAlert("TRADE_PARKED", state.trades[index].signal))


def _is_paused(state: Any, index: int, made: Made) -> Made:
    """The trade remembers that it was not alone."""
    trades = tuple(
        replace(each, paused=True) if each.signal == state.trades[index].signal else each
        for each in made[0].trades
    )
    return replace(made[0], trades=trades), made[1]


PLANTED = {
    "cancels are dropped": _without(CancelOrder),
    "timers are dropped": _without(StartTimer),
    "trade forgets": _forgets,
    "books forget": _books_nothing,
    "end is told twice": _tells_twice,
    "people are told": _alerts,
    "trade remembers a neighbour": _is_paused,
}


@pytest.mark.parametrize("change", PLANTED.values(), ids=PLANTED)
def test_step_that_looks_at_other_trades_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, Any, Made], Made]
) -> None:
    beside(monkeypatch, change)

    with pytest.raises(NotLocalError, match=r"makes intent [pq]1 do something else beside another trade"):
        check()


def _starts_a_timer_of_the_other(state: Any, index: int, made: Made) -> Made:
    return made[0], (*made[1], StartTimer(TimerId(state.trades[1 - index].signal, "linger"), 5))


def _pauses_the_other(_state: Any, index: int, made: Made) -> Made:
    """It stays in the state, and will send nothing any more."""
    trades = list(made[0].trades)
    if len(trades) > 1:
        trades[1 - index] = replace(trades[1 - index], paused=True)
    return replace(made[0], trades=tuple(trades)), made[1]


def _of(name: str, change: Callable[[Any, Any, Made], Made]) -> Callable[[Any, Any, Made], Made]:
    def of_that_one(state: Any, index: int, made: Made) -> Made:
        return change(state, index, made) if state.trades[index].signal.strategy == name else made

    return of_that_one


def _second(state: Any, index: int, made: Made) -> Made:
    return _without(StartTimer)(state, index, made) if index else made


def _later(state: Any, index: int, made: Made) -> Made:
    """The later one looks whether the first holds anything."""
    held = any(order.fills for order in state.trades[0].orders)
    return _second(state, index, made) if held else made


@pytest.mark.parametrize(
    "change",
    [_of("q", _without(StartTimer)), _of("p", _without(StartTimer)), _second, _later],
    ids=["q alone", "p alone", "second", "later looks at the first"],
)
def test_engine_to_which_trades_are_not_alike_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, Any, Made], Made]
) -> None:
    beside(monkeypatch, change)

    with pytest.raises(NotLocalError, match=r"makes intent [pq]1 do something else"):
        check()


def test_last_of_three_lanes_is_tried_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    three = Small(trades=3, own=1)
    tabulated(three)

    def planted(state: Any, index: int, event: Any) -> Made:
        return _of("r", _without(StartTimer))(state, index, step_one(state, index, event))

    monkeypatch.setattr(core.engine, "step_one", planted)

    with pytest.raises(NotLocalError, match="makes intent r1 do something else"):
        check(three)


MEDDLING = {"commands": _starts_a_timer_of_the_other, "state": _pauses_the_other}


@pytest.mark.parametrize("change", MEDDLING.values(), ids=MEDDLING)
def test_step_that_does_something_to_another_trade_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, Any, Made], Made]
) -> None:
    beside(monkeypatch, change)

    with pytest.raises(
        NotLocalError,
        match=r"of intent [pq]1 does something to intent [pq]1 beside it",
    ):
        check()


def test_signal_that_does_something_to_another_trade_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def replaces_all(state: Any, event: Any) -> Made:
        after, commands = signal(state, event)
        return replace(after, trades=after.trades[:1]), commands

    tabulated(PAIR)
    monkeypatch.setattr(core.engine, "signal", replaces_all)

    with pytest.raises(NotLocalError, match=r"Intent of intent [pq]1 does something to intent [pq]1 beside"):
        check()


def test_signal_of_which_more_is_made_beside_another_trade_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def doubles(state: Any, event: Any) -> Made:
        after, commands = signal(state, event)
        return after, commands * 2 if len(after.trades) > 1 else commands

    tabulated(PAIR)
    monkeypatch.setattr(core.engine, "signal", doubles)

    with pytest.raises(NotLocalError, match=r"Intent makes intent [pq]1 do something else"):
        check()


def test_search_of_an_engine_whose_trades_look_at_each_other_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside(monkeypatch, _without(CancelOrder))

    with pytest.raises(NotLocalError, match="Take --search direct"):
        search(laned(PAIR))
