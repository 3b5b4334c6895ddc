"""The matrix is whole and holds: every cell is run again, and so is what each canary is said to need."""

import os

import pytest

from hedgecheck import faults, invariants
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import Small, number_of
from hedgecheck.explore.shrink import shrink
from tests.canary import matrix
from tests.canary.engines import CANARIES
from tests.canary.looking import drawn_but, fuzzed, fuzzed_in, rules_but, searched, wide, without

EXECUTIONS_WITHOUT = 2_000
NIGHTLY = os.environ.get("HEDGECHECK_PROFILE") == "nightly"
SOON = 10_000 if NIGHTLY else 50  # executions of Hypothesis
BEFORE = 100  # executions before the one that finds a canary that are run by day
ROWS = matrix.read()
each_canary = pytest.mark.parametrize("name", sorted(CANARIES))


AT_NIGHT = {  # what takes longest to show, by column; fuzzing and an exhaustive search find them by day too
    "hypothesis": ("X027", "Z005"),
    "needs_fault": ("X010", "X019", "Z010"),
    "needs_invariant": ("X006", "X014", "X015", "X022", "X023", "X025", "X026", "X027"),
}


def each_with(column: str, most: int = 0) -> pytest.MarkDecorator:
    """Every canary with a cell in this column, one of ``most`` at most; the slowest at night alone."""
    slow = () if NIGHTLY else AT_NIGHT.get(column, ())
    names = [name for name, row in ROWS.items() if row[column] and name not in slow]
    return pytest.mark.parametrize(
        "name", [each for each in names if not most or int(ROWS[each][column]) <= most]
    )


def small_of(name: str) -> Small:
    small = CANARIES[name].small
    assert small is not None, f"{name} has no small scope"
    return small


def test_matrix_has_a_row_for_every_canary_that_says_what_the_canary_says():
    assert list(ROWS) == sorted(CANARIES)
    for name, row in ROWS.items():
        canary = CANARIES[name]
        assert row["defect"] == canary.defect
        assert row["invariants"].split() == list(canary.invariants)
        assert (row["needs_fault"], row["needs_invariant"]) == (canary.needs_fault, canary.needs_invariant)


NEEDED_BY_NONE = {
    "F09": "what crosses a replacement also comes of reports that are reordered",
}
SEEN_BY_OTHERS = {
    "I01": "I03 and I18 recount positions too, of an engine that says what it holds, and for whom",
    "I14": "I13 misses the trip that a price which is none calls for",
}
TOO_WIDE = ("X019",)  # its small scope has too many states with every kind of fault
# no small scope shows them, and they are too rare for Hypothesis
BY_FUZZING_ALONE = ("X014", "X021", "X026", "Z043")


def test_every_rule_is_needed_by_some_canary():
    needed = {row["needs_invariant"] for row in ROWS.values()}

    assert needed | set(SEEN_BY_OTHERS) == {rule.id for rule in invariants.ALL} | {""}


def test_every_kind_of_fault_is_needed_by_some_canary():
    needed = {row["needs_fault"] for row in ROWS.values()}

    assert needed | set(NEEDED_BY_NONE) == {fault.id for fault in faults.PURE} | {""}


@each_canary
def test_every_canary_is_found_by_fuzzing_and_by_another_explorer_and_a_blank_has_its_reason(name: str):
    row = ROWS[name]
    cells = [row["fuzz"], row["hypothesis"], row["exhaustive"]]

    assert row["fuzz"]
    assert row["hypothesis"] or row["exhaustive"] or name in BY_FUZZING_ALONE
    assert all(cells) == (not row["why_blank"])


@each_canary
def test_fuzz_finds_the_canary_in_the_execution_that_the_matrix_names(name: str):
    number = int(ROWS[name]["fuzz"])
    first = 0 if NIGHTLY else max(0, number - BEFORE)

    assert matrix.by_fuzz(name, first) == number


@each_with("hypothesis", SOON)
def test_hypothesis_finds_the_canary(name: str):
    assert matrix.by_hypothesis(name, 2 * matrix.EXAMPLES_MAX) is not None


@each_with("exhaustive")
def test_shortest_tape_is_as_long_as_the_matrix_says(name: str):
    shortest = matrix.by_search(name)

    assert f"{small_of(name).name}: {shortest}" == ROWS[name]["exhaustive"]


@each_with("exhaustive")
def test_shortest_tape_breaks_a_rule_meant_for_it(name: str):
    found = searched(CANARIES[name].factory(), scopes.draw(number_of(small_of(name)))).failure

    assert found is not None
    assert found.invariant in CANARIES[name].invariants


@each_with("exhaustive")
def test_shrinking_what_fuzzing_finds_in_the_small_scope_leaves_a_shortest_tape(name: str):
    engine, small = CANARIES[name].factory(), small_of(name)
    search = searched(engine, scopes.draw(number_of(small)))
    found = fuzzed_in(engine, small, 0, range(matrix.EXECUTIONS_MAX), search.failure)
    assert found is not None

    shrunk = shrink(engine, found.tape, found.failure)

    assert shrunk.failure.invariant == search.failure.invariant
    assert len(shrunk.tape.actions) == len(search.tape)


def long_enough(name: str) -> range:
    """Twice the executions that fuzzing needs to find it."""
    return range(max(EXECUTIONS_WITHOUT, 2 * int(ROWS[name]["fuzz"])))


@each_with("needs_fault")
def test_without_the_kind_of_fault_it_needs_the_canary_is_not_found(name: str):
    """As many strikes of all the other kinds do not show it in the small scope: a proof, where there is one
    that can be searched."""
    canary = CANARIES[name]
    if canary.small is None or name in TOO_WIDE:
        draw = drawn_but(canary.needs_fault)
        assert fuzzed(canary.factory(), 0, long_enough(name), draw=draw) is None
        return
    search = searched(canary.factory(), without(wide(canary.small), canary.needs_fault))

    assert search.verdict == "exhausted"


@each_with("needs_invariant")
def test_without_the_rule_it_needs_the_canary_is_not_found(name: str):
    canary = CANARIES[name]
    rules = rules_but(canary.needs_invariant)
    if canary.small is None:
        assert fuzzed(canary.factory(), 0, long_enough(name), rules) is None
        return
    search = searched(canary.factory(), scopes.draw(number_of(canary.small)), rules)

    assert search.verdict == "exhausted"
