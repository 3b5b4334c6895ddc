"""What a trade is to hold of each leg, as things stand."""

from dataclasses import replace

import pytest

from core.plan import kept_lots
from core.trade import Trade
from tests.unit.core.build import ENTRY, filled, opened


def kept(trade: Trade) -> tuple[int, int]:
    """Lots of leg A and of leg B that it is to hold."""
    return kept_lots(trade, trade.leg_a), kept_lots(trade, trade.leg_b)


def test_while_it_is_opened_leg_a_is_kept_as_planned_and_leg_b_as_far_as_it_hedges():
    assert kept(opened(filled(ENTRY, 600), planned_b=500)) == (1_000, 300)


@pytest.mark.parametrize("phase", ["ended", "held"])
def test_once_its_call_has_returned_each_leg_keeps_what_it_ended_with(phase: str):
    assert kept(replace(opened(), phase=phase, kept_a=7, kept_b=3)) == (7, 3)


@pytest.mark.parametrize("phase", ["flatten", "exit", "closed"])
def test_what_is_left_keeps_nothing(phase: str):
    assert kept(replace(opened(filled(ENTRY, 600)), phase=phase, kept_a=7, kept_b=3)) == (0, 0)
