"""One token, one trace: in one process, in others, under any hash seed; or the word that it is another."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hedgecheck
from hedgecheck.errors import Diverged, ForeignToken, MalformedToken, TokenError, TruncatedToken, UsageError
from hedgecheck.simulate.tokens import MODEL, PROFILE_SHIFT, PROFILES
from hedgecheck.tape import Deviation, Schedule, Tape, read_token, token_of, token_of_schedule
from tests.schedules.engines.broken import blind_retry
from tests.schedules.performing import anything
from tests.schedules.replaying import PROGRAMS, backwards, traces

ROOT = Path(__file__).parents[2]


async def backwards_changed(sim):
    """The same after somebody put a query beside everything."""
    await asyncio.gather(sim.exchange().fetch_balance(), backwards(sim))


async def backwards_shortened(sim):
    """The same after somebody took the orders out."""
    sim.always(anything)


TOKENS: dict[str, str] = {}


def found(name):
    """The token of the program's failure."""
    if name not in TOKENS:
        program, plan = PROGRAMS[name]
        verdict = hedgecheck.check(program, faults=plan, seed=1)
        assert verdict.counterexamples, verdict.unknown_because
        TOKENS[name] = verdict.counterexamples[0].token
    return TOKENS[name]


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("chancy", 1000),
        ("backwards", 1000),
        ("blind_retry", 1000),
        ("starvation", 50),
        ("double_booking", 100),
    ],
)
def test_a_thousand_replays_of_a_token_give_one_trace(name: str, times: int) -> None:
    assert len(set(traces(name, found(name), times))) == 1


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_another_process_gives_the_same_traces_whatever_its_hash_seed(hash_seed: str) -> None:
    here = {f"{name}={found(name)}": traces(name, found(name), 2) for name in PROGRAMS}

    done = subprocess.run(
        [sys.executable, "-m", "tests.schedules.replaying", *here],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        timeout=120,
        check=False,
    )

    assert done.stderr == ""
    assert {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()} == here


def test_the_search_finds_the_same_token_again() -> None:
    program, plan = PROGRAMS["double_booking"]

    tokens = {
        each.token
        for _ in range(3)
        for each in hedgecheck.check(program, faults=plan, seed=1).counterexamples
    }

    assert tokens == {found("double_booking")}


def test_a_replayed_token_gives_the_verdict_it_was_printed_with() -> None:
    first = hedgecheck.check(backwards, faults=None)
    token = first.counterexamples[0].token

    again = hedgecheck.check(backwards, faults=None, token=token)

    assert again.verdict == "broken"
    assert [(each.token, each.diagram, each.why) for each in again.counterexamples] == [
        (token, first.counterexamples[0].diagram, first.counterexamples[0].why)
    ]


# ---- damaged tokens ----------------------------------------------------------------------------------------

GOOD = token_of_schedule(Schedule(MODEL, 0, (Deviation(3, 0, 1, 0xABCD), Deviation(9, 1, 2, 0x1234))))


def refused(token):
    """The class of the error that a replay of the token is."""
    with pytest.raises((TokenError, UsageError)) as caught:
        hedgecheck.check(backwards, faults=None, token=token)
    return caught.type


@pytest.mark.parametrize("place", range(4, len(GOOD)))
def test_a_token_with_a_wrong_character_is_refused(place: int) -> None:
    other = "A" if GOOD[place] != "A" else "B"

    assert issubclass(refused(GOOD[:place] + other + GOOD[place + 1 :]), TokenError)


@pytest.mark.parametrize("length", range(5, len(GOOD)))
def test_a_token_that_ends_too_early_is_refused(length: int) -> None:
    assert issubclass(refused(GOOD[:length]), TokenError)


def test_a_token_without_its_last_characters_is_called_truncated() -> None:
    assert refused(GOOD[:-3]) is TruncatedToken


@pytest.mark.parametrize("text", ["", "hc1-", "hc1", "no token", GOOD + "!", GOOD.replace("hc1-", "")])
def test_what_is_no_token_is_called_malformed_or_truncated(text: str) -> None:
    assert refused(text) in (MalformedToken, TruncatedToken)


def test_a_token_of_another_format_or_model_is_called_foreign() -> None:
    assert refused(GOOD.replace("hc1-", "hc2-")) is ForeignToken
    assert refused(token_of_schedule(Schedule(MODEL + 1, 0, ()))) is ForeignToken


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="eager tasks came with Python 3.12")
def test_a_token_of_eager_tasks_is_refused_where_there_are_none() -> None:
    token = token_of_schedule(Schedule(MODEL, PROFILES.index("eager") << PROFILE_SHIFT, ()))

    with pytest.raises(UsageError, match=r"Python 3\.12"):
        hedgecheck.check(backwards, token=token)


def test_spaces_around_a_token_do_not_matter() -> None:
    token = found("backwards")

    assert hedgecheck.check(backwards, faults=None, token=f" {token}\n").verdict == "broken"


# ---- tokens of something else ------------------------------------------------------------------------------


def test_a_token_whose_test_has_changed_says_at_which_choice() -> None:
    token = found("backwards")
    first = read_token(token).deviations[0].index

    with pytest.raises(Diverged) as caught:
        hedgecheck.check(backwards_changed, faults=None, token=token)

    assert str(caught.value).startswith(f"diverged at choice {first}: expected ")
    assert ", got holding back " in str(caught.value)


def test_a_token_whose_test_ends_too_early_says_so() -> None:
    token = found("backwards")
    first = read_token(token).deviations[0].index

    with pytest.raises(Diverged) as caught:
        hedgecheck.check(backwards_shortened, faults=None, token=token)

    assert str(caught.value).startswith(f"diverged at choice {first}: expected ")
    assert "got the end of the execution after 0 choices" in str(caught.value)


def test_a_token_whose_fault_is_no_longer_allowed_has_diverged() -> None:
    with pytest.raises(Diverged, match="diverged at choice"):
        hedgecheck.check(blind_retry.scenario, faults=None, token=found("blind_retry"))


def test_a_token_whose_bot_was_mended_holds() -> None:
    token = token_of_schedule(Schedule(MODEL, 0, ()))

    assert hedgecheck.check(backwards, faults=None, token=token).verdict == "holds"


def test_a_token_of_the_pure_world_is_refused_and_says_what_replays_it() -> None:
    token = token_of(Tape(0, ()))

    with pytest.raises(UsageError, match=f"hedgecheck replay {token}"):
        hedgecheck.check(backwards, token=token)


def test_a_token_of_a_schedule_is_refused_by_the_replay_of_the_pure_world() -> None:
    token = found("backwards")

    done = subprocess.run(
        [sys.executable, "-m", "hedgecheck", "replay", token],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "300"},
        timeout=120,
        check=False,
    )

    assert done.returncode not in (0, 1)
    assert f"pytest --hedgecheck-replay {token}" in done.stdout + done.stderr
