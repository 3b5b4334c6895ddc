"""What a person sees of a failure: the message, the token, the files; and what a machine reads."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults, invariants
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.failure import failure_of
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.search import search
from hedgecheck.simulate.shrink import shrink

BTC = "BTC/USDT"
ROOT = Path(__file__).parents[2]


async def blind(sim):
    """Sends again what got no answer."""
    exchange = sim.exchange()
    sim.always(invariants.one_intent_one_exposure)

    async def enter(signal):
        for _ in range(2):
            try:
                order = await exchange.create_order(BTC, "market", "buy", signal.amount_x)
                return order["filled"] == signal.amount_x
            except ccxt.NetworkError:
                continue
        return False

    await sim.deliver(sim.signal(BTC, None, 1), enter)


@pytest.fixture(scope="module")
def falsified():
    """The error that a broken bot's test ends with."""
    test = hedgecheck.verify(executions=300)(blind)
    with pytest.raises(hedgecheck.Falsified) as raised:
        test()
    return raised.value


@pytest.fixture(scope="module")
def verdict():
    return hedgecheck.check(blind, executions=300)


# ---- the message -----------------------------------------------------------------------------------


def test_message_begins_with_the_rule_and_why(falsified):
    first, *whys = str(falsified).splitlines()[:4]

    assert first == "one_intent_one_exposure (I05)"
    assert whys[:2] == [
        "  intent s1: buy 1 BTC/USDT",
        "  the venue accepted #1 buy 1 BTC/USDT, #2 buy 1 BTC/USDT",
    ]
    assert "a lot of BTC/USDT is 0.00001 BTC" in whys[2]


def test_message_shows_what_happened_when_and_where_in_the_bot(falsified):
    lines = str(falsified).splitlines()
    line_of_bot = blind.__code__.co_firstlineno + 8

    header = next(line for line in lines if line.startswith("  t "))
    sent = [line for line in lines if re.search(r">-+\+ +create_order buy 1 BTC/USDT", line)]
    assert header.split() == ["t", "task", "1.1", "venue"]
    assert len(sent) == 2
    for line in sent:
        assert re.match(r"  \d+\.\d{3} ", line)
        assert f"schedules/test_reading.py:{line_of_bot}" in line
    assert "#1" in sent[0]
    assert "#2" in sent[1]


def test_message_marks_the_fault_and_the_moment_the_rule_broke(falsified):
    marked = [line for line in str(falsified).splitlines() if "FAULT " in line]
    broken = [line for line in str(falsified).splitlines() if "<- rule broken" in line]

    assert len(marked) == len(broken) == 1
    assert re.search(r"FAULT (response_lost|disconnect|query_unreliable)$", marked[0])
    assert "fills #2" in broken[0]


def test_times_never_go_back(falsified):
    times = [float(each) for each in re.findall(r"^  (\d+\.\d{3}) ", falsified.diagram, re.M)]

    assert times == sorted(times)
    assert len(times) == len(falsified.trace)


def test_message_says_how_far_from_the_plain_run_and_what_the_nearest_passing_one_did(falsified):
    text = str(falsified)

    assert re.search(
        r"^  1 fault, 0 schedule deviations.*Execution \d+ of 300\. .*2 of 2 re-runs\.$", text, re.M
    )
    assert re.search(r"^  Nearest passing run differs at t=\d+\.\d{3}: \w+ does not strike\.$", text, re.M)


def test_message_ends_with_how_to_see_it_again(falsified):
    replay, pin = str(falsified).splitlines()[-2:]

    assert replay.startswith("  replay:  ")
    assert falsified.token in replay
    assert pin == f'  pin:     @hedgecheck.example("{falsified.token}")'


def test_falsified_holds_its_parts(falsified):
    assert (falsified.invariant, falsified.id) == ("one_intent_one_exposure", "I05")
    assert falsified.token.startswith("hc1-")
    assert len(falsified.token) <= 100
    assert falsified.diagram in str(falsified)
    assert [line.who for line in falsified.trace][:2] == ["task 1.1", "task 1.1"]
    assert {line.fault for line in falsified.trace} > {""}


def test_tasks_and_streams_go_by_names_that_a_person_knows():
    async def test(sim):
        exchange = sim.exchange()
        sim.always(lambda ledger: not ledger.fills)
        await exchange.fetch_ticker(BTC)
        await exchange.watch_ticker(BTC)
        await sim.concurrently(lambda: exchange.create_order(BTC, "market", "buy", 1))

    with pytest.raises(hedgecheck.Falsified) as raised:
        hedgecheck.verify(executions=1, faults=None)(test)()

    assert [line.who for line in raised.value.trace] == [
        *("test", "test", "client 1", "task 1.1", "venue", "venue"),
    ]


# ---- seeing it again -------------------------------------------------------------------------------


def test_token_gives_the_same_trace_again(falsified):
    again = hedgecheck.check(blind, token=falsified.token)

    assert again.verdict == "broken"
    assert again.executions == 1
    assert again.counterexamples[0].diagram == falsified.diagram
    assert again.counterexamples[0].token == falsified.token


def test_example_is_performed_first(falsified):
    ran = []

    async def test(sim):
        ran.append("")
        await blind(sim)

    pinned = hedgecheck.example(falsified.token)(hedgecheck.verify(executions=300)(test))
    with pytest.raises(hedgecheck.Falsified) as raised:
        pinned()

    assert raised.value.token == falsified.token
    assert len(ran) < 10  # the pinned one, its re-runs and its neighbour: no search


