"""Rebalancing over random portfolios: value is kept, targets are reached, no limit is broken on the way."""

import os
from dataclasses import replace

import pytest

from core import portfolio_rebalancing
from tests.quality.rebalancing import first_wrong

NIGHTLY = os.environ.get("HEDGECHECK_PROFILE") == "nightly"
PORTFOLIOS = 1_000_000 if NIGHTLY else 5_000
RIGHT = portfolio_rebalancing.released


@pytest.mark.covers("MS-05", "MS-08")
def test_value_is_kept_targets_are_reached_and_no_limit_is_broken_on_the_way():
    assert first_wrong(PORTFOLIOS, seed=0) == ""


def all_at_once(capitals, owed):
    """Capital moves whether it is in use or not."""
    return RIGHT(tuple(replace(each, needed=0) for each in capitals), owed)


def nothing_follows(capitals, owed):
    """What cannot move at once is forgotten."""
    return RIGHT(capitals, owed)[0], ()


def a_unit_more(capitals, owed):
    """One unit is made on the way."""
    moved, still = RIGHT(capitals, owed)
    return tuple(replace(each, amount=each.amount + 1) for each in moved), still


def a_unit_kept(capitals, owed):
    """Everybody keeps one unit more than is needed."""
    return RIGHT(tuple(replace(each, needed=each.needed + 1) for each in capitals), owed)


@pytest.mark.parametrize("wrong", [all_at_once, nothing_follows, a_unit_more, a_unit_kept])
def test_rebalancing_that_is_wrong_is_found(wrong, monkeypatch):
    monkeypatch.setattr(portfolio_rebalancing, "released", wrong)

    assert first_wrong(1_000, seed=0) != ""
