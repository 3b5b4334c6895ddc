"""What the tutorial and the how-tos show is what happens, block by block."""

import tomllib
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, as_test, blocks, is_in, run, session

# Pages whose blocks need more of a user's project than a module, and the tests that run them.
ELSEWHERE = {
    "check-your-breaker": "tests/unit/kit/test_machines_documented.py",
    "check-your-order-state": "tests/unit/kit/test_machines_documented.py",
    "check-your-risk-gate": "tests/unit/kit/test_machines_documented.py",
    "compare-two-runs": "tests/schedules/test_comparing_documented.py",
    "reconcile": "tests/integration/live/test_reconcile_documented.py",
}
EVERY = sorted([*(DOCS / "tutorial").glob("*.md"), *(DOCS / "how-to").glob("*.md")])
PAGES = [each for each in EVERY if each.stem not in ELSEWHERE]
FEW = {"verify-your-bot": "--hedgecheck-executions 40 ", "begin": "--hedgecheck-executions 40 "}
HELP = Path(__file__).parent / "help"  # what the tests of a page import, as bot.py


def names(pages):
    return [f"{each.parent.name}/{each.stem}" for each in pages]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_block_of_the_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    help_file = HELP / f"{page.stem.replace('-', '_')}.py"
    if help_file.exists():
        (tmp_path / "bot.py").write_text(help_file.read_text(encoding="utf-8"), encoding="utf-8")
    tests = []
    for block in blocks(page):
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
        elif block.kind == "python":
            tests.append(f"test_line_{block.line}.py")
            (tmp_path / tests[-1]).write_text(as_test(block, helped=help_file.exists()), encoding="utf-8")
        elif block.kind == "console":
            for command, expected in session(block.text):
                printed = run(tmp_path, command)
                assert is_in(expected, printed), f"{page.name}:{block.line}: $ {command}\n{printed}"
        elif block.kind == "toml":
            tomllib.loads(block.text)
        else:
            assert block.kind in ("", "sh", "ini"), f"{page.name}:{block.line} is of no kind that is run"
    if tests:
        printed = run(tmp_path, f"pytest -q {FEW.get(page.stem, '')}{' '.join(tests)}")
        assert f"{len(tests)} passed" in printed, printed


def test_page_that_is_run_elsewhere_is_read_there() -> None:
    texts = {page: (DOCS.parent / test).read_text(encoding="utf-8") for page, test in ELSEWHERE.items()}

    assert [page for page, text in texts.items() if page not in text] == []


@pytest.mark.parametrize(
    ("expected", "printed", "found"),
    [
        ("a\nb", "x\na\nb\n", True),
        ("a\nb", "a\nx\nb\n", False),
        ("a\n...\nb", "a\nx\ny\nb\n", True),
        ("a ... c", "a b c  \n", True),
        ("a ... c", "a b\nc\n", False),
        ("a", "ba\n", False),
    ],
)
def test_what_is_printed_is_compared_line_by_line(expected: str, printed: str, found: bool) -> None:
    assert is_in(expected, printed) is found
