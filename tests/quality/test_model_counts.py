"""The pinned counts of the small scopes: a change of the core that changes one is seen here."""

import pytest

from hedgecheck.runner import SMALL_SCOPES
from specs.models import LARGE_SCOPES, counted, pinned


@pytest.mark.parametrize("small", SMALL_SCOPES, ids=lambda small: small.name)
def test_a_small_scope_is_exhausted_with_its_pinned_counts(small):
    row, _ = counted(small)

    assert row == pinned()[small.name]
    assert row.verdict == "exhausted"


def test_every_scope_that_is_searched_is_pinned_and_nothing_else():
    assert sorted(pinned()) == sorted(small.name for small in (*SMALL_SCOPES, *LARGE_SCOPES))
