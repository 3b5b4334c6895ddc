"""One token, one trace: again, in another process, and whatever the hash seed is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis.internal.conjecture import providers

from hedgecheck.drive import bundled_core
from hedgecheck.explore.fuzz import Campaign, Fuzz
from hedgecheck.explore.replay import replay
from hedgecheck.explore.scopes import draw
from hedgecheck.tape import token_of
from hedgecheck.world import Universe
from tests.canary.engines import z001

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = """
import json
from hedgecheck.drive import bundled_core
from hedgecheck.explore.fuzz import Campaign, Fuzz
fuzz = Fuzz(bundled_core(), 7)
tapes = [repr(fuzz.run(number, Campaign())) for number in range(40)]
print(json.dumps(tapes))
"""


def in_new_process(arguments: list[str], hash_seed: int) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return finished.stdout


def test_one_execution_is_the_same_a_thousand_times():
    fuzz = Fuzz(bundled_core(), 3)

    outcomes = {repr(fuzz.run(5, Campaign())) for _ in range(1_000)}

    assert len(outcomes) == 1


@pytest.mark.parametrize("hash_seed", [0, 1, 4242])
def test_fuzz_draws_the_same_executions_in_a_new_process_under_any_hash_seed(hash_seed: int):
    fuzz = Fuzz(bundled_core(), 7)
    here = [repr(fuzz.run(number, Campaign())) for number in range(40)]

    there = json.loads(in_new_process(["-c", SUMMARY], hash_seed))

    assert there == here


def test_token_shows_the_same_counterexample_byte_for_byte_in_new_processes():
    fuzz = Fuzz(z001(), 0)
    found = fuzz.campaign(range(100)).found[0]
    token = token_of(found.tape, found.origin)
    arguments = ["-m", "hedgecheck", "replay", token, "tests.canary.engines:z001"]

    outputs = {in_new_process(arguments, hash_seed) for hash_seed in (0, 1, 4242)}

    assert len(outputs) == 1
    assert "reproduced: no_terminal_state_without_evidence (I06)" in outputs.pop()


def test_replay_of_a_tape_is_equal_each_time():
    fuzz = Fuzz(bundled_core(), 11)
    taped, _ = fuzz.run(2, Campaign())
    universe = Universe(draw(taped.scope), bundled_core())

    assert replay(universe, taped) == replay(universe, taped)


def test_what_a_test_draws_does_not_hang_on_the_modules_that_are_loaded():
    provider = providers.HypothesisProvider(None)

    assert not len(provider._local_constants)