def test_example_that_passes_now_lets_the_search_go_on(falsified):
    executions = []

    async def mended(sim):
        executions.append("")
        exchange, known = sim.exchange(), set()

        async def enter(signal):
            if signal.signal_id in known:
                return False
            known.add(signal.signal_id)
            await exchange.create_order(BTC, "market", "buy", signal.amount_x)
            return True

        await sim.deliver(sim.signal(BTC, None, 1), enter)

    hedgecheck.example(falsified.token)(hedgecheck.verify(executions=30)(mended))()

    assert len(executions) == 31


def test_example_below_verify_is_a_usage_error():
    with pytest.raises(hedgecheck.UsageError, match="Swap"):
        hedgecheck.verify(hedgecheck.example("hc1-x")(blind))


BOT = """
import ccxt


async def test_bot(sim):
    exchange = sim.exchange()

    seen = set()

    async def enter(signal):
        if signal.signal_id in seen:
            return False
        seen.add(signal.signal_id)
        named = {"clientOrderId": signal.signal_id}
        try:
            order = await exchange.create_order("BTC/USDT", "market", "buy", signal.amount_x, None, named)
        except ccxt.NetworkError:
            %s
        return order["filled"] == signal.amount_x

    await sim.deliver(sim.signal("BTC/USDT", None, 1), enter)
"""
BROKEN = BOT % 'order = await exchange.create_order("BTC/USDT", "market", "buy", signal.amount_x)'
MENDED = BOT % "return False"
SCRIPT = "import bot, hedgecheck; v = hedgecheck.check(bot.test_bot%s); print(v.counterexamples[0].pytest)"


def python(folder, *arguments):
    path = os.pathsep.join((str(ROOT / "src"), str(folder)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": ""}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def written(folder, how=""):
    """A folder with the bot and the pytest file of what was found in it."""
    (folder / "bot.py").write_text(BROKEN)
    said = python(folder, "-c", SCRIPT % how)
    assert said.returncode == 0, said.stderr
    (folder / "test_found.py").write_text(said.stdout)


def runs_green(folder):
    done = python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_found.py")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode == 0, done.stdout


def test_pytest_file_is_red_on_the_broken_bot_and_green_on_the_mended_one(tmp_path):
    written(tmp_path)
    was_green, said = runs_green(tmp_path)
    (tmp_path / "bot.py").write_text(MENDED)
    is_green, why = runs_green(tmp_path)

    assert not was_green
    assert "<- rule broken" in said
    assert is_green, why


def test_pytest_file_repeats_the_faults_that_were_asked_for(tmp_path):
    written(tmp_path, ", faults=hedgecheck.faults.disconnect")
    was_green, said = runs_green(tmp_path)

    assert not was_green
    assert "FAULT disconnect" in said


DECORATED = """
from hedgecheck import Falsified

try:
    bot.test_bot()
except Falsified as error:
    print(error.token)
"""


def test_check_takes_a_decorated_test(tmp_path):
    decorated = BROKEN.replace("async def test_bot", "@hedgecheck.verify\nasync def test_bot")
    (tmp_path / "bot.py").write_text("import hedgecheck\n" + decorated)
    said = python(tmp_path, "-c", "import bot" + DECORATED)
    replay = f"import bot, hedgecheck; hedgecheck.check(bot.test_bot, token={said.stdout.strip()!r})"

    assert python(tmp_path, "-c", replay).returncode == 0


# ---- for machines ----------------------------------------------------------------------------------


def test_verdict_keeps_its_schema(verdict):
    made = json.loads(json.dumps(verdict.to_json()))

    assert list(made) == [
        *("schema", "verdict", "target", "seed", "replay", "explorers", "invariants", "faults"),
        *("sometimes", "calls", "counterexamples"),
    ]
    assert (made["schema"], made["verdict"]) == (1, "broken")
    assert set(made["explorers"][0]) == {
        *("name", "verdict", "executions", "steps", "states", "edges", "seconds", "truncated", "scope"),
    }
    assert set(made["invariants"][0]) == {"id", "name", "verdict", "why", "checks", "nonvacuous_checks"}
    assert set(made["faults"][0]) == {"id", "name", "spent"}
    assert set(made["counterexamples"][0]) == {"invariant", "token", "steps", "diagram", "pytest"}


def test_verdict_lists_every_fault_and_counts_what_struck(verdict):
    rows = {row["id"]: row["spent"] for row in verdict.to_json()["faults"]}

    assert set(rows) == {each.id for each in (*faults.ALL, faults.restart, faults.storage_error)}
    assert sum(rows.values()) > 0
    assert rows["F11"] == rows["F12"] == 0


def test_verdict_tells_what_was_reached():
    async def test(sim):
        sim.sometimes("filled", lambda ledger: bool(ledger.fills))
        sim.sometimes("short", lambda ledger: ledger.position(BTC) < 0)
        await sim.exchange().create_order(BTC, "market", "buy", 1)

    made = hedgecheck.check(test, executions=3, faults=None).to_json()

    assert made["sometimes"] == [{"id": "filled", "reached": 3}, {"id": "short", "reached": 0}]


def test_explorer_that_found_something_is_broken(verdict):
    assert verdict.to_json()["explorers"][0]["verdict"] == "broken"


def test_json_lines_hold_every_line_of_the_story():
    with stage(blind) as open_stage:
        result = search(open_stage, Setting(faults.ALL), 300, seed=1)
        failure = failure_of(open_stage, result, shrink(open_stage, result.found))

    made = [json.loads(line) for line in failure.json_lines().splitlines()]

    assert len(made) == len(failure.lines)
    assert set(made[0]) == {"at", "who", "text", "fault", "place", "venue"}
    assert [each["fault"] for each in made if each["fault"]]
    assert [each["place"] for each in made if each["text"].startswith("->")] == [
        f"schedules/test_reading.py:{blind.__code__.co_firstlineno + 8}"
    ] * 2
