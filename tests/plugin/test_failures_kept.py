"""Failures of earlier runs: tried first, dropped, and never in the way; also under Hypothesis's given."""

import pytest

from tests.plugin.runs import BROKEN, HEADLINE, HOLDS, MENDED, command_in, run, store_of, token_in

pytest_plugins = ["pytester"]


def test_failure_is_kept_tried_first_and_dropped_once_it_passes(project, budgets):
    test = project.makepyfile(test_bots=BROKEN)
    token = token_in(run(project)[0])
    (kept,) = store_of(project)
    assert token in kept.read_text().split()

    budgets.clear()
    said, code = run(project)
    assert code == 1
    assert [given for given, _ in budgets] == [token]  # and no search
    assert "Execution 1 of 1." in said

    test.write_text(MENDED)
    budgets.clear()
    said, code = run(project, "-W", "error")
    assert code == 0, said
    assert [given for given, _ in budgets] == [token, None]
    assert store_of(project) == []


def test_kept_token_that_no_longer_fits_is_dropped_with_a_warning(project):
    project.makepyfile(test_bots=BROKEN)
    token = token_in(run(project)[0])
    (kept,) = store_of(project)
    foreign = "hc9" + token.removeprefix("hc1")
    kept.write_text(f"{foreign}\nhc1-AAAA\nwhat is this\n{token}\n")
    (project.path / "test_bots.py").write_text(HOLDS.replace("test_fixtures", "test_bot"))

    said, code = run(project, "-k", "test_bot and not method", "-rw")

    assert code == 0, said
    assert "1 line that are no token" in said
    for each in (foreign, "hc1-AAAA", token):
        assert said.count(f"stored {each} is dropped:") == 1
    assert "diverged at choice" in said
    assert store_of(project) == []


@pytest.mark.parametrize("arguments", [["--hedgecheck-profile=ci"], ["--hedgecheck-profile=mutation"]])
def test_repeatable_profiles_keep_nothing_and_try_nothing_kept(project, budgets, arguments):
    project.makepyfile(test_bots=BROKEN)
    assert run(project, *arguments)[1] == 1
    assert store_of(project) == []

    run(project)
    (kept,) = store_of(project)
    before = kept.read_bytes()
    budgets.clear()
    said, _ = run(project, *arguments)

    assert [token for token, _ in budgets] == [None]
    assert "search:" not in said
    assert kept.read_bytes() == before


def test_folder_that_cannot_be_written_is_a_warning_and_the_failure_is_told(project):
    project.makepyfile(test_bots=BROKEN)
    (project.path / ".hypothesis").write_text("not a folder")

    said, code = run(project)
    strict, _ = run(project, "-W", "error::UserWarning")

    assert code == 1
    assert "the failures of test_bots.py::test_bot cannot be stored" in said
    assert "1 failed, 1 warning" in said
    assert HEADLINE in strict.partition("short test summary info")[2]


def test_replay_performs_one_execution_and_leaves_what_is_kept(project, budgets):
    pinned = BROKEN.replace("@hedgecheck.verify", '@hedgecheck.example("hc1-x")\n@hedgecheck.verify')
    project.makepyfile(test_bots=BROKEN)
    first, _ = run(project)
    (kept,) = store_of(project)
    kept.write_text("hc1-AAAA\n")
    (project.path / "test_bots.py").write_text(pinned)
    budgets.clear()

    _, code = run(project, *command_in(first, "replay"))

    assert code == 1
    assert [token for token, _ in budgets] == [token_in(first)]
    assert kept.read_text() == "hc1-AAAA\n"


DRAWN = """
import ccxt, hedgecheck
from hypothesis import given, strategies

@given(amount=strategies.sampled_from([1, 3]))
@hedgecheck.verify(executions=60, faults=hedgecheck.faults.response_lost)
async def test_drawn(sim, amount):
    exchange = sim.exchange()
    sim.always(lambda ledger: amount == 1 or len(ledger.orders) < 2)
    if amount == 1:
        await exchange.fetch_balance()
    for _ in range(2):
        try:
            return await exchange.create_order("BTC/USDT", "market", "buy", amount)
        except ccxt.NetworkError:
            continue
"""


def test_failure_under_given_is_told_kept_replayed_and_dropped(project):
    test = project.makepyfile(test_bots=DRAWN)
    first, code = run(project)
    assert code == 1
    assert "amount=3" in first
    (kept,) = store_of(project)
    assert token_in(first) in kept.read_text()

    said, code = run(project, *command_in(first, "replay"), "--hedgecheck-profile=ci")
    assert code == 1
    assert "Falsified" in said
    assert "Diverged" not in said  # though it does not fit what the other example does

    test.write_text(DRAWN.replace("range(2)", "range(1)"))
    said, code = run(project, "-W", "error")
    assert code == 0, said
    assert store_of(project) == []
    test.write_text(DRAWN.replace("amount == 1:", "amount:"))
    said, code = run(project, *command_in(first, "replay"))
    assert code == 1
    assert "Diverged: diverged at choice" in said
