"""Tests under ``verify`` beside pytest-asyncio, in both of its modes, and anyio: they run as they do alone.

Both are installed and load by themselves; each command says which of them it goes without.
"""

import re

import anyio.pytest_plugin  # noqa: F401  runs in this process must not load it each time
import pytest
import pytest_asyncio.plugin  # noqa: F401

from tests.plugin.runs import BROKEN, HEADLINE, python, token_in

pytest_plugins = ["pytester"]


def mode(name):
    """What puts pytest-asyncio into a mode, and lets it warn of nothing."""
    return f"--asyncio-mode={name}", "-oasyncio_default_fixture_loop_scope=function"


OTHERS = {
    "alone": ("-pno:asyncio", "-pno:anyio"),
    "pytest-asyncio strict": (*mode("strict"), "-pno:anyio"),
    "pytest-asyncio auto": (*mode("auto"), "-pno:anyio"),
    "anyio": ("-pno:asyncio",),
    "both": mode("auto"),
}
PLAIN = """
import hedgecheck, pytest
from hypothesis import given, strategies

@pytest.fixture(scope="session")
def amount():
    return 1

async def buys(sim, amount):
    await sim.exchange().create_order("BTC/USDT", "market", "buy", amount)

@hedgecheck.verify
async def test_bare(sim):
    await buys(sim, 1)

class TestOfBots:
    @pytest.mark.parametrize("count", [1, 2])
    @hedgecheck.verify(executions=3)
    async def test_method(self, sim, amount, count):
        await buys(sim, amount * count)

@given(amount=strategies.sampled_from([1, 2]))
@hedgecheck.verify(executions=3)
async def test_drawn(sim, amount):
    await buys(sim, amount)
"""
FEW = ("-pno:hypothesispytest", "--hedgecheck-profile=ci", "--hedgecheck-executions=8")
SETTLED = ("-pno:cacheprovider", "-pno:xdist", *FEW)


@pytest.fixture
def bots(project):
    project.makeconftest("import pytest\n\n@pytest.fixture(autouse=True)\ndef anything():\n    yield\n")
    return project


def run(project, *arguments):
    done = project.runpytest_inprocess("-q", *SETTLED, *arguments)
    return done.stdout.str() + done.stderr.str(), done.ret


def test_tests_run_as_they_do_alone(bots):
    bots.makepyfile(test_good=PLAIN, test_bots=BROKEN)

    runs = {name: run(bots, "-W", "error", *each)[0] for name, each in OTHERS.items()}

    alone = token_in(runs["alone"])
    for name, said in runs.items():
        assert HEADLINE in said, name
        assert token_in(said) == alone, name
        assert "1 failed, 4 passed in " in said, name


@pytest.mark.parametrize("others", ["pytest-asyncio strict", "both"])
def test_marks_of_a_whole_module_change_nothing_and_warn_of_nothing(bots, others):
    for mark in ("asyncio", "anyio"):
        bots.makepyfile(**{f"test_{mark}": PLAIN + f"\npytestmark = pytest.mark.{mark}\n"})
    bots.makepyprojecttoml('[tool.pytest.ini_options]\nmarkers = ["asyncio: theirs", "anyio: theirs"]\n')

    said, code = run(bots, "-W", "error", "-k", "not drawn", *OTHERS[others])

    assert code == 0, said
    assert "6 passed" in said


BESIDE = """
import asyncio, hedgecheck, pytest, pytest_asyncio

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def prices():
    waiting = asyncio.ensure_future(asyncio.sleep(0.001))
    yield [100, 101]
    await waiting

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def future():
    return asyncio.get_running_loop().create_future()

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def queue():
    queue = asyncio.Queue()
    waiting = asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    waiting.cancel()
    return queue

@pytest_asyncio.fixture
async def made_anew():
    return 1

async def buys(sim):
    await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)

@pytest.mark.asyncio(loop_scope="session")
async def test_before(future):
    asyncio.get_running_loop().call_soon(future.set_result, None)
    await future

@hedgecheck.verify
async def test_data(sim, prices):
    assert prices == [100, 101]
    await buys(sim)

@hedgecheck.verify(allow_fixtures=("made_anew",))
async def test_allowed(sim, made_anew):
    await buys(sim)

@hedgecheck.verify
async def test_anew(sim, made_anew):
    await buys(sim)

@hedgecheck.verify
async def test_future(sim, future):
    await buys(sim)

@hedgecheck.verify
async def test_queue(sim, queue):
    await buys(sim)

@pytest.mark.asyncio(loop_scope="session")
async def test_after(future, prices):
    await future
    await asyncio.sleep(0)
"""


def test_async_fixture_gives_data_and_nothing_that_lives_on_its_loop(bots):
    bots.makepyfile(test_bots=BESIDE)

    said, _ = run(bots, *OTHERS["pytest-asyncio strict"])

    assert "4 passed" in said
    failed = dict(re.findall(r"^FAILED test_bots.py::(\w+) - (.*?):", said, re.M))
    assert failed == {
        "test_anew": "hedgecheck.FixtureScope",
        "test_future": "hedgecheck.RealWorld",
        "test_queue": "hedgecheck.RealWorld",
    }
    assert "Make it in the test; an async fixture may give plain data." in said


ANYIO = """
import anyio, hedgecheck, pytest

pytestmark = pytest.mark.anyio

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="module")
async def amount(anyio_backend):
    await anyio.sleep(0)
    yield 1
    await anyio.sleep(0)

@hedgecheck.verify(faults=None)
async def test_groups(sim, amount):
    exchange = sim.exchange()
    async with anyio.create_task_group() as group:
        for side in ("buy", "sell"):
            group.start_soon(exchange.create_order, "BTC/USDT", "market", side, amount)
    await anyio.sleep(3600)
    assert sim.now() >= 3600

async def test_ordinary(amount):
    await anyio.sleep(0)
    assert amount == 1
"""


def test_anyio_runs_its_own_tests_and_a_bot_made_with_it_runs_simulated(bots):
    bots.makepyfile(test_bots=ANYIO)

    said, code = run(bots, "-W", "error", *OTHERS["anyio"], "--hedgecheck-executions=10")

    assert code == 0, said
    assert "2 passed" in said


def test_selection_and_workers_are_as_ever(bots):
    bots.makepyfile(test_bots=BROKEN, test_good=PLAIN)
    common = ("-q", *FEW, *OTHERS["both"])

    def outcome(*arguments):
        done = bots.runpytest_inprocess(*common, "-pno:xdist", *arguments)
        return re.sub(r" in .*", "", done.stdout.str().splitlines()[-1])

    assert outcome("-x") == "1 failed"
    assert outcome("--lf") == "1 failed"
    assert outcome("-k", "method") == "2 passed, 3 deselected"
    done = python(bots, "-m", "pytest", *common, "-n2", "-k", "bot or method")
    assert "1 failed, 2 passed" in done.stdout
