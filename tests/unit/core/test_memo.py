"""A function that remembers its last answer: it never answers otherwise than the function itself."""

from core.memo import latest


def counting():
    """A function that notes each call, and its notes."""
    calls = []

    @latest
    def joined(one, other):
        calls.append((one, other))
        return [*one, *other]

    return joined, calls


def test_same_objects_are_not_asked_about_twice():
    joined, calls = counting()
    one, other = [1], [2]

    assert joined(one, other) is joined(one, other)
    assert calls == [([1], [2])]


def test_equal_objects_are_asked_about_anew():
    joined, calls = counting()
    one = [1]

    assert (joined(one, [2]), joined(one, [2]), joined([1], [2])) == ([1, 2], [1, 2], [1, 2])
    assert len(calls) == 3


def test_only_the_last_answer_is_kept():
    joined, calls = counting()
    one, other = [1], [2]

    found = [joined(one, other), joined(other, one), joined(one, other)]

    assert found == [[1, 2], [2, 1], [1, 2]]
    assert len(calls) == 3


def test_nothing_is_an_answer_too():
    calls = []
    noting = latest(calls.append)
    same = [1]

    noting(same)
    noting(same)

    assert calls == [[1]]


def test_functions_remember_apart():
    same = [3]

    assert latest(len)(same) == 1
    assert latest(sum)(same) == 3
