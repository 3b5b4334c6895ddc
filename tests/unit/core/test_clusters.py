"""Clusters: what is linked, directly or through others, and what is not known counts as linked."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clusters import clusters
from core.settings import Correlation, Instrument


def of(symbols, *known, threshold=7_000):
    """The clusters of these one-letter symbols, as words, with these correlations known."""
    correlations = tuple(Correlation(pair[0], pair[1], value) for pair, value in known)
    named = clusters(tuple(map(Instrument, symbols)), correlations, threshold)
    assert named == tuple(sorted(named))
    words = {}
    for symbol, name in named:
        words[name] = words.get(name, "") + symbol
    assert all(name == word[0] for name, word in words.items())
    return list(words.values())


def test_symbols_of_which_nothing_is_known_are_one_cluster():
    assert of("ABCD") == ["ABCD"]


def test_there_are_no_clusters_of_nothing():
    assert clusters((), (), 7_000) == ()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (10_000, ["AB"]),
        (7_000, ["AB"]),
        (6_999, ["A", "B"]),
        (0, ["A", "B"]),
        (-6_999, ["A", "B"]),
        (-7_000, ["AB"]),
    ],
)
def test_correlation_links_from_the_threshold_on_whichever_its_sign(value, found):
    assert of("AB", ("AB", value)) == found


def test_link_through_others_is_a_link():
    apart = [("AC", 0), ("AD", 0), ("BD", 0)]

    assert of("ABCD", *apart) == ["ABCD"]
    assert of("ABCD", *apart, ("BC", 0)) == ["AB", "CD"]
    assert of("ABCD", *apart, ("BC", 0), ("AB", 0), ("CD", 0)) == ["A", "B", "C", "D"]


def test_cluster_is_found_whatever_lies_between():
    assert of("ABCD", ("AB", 0), ("BC", 0), ("AD", 0), ("CD", 0)) == ["AC", "BD"]


@given(st.data())
def test_clusters_are_what_a_walk_over_all_links_reaches(data):
    symbols = "ABCDEF"[: data.draw(st.integers(1, 6))]
    known = {
        pair: data.draw(st.sampled_from([-9_000, -100, 0, 6_999, 7_000]))
        for pair in combinations(symbols, 2)
        if data.draw(st.integers(0, 3))
    }
    links = {(a, b) for a, b in combinations(symbols, 2) if abs(known.get((a, b), 10_000)) >= 7_000}
    links |= {(b, a) for a, b in links} | {(a, a) for a in symbols}
    for _ in symbols:
        links |= {(a, d) for a, b in links for c, d in links if b == c}

    found = of(symbols, *(("".join(pair), value) for pair, value in known.items()))

    assert found == sorted({"".join(b for b in symbols if (a, b) in links) for a in symbols})
