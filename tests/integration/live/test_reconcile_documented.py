"""The how-to ``reconcile``: its block makes a shell that asks people, and its table has every answer."""

from dataclasses import replace
from typing import Any, get_args

from core.reconcile_report import Answer
from tests.docs.pages import DOCS, blocks
from tests.integration.live.books import OPENING, Line, People, run
from tests.integration.live.scene import WaitingLog

PAGE = DOCS / "how-to" / "reconcile.md"


def test_shell_that_is_shown_reconciles_at_its_start() -> None:
    async def told() -> None:
        (block,) = blocks(PAGE)
        made: dict[str, Any] = {}
        exec(block.text, made)
        line, people = Line(), People()
        line.stranger("CCC", "buy", 7)
        line.shown = lambda account: replace(account, time_ns=None)
        shell = made["shell_of"](WaitingLog(OPENING), line, people)

        await shell.start()

        assert people.open == [("external_trade", "CCC +7")]
        await shell.close()

    run(told)


def test_every_answer_is_told_of() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert [each for each in get_args(Answer) if f"| {each} |" not in text] == []
    assert [each for each in ("adopt", "gone", "again") if f"| {each} |" not in text] == []
