"""A class with a config, SQLite and background tasks, on two exchanges, dies at every await there is."""

import os

import hedgecheck
from hedgecheck import faults
from tests.schedules.arbitrage import Arbitrage, Hasty, scenario

NIGHTLY = os.environ.get("HEDGECHECK_PROFILE") == "nightly"
HELD = 1 if NIGHTLY else 0  # flows that are held back beside the crash


def crashed_everywhere(bot):
    return hedgecheck.check(
        scenario(bot), exhaustive=HELD, executions=20_000, faults=faults.CRASHES, max_faults=1
    )


def test_bot_that_writes_after_sending_is_falsified():
    verdict = crashed_everywhere(Hasty)

    (found,) = verdict.counterexamples
    assert found.name in ("no_blind_resend", "one_intent_one_exposure")
    assert "dies" in found.diagram


def test_bot_that_writes_before_sending_is_clean_wherever_it_dies():
    verdict = crashed_everywhere(Arbitrage)

    assert verdict.verdict == "holds"
    (explorer,) = verdict.explorers
    assert not explorer.truncated
    assert explorer.campaign.spent["F11"] + explorer.campaign.spent["F12"] > 20


def test_token_of_a_crash_replays():
    (found,) = crashed_everywhere(Hasty).counterexamples

    again = hedgecheck.check(scenario(Hasty), token=found.token, faults=faults.CRASHES)

    assert again.counterexamples[0].diagram == found.diagram
