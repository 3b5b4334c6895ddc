"""Tokens that an earlier release printed still stand for what they stood for.

``tests/data/tokens.csv`` is only added to. A token of a format that is not read any more names the version
that reads it (``ForeignToken``, in the tests of the tape).
"""

import csv
from pathlib import Path

import pytest

from hedgecheck.runner import replayed

TOKENS = Path(__file__).parents[1] / "data" / "tokens.csv"


def saved() -> list[dict[str, str]]:
    """The rows: token, target, verdict, and the invariant that was broken."""
    with TOKENS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", saved(), ids=lambda row: row["target"].rpartition(":")[2])
def test_an_old_token_replays_as_it_did(row):
    failure = replayed(row["token"], row["target"]).failure

    assert failure is not None
    assert failure.invariant == row["invariant"]


def test_tokens_of_the_first_release_are_kept():
    assert len(saved()) >= 11
