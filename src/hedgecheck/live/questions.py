"""Questions to people, beside the events: asked by whatever cannot decide by itself, answered from anywhere.

They are no events: an answer changes nothing before whoever asked has made events of it. Any process may
write them at any time, while another writes events.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hedgecheck.errors import UsageError
from hedgecheck.live.databases import database
from hedgecheck.live.rows import demand_there, standing, translated
from hedgecheck.live.store import Clock
from hedgecheck.live.tables import IS_OPEN, QUESTIONS
from hedgecheck.values import frozen

IS_ANSWERED = QUESTIONS.c.answer.is_not(None)


ANSWERS = {
    "adopt": "what is there is ours: it is booked",
    "gone": "it was closed outside: it is booked as gone",
    "again": "look again",
}


@frozen
class Question:
    """What is asked: the kind of thing, which of them, all that a person needs to know of it, and when. With
    its answer, who gave it, and when it was acted on, where that has come."""

    id: int
    kind: str
    subject: str
    details: str
    asked_ns: int
    answer: str | None = None
    answered_by: str | None = None
    answered_ns: int | None = None
    settled_ns: int | None = None


class Questions:
    """The questions of a store. Raises ``StoreMissing``, ``StoreBusy``, ``StoreUnavailable``."""

    def __init__(self, address: str, clock: Clock = time.time_ns) -> None:
        self._base = database(address)
        self._clock = clock
        demand_there(self._base)
        with translated(self._base), self._base.engine.connect() as connection:
            standing(self._base, connection)

    def ask(self, kind: str, subject: str, details: str) -> int:
        """Asks, and returns the question's id; the same while one of that kind and subject is not settled."""
        while True:
            found = self._open_id(kind, subject)
            if found is not None:
                return found
            self._insert(kind, subject, details)

    def open_questions(self) -> tuple[Question, ...]:
        """Those that wait for an answer, oldest first."""
        return tuple([Question(*each) for each in self._selected(IS_OPEN, ~IS_ANSWERED)])

    def all_questions(self) -> tuple[Question, ...]:
        """Every one that was ever asked, oldest first."""
        return tuple([Question(*each) for each in self._selected()])

    def asked(self) -> list[tuple[int, str]]:
        """Those that are not settled: id and subject, oldest first."""
        return [(each.id, each.subject) for each in self._selected(IS_OPEN)]

    def answered(self) -> list[tuple[int, str, str, str]]:
        """Those that wait for somebody to act on their answer: id, kind, subject, answer; oldest first."""
        found = self._selected(IS_OPEN, IS_ANSWERED)
        return [(each.id, each.kind, each.subject, each.answer) for each in found]

    def answer(self, id: int, answer: str, by: str) -> None:
        """Answers an open question by one of ``ANSWERS``. Raises ``UsageError`` for another, and where there
        is no such question."""
        if answer not in ANSWERS:
            meant = "; ".join([f"{each}, {meaning}" for each, meaning in ANSWERS.items()])
            raise UsageError(f"{answer!r} is no answer. Answer {meant}.")
        given = {"answer": answer, "answered_by": by, "answered_ns": self._clock()}
        with translated(self._base), self._base.engine.begin() as connection:
            changed = update(QUESTIONS).where(QUESTIONS.c.id == id, IS_OPEN, ~IS_ANSWERED).values(**given)
            if connection.execute(changed).rowcount == 1:
                return
            found = connection.execute(select(QUESTIONS).where(QUESTIONS.c.id == id)).one_or_none()
        if found is None:
            raise UsageError(f"There is no question {id} at {self._base.shown}. List them: store questions.")
        if found.answer is None:
            raise UsageError(f"Question {id} has settled itself: what it was about is not there any more.")
        raise UsageError(f"Question {id} was answered by {found.answered_by} already: {found.answer}")

    def settle(self, id: int) -> None:
        """It was acted on, or is of no account any more: it is open no longer."""
        with translated(self._base), self._base.engine.begin() as connection:
            settled = update(QUESTIONS).where(QUESTIONS.c.id == id, IS_OPEN)
            connection.execute(settled.values(settled_ns=self._clock()))

    def close(self) -> None:
        """Hangs up."""
        self._base.close()

    def __enter__(self) -> "Questions":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_id(self, kind: str, subject: str) -> int | None:
        same = (QUESTIONS.c.kind == kind, QUESTIONS.c.subject == subject, IS_OPEN)
        with translated(self._base), self._base.engine.connect() as connection:
            return connection.execute(select(QUESTIONS.c.id).where(*same)).scalar_one_or_none()

    def _insert(self, kind: str, subject: str, details: str) -> None:
        """Asks, unless somebody else was quicker."""
        free = select(func.coalesce(func.max(QUESTIONS.c.id), 0) + 1).scalar_subquery()
        asked = {"kind": kind, "subject": subject, "details": details, "asked_ns": self._clock()}
        with translated(self._base), suppress(IntegrityError), self._base.engine.begin() as connection:
            connection.execute(insert(QUESTIONS).values(id=free, **asked))

    def _selected(self, *conditions: ColumnElement[bool]) -> Sequence[Any]:
        with translated(self._base), self._base.engine.connect() as connection:
            return connection.execute(select(QUESTIONS).where(*conditions).order_by(QUESTIONS.c.id)).all()
