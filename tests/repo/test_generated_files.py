"""What is made from the code is as the code is now."""

import csv

import pytest

from specs.generate import GENERATED, ROOT, covered


@pytest.mark.parametrize("path", sorted(GENERATED))
def test_generated_file_is_fresh(path: str):
    assert (ROOT / path).read_text(encoding="utf-8") == GENERATED[path](), "run: python -m specs"


def test_every_covered_id_is_a_requirement():
    with (ROOT / "specs" / "requirements.csv").open(newline="", encoding="utf-8") as file:
        known = {row["id"] for row in csv.DictReader(file)}

    assert {requirement for requirement, _ in covered()} <= known


def test_every_row_of_the_trace_names_a_test_that_is_marked_and_every_mark_has_its_row():
    with (ROOT / "specs" / "trace.csv").open(newline="", encoding="utf-8") as file:
        rows = {(row["id"], row["test"]) for row in csv.DictReader(file)}

    assert rows == set(covered())
