"""The contracts hold as pinned, each twin is refuted, and a wrong contract would be seen.

All run here but those that ``prove.SLOW_FAMILIES`` marks: ``python -m specs.contracts --check`` runs
these too.
"""

import ast
from pathlib import Path

import pytest

from specs.contracts.prove import (
    Answer,
    Contract,
    answered_all,
    contracts,
    differences,
    pinned,
    read,
    wrong,
)

PLANTED = """
from core import units


def check_rounding(amount: int, fraction: int) -> None:
    assert fraction >= 0
    result = units.share(amount, fraction)
    assert result * 10_000 {claimed} amount * fraction


def twin_rounding(amount: int, fraction: int) -> None:
    assert fraction >= 0
    result = units.share(amount, fraction)
    assert result * 10_000 > amount * fraction + 5


def check_nothing(amount: int) -> None:
    assert amount > 5 and amount < 3
    result = units.share(amount, 1)
    assert result == 77


def twin_nothing(amount: int) -> None:
    assert amount > 5 and amount < 3
    result = units.share(amount, 1)
    assert result == 78
"""


def parts(contract: Contract, kind: str) -> list[ast.stmt]:
    """The statements of the check or the twin, without the docstring."""
    tree = ast.parse(contract.path.read_text(encoding="utf-8"))
    name = f"{kind}_{contract.name}"
    (found,) = (each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name)
    assert ast.get_docstring(found), name
    return [found.args, *found.body[1:]]


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.label)
def test_twin_differs_from_its_contract_in_the_last_assert_alone(contract: Contract):
    check, twin = parts(contract, "check"), parts(contract, "twin")

    assert [ast.dump(each) for each in check[:-1]] == [ast.dump(each) for each in twin[:-1]]
    assert ast.dump(check[-1]) != ast.dump(twin[-1])


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.label)
def test_contract_is_one_assert_before_and_one_after(contract: Contract):
    _, before, *done, after = parts(contract, "check")

    assert isinstance(before, ast.Assert)
    assert isinstance(after, ast.Assert)
    assert done
    assert not any(isinstance(each, ast.Assert | ast.Return) for each in done)


def test_every_pinned_row_is_a_contract_and_every_contract_is_pinned():
    assert sorted(pinned()) == sorted(each.label for each in contracts())


def test_no_twin_is_without_a_contract():
    folder = contracts()[0].path.parent
    bare = [
        each.name
        for path in sorted(folder.glob("*.py"))
        for each in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(each, ast.FunctionDef) and each.name.startswith("twin_")
        if f"def check_{each.name.removeprefix('twin_')}(" not in path.read_text(encoding="utf-8")
    ]

    assert bare == []


def test_every_contract_that_is_not_slow_stands_as_pinned_and_its_twin_is_refuted():
    chosen = [each for each in contracts() if not each.is_slow]
    known = {each.label: pinned()[each.label] for each in chosen}

    answers = list(answered_all(chosen))

    assert wrong(answers) == []
    assert differences(answers, known) == []


def test_only_contracts_that_are_not_confirmed_are_slow():
    assert {pinned()[each.label] for each in contracts() if each.is_slow} == {"not confirmed"}


def planted(folder: Path, claimed: str) -> dict[str, Answer]:
    path = folder / f"planted_{'wrong' if claimed == '==' else 'right'}.py"
    path.write_text(PLANTED.format(claimed=claimed), encoding="utf-8")
    return {each.contract.name: each for each in answered_all(contracts([path], folder), 1)}


def test_planted_wrong_contract_is_refuted_with_a_counterexample(tmp_path: Path):
    answer = planted(tmp_path, "==")["rounding"]

    assert answer.status == "refuted"
    assert "when calling check_rounding(" in answer.text
    assert wrong([answer])[0].startswith("planted_wrong.rounding: refuted")


def test_contract_that_takes_no_argument_is_confirmed_but_its_twin_gives_it_away(tmp_path: Path):
    answers = planted(tmp_path, "<=")

    assert (answers["nothing"].status, answers["nothing"].twin_refuted) == ("confirmed", False)
    assert wrong([answers["nothing"]]) == [
        "planted_right.nothing: its twin is not refuted, so this proves nothing"
    ]
    assert answers["rounding"].status == "confirmed"


@pytest.mark.parametrize(
    ("output", "status", "twin_refuted"),
    [
        ("x.py:5: info: Confirmed over all paths.\nx.py:9: info: Not confirmed.\n", "confirmed", False),
        ("x.py:5: info: Not confirmed.\n", "not confirmed", False),
        ("x.py:6: error: AssertionError:  when calling twin_a(1)\n", "no answer", True),
        ("other.py:6: error: ValueError:  when calling check_a(1)\n", "refuted", False),
        ("", "no answer", False),
    ],
)
def test_what_crosshair_prints_is_read_as_no_more_than_it_says(output, status, twin_refuted):
    contract = Contract(Path(), Path("x.py"), "a", (("check_a", 5, 8), ("twin_a", 9, 12)))

    answer = read(contract, output)

    assert (answer.status, answer.twin_refuted) == (status, twin_refuted)
