"""Faults as values: how they combine, what they do to messages in flight, and the answers they forge."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import faults
from hedgecheck.faults import Fault, Plan, false_answers, partial_amounts, with_copy, without
from hedgecheck.messages import Filled, Status

FIRST, SECOND = Filled("X", "X.1", "AAA", "buy", 4, 100), Filled("X", "X.2", "AAA", "buy", 6, 100)
FAILED, EMPTY, NOT_FOUND = Status("X", "failed"), Status("X", "empty"), Status("X", "not_found")

# ---- composition -----------------------------------------------------------------------------------


def test_two_faults_make_a_plan_of_both() -> None:
    plan = faults.duplicated | faults.response_lost

    assert isinstance(plan, Plan)
    assert tuple(plan) == (faults.response_lost, faults.duplicated)
    assert len(plan) == 2


def test_plan_is_in_the_order_of_ids_however_it_was_put_together() -> None:
    parts = (faults.base_fee, faults.response_lost, faults.partial_fill)

    plans = {first | second | third for first, second, third in permutations(parts)}
    plans |= {first | (second | third) for first, second, third in permutations(parts)}

    assert plans == {Plan((faults.response_lost, faults.partial_fill, faults.base_fee))}


def test_fault_twice_is_in_a_plan_once() -> None:
    lost = faults.response_lost

    assert tuple(lost | lost) == (lost,)
    assert tuple(faults.WORLD | lost) == tuple(lost | faults.WORLD) == tuple(faults.WORLD)


def test_faults_of_one_id_keep_the_order_they_were_joined_in() -> None:
    kinds = [Fault("F01", f"variant {number}", "reply", "never") for number in range(20)]

    plan = Plan(())
    for kind in kinds:
        plan |= kind

    assert list(plan) == kinds


def test_plan_knows_its_members() -> None:
    plan = faults.reordered | faults.price_shock

    assert faults.reordered in plan
    assert faults.duplicated not in plan
    assert Fault("F03", "reordered events", "event", "every event arrives in the end") in plan


def test_plan_of_nothing_is_empty() -> None:
    assert (len(Plan(())), list(Plan(()))) == (0, [])
    assert tuple(Plan(()) | faults.reordered) == (faults.reordered,)


def test_every_fault_of_the_module_is_in_one_plan_in_order() -> None:
    kinds = [value for value in vars(faults).values() if isinstance(value, Fault)]
    every = faults.ALL | faults.CRASHES

    assert sorted(kinds, key=lambda fault: fault.id) == list(every)
    assert [fault.id for fault in every] == [f"F{number:02}" for number in range(1, 25)]
    assert all(fault.name and fault.heals for fault in every)


def test_all_is_what_the_world_does_and_what_a_client_sees() -> None:
    assert set(faults.WORLD).isdisjoint(faults.CLIENT)
    assert list(faults.ALL) == list(faults.WORLD | faults.CLIENT)


def test_the_world_spares_engines_that_do_not_restart() -> None:
    assert list(faults.CRASHES) == [faults.restart, faults.storage_error]
    assert list(faults.WORLD) == [fault for fault in faults.PURE if fault not in faults.CRASHES]
    assert {fault.site for fault in faults.CRASHES} == {"engine"}
    assert "engine" not in {fault.site for fault in faults.WORLD}


# ---- messages in flight ------------------------------------------------------------------------------


@pytest.mark.parametrize(("index", "left"), [(0, ("b", "c")), (1, ("a", "c")), (2, ("a", "b"))])
def test_message_taken_out_leaves_the_others_in_order(index: int, left: tuple[str, ...]) -> None:
    assert without(("a", "b", "c"), index) == left


@pytest.mark.parametrize(
    ("index", "after"), [(0, ("b", "c", "a")), (1, ("a", "c", "b")), (2, ("a", "b", "c"))]
)
def test_copy_of_a_message_comes_last(index: int, after: tuple[str, ...]) -> None:
    assert with_copy(("a", "b", "c"), index) == after


# ---- false answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "may_hide", "answers"),
    [
        (Status("X", "not_found"), True, {"failed": FAILED, "empty": EMPTY}),
        (Status("X", "found"), False, {"failed": FAILED, "empty": EMPTY}),
        (Status("X", "found"), True, {"failed": FAILED, "empty": EMPTY, "not_found": NOT_FOUND}),
        (
            Status("X", "found", "closed", (FIRST, SECOND)),
            False,
            {"failed": FAILED, "empty": EMPTY, "stale": Status("X", "found", "open", (FIRST,))},
        ),
        (
            Status("X", "found", "canceled", (FIRST,)),
            True,
            {
                "failed": FAILED,
                "empty": EMPTY,
                "stale": Status("X", "found", "open", ()),
                "not_found": NOT_FOUND,
            },
        ),
    ],
    ids=["not-there", "there-unhidden", "there", "filled", "partly-filled-and-canceled"],
)
def test_false_answers_to_a_query(truth: Status, may_hide: bool, answers: dict[str, Status]) -> None:
    assert false_answers(truth, may_hide) == answers


@pytest.mark.parametrize("truth", [Status("X", "not_found"), Status("X", "found", "closed", (FIRST, SECOND))])
def test_false_answer_is_never_the_truth(truth: Status) -> None:
    assert truth not in false_answers(truth, may_hide=True).values()


# ---- fills -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fillable", "lot", "amounts"),
    [
        (1, 1, ()),
        (2, 1, (1,)),
        (10, 1, (1, 4, 5, 6, 9)),
        (100, 1, (1, 10, 49, 50, 51, 95, 99)),
        (100, 5, (5, 10, 45, 50, 55, 95)),
        (5, 5, ()),
        (10, 5, (5,)),
        (3, 5, ()),
        (0, 1, ()),
    ],
)
def test_partial_amounts_are_one_lot_a_tenth_around_half_and_nearly_all(
    fillable: int, lot: int, amounts: tuple[int, ...]
) -> None:
    assert partial_amounts(fillable, lot) == amounts


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_partial_amounts_are_whole_lots_below_what_can_be_filled(fillable: int, lot: int) -> None:
    amounts = partial_amounts(fillable, lot)

    assert all(0 < amount < fillable and amount % lot == 0 for amount in amounts)
    assert list(amounts) == sorted(set(amounts))
