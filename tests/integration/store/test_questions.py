"""Questions to people: each asked once, answered once, by whichever process."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.settings import Instrument, Settings
from core.units import Money
from hedgecheck.errors import StoreMissing, UsageError
from hedgecheck.live import EventStore, Opening, Questions
from hedgecheck.live.questions import ANSWERS, Question

OPENING = Opening(Settings((Instrument("AAA"),)), Money(1_000))


@pytest.fixture
def asked(address: str) -> Iterator[Questions]:
    """The questions of a new store, to which another process writes meanwhile."""
    times = iter(range(100, 1_000, 100))
    with EventStore.create(address, OPENING), Questions(address, lambda: next(times)) as found:
        yield found


def test_question_is_open_until_it_is_answered(asked: Questions) -> None:
    first = asked.ask("position", "AAA", "12 lots that nobody ordered")
    second = asked.ask("position", "BBB", "3 lots too few")
    one = Question(first, "position", "AAA", "12 lots that nobody ordered", 100)
    other = Question(second, "position", "BBB", "3 lots too few", 200)
    assert asked.open_questions() == (one, other)

    asked.answer(first, "adopt", "ann")

    assert asked.open_questions() == (other,)
    assert asked.answered() == [(first, "position", "AAA", "adopt")]

    asked.settle(first)

    assert asked.answered() == []
    acted_on = replace(one, answer="adopt", answered_by="ann", answered_ns=300, settled_ns=400)
    assert asked.all_questions() == (acted_on, other)


def test_same_question_is_asked_once_until_it_is_settled(asked: Questions) -> None:
    first = asked.ask("position", "AAA", "12 lots")
    assert asked.ask("position", "AAA", "13 lots") == first
    assert asked.ask("balance", "AAA", "") != first
    assert [each.details for each in asked.open_questions()] == ["12 lots", ""]

    asked.answer(first, "adopt", "ann")
    assert asked.ask("position", "AAA", "14 lots") == first
    asked.settle(first)

    assert asked.ask("position", "AAA", "14 lots") > first


def test_question_is_answered_once(asked: Questions) -> None:
    question = asked.ask("position", "AAA", "12 lots")
    asked.answer(question, "adopt", "ann")

    with pytest.raises(UsageError, match=r"was answered by ann already: adopt"):
        asked.answer(question, "gone", "bob")
    with pytest.raises(UsageError, match="There is no question 77"):
        asked.answer(77, "gone", "bob")
    assert [answer for _, _, _, answer in asked.answered()] == ["adopt"]


def test_question_whose_cause_is_gone_needs_no_answer(asked: Questions) -> None:
    question = asked.ask("position", "AAA", "12 lots")
    asked.settle(question)

    assert asked.open_questions() == ()
    with pytest.raises(UsageError, match=f"Question {question} has settled itself"):
        asked.answer(question, "gone", "bob")


def test_what_is_no_answer_is_refused_with_those_there_are(asked: Questions) -> None:
    question = asked.ask("position", "AAA", "12 lots")

    with pytest.raises(UsageError, match=r"'close' is no answer. Answer adopt, .*; gone, .*; again"):
        asked.answer(question, "close", "bob")
    assert set(ANSWERS) == {"adopt", "gone", "again"}


ASK = """
import sys
from hedgecheck.live import Questions
with Questions(sys.argv[1]) as asked:
    for number in range(20):
        print(asked.ask("position", f"S{number}", "?"))
"""


def test_processes_that_ask_the_same_at_once_get_the_same_answer(address: str) -> None:
    with EventStore.create(address, OPENING):
        command = [sys.executable, "-c", ASK, address]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [each.communicate(timeout=120)[0].split() for each in both]

        assert said[0] == said[1]
        assert len(set(said[0])) == 20
        with Questions(address) as asked:
            assert len(asked.open_questions()) == 20


def test_there_are_no_questions_without_a_store(address: str) -> None:
    with pytest.raises(StoreMissing, match="no event store at"):
        Questions(address)
