"""The real world is out of reach in a simulation, says what to do instead, and is back when it is over."""

import asyncio
import concurrent.futures
import importlib
import multiprocessing
import operator
import os
import random
import socket
import subprocess
import sys
import threading
import time
from asyncio import events
from pathlib import Path

import pytest

import hedgecheck
from hedgecheck.errors import RealWorld, UsageError
from hedgecheck.simulate.guards import GUARDED, guards
from hedgecheck.simulate.loop import REFUSED
from tests.schedules.performing import anything


async def coroutine():
    """What asyncio.run would run."""


def thread():
    threading.Thread(target=print).start()


def pool():
    concurrent.futures.ThreadPoolExecutor().submit(int)


def connect():
    with socket.socket() as real:
        real.connect(("127.0.0.1", 9))


def connect_ex():
    with socket.socket() as real:
        real.connect_ex(("127.0.0.1", 9))


def listen():
    with socket.socket() as real:
        real.bind(("127.0.0.1", 0))
        real.listen()


def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as real:
        real.sendto(b"", ("127.0.0.1", 9))


REACHES = {
    "connect": (connect, "sim.exchange()"),
    "connect_ex": (connect_ex, "sim.exchange()"),
    "listen": (listen, "Leave the server out"),
    "sendto": (send, "sim.exchange()"),
    "create_connection": (lambda: socket.create_connection(("localhost", 9)), "sim.exchange()"),
    "getaddrinfo": (lambda: socket.getaddrinfo("localhost", 9), "sim.exchange()"),
    "thread": (thread, "asyncio.to_thread"),
    "thread pool": (pool, "run_in_executor"),
    "subprocess": (lambda: subprocess.run([sys.executable, "--version"], check=False), "as a function"),
    "os.system": (lambda: os.system("true"), "as a function"),
    "multiprocessing": (multiprocessing.get_context("fork").Process(target=int).start, "as a function"),
    "time.sleep": (lambda: time.sleep(0.001), "await asyncio.sleep"),
    "asyncio.run": (lambda: asyncio.run(coroutine()), "Await the coroutine"),
    "Runner": (lambda: asyncio.Runner().run(coroutine()), "Await the coroutine"),
}


def checked(reach):
    """Checks a bot that reaches for something after it has traded."""

    async def test(sim):
        sim.always(anything)
        await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)
        reach()

    return hedgecheck.check(test, executions=3)


def swallowed(reach):
    """The same by a bot that wants to live on."""

    def careless():
        try:
            reach()
        except Exception:
            return

    return careless


@pytest.mark.parametrize("reach", REACHES)
def test_reaching_for_the_real_world_is_refused_with_a_cure(reach: str) -> None:
    act, cure = REACHES[reach]

    with pytest.raises(RealWorld, match="in a simulation") as caught:
        checked(act)

    assert cure in str(caught.value)


@pytest.mark.parametrize("reach", REACHES)
def test_a_bot_that_swallows_the_refusal_is_stopped_all_the_same(reach: str) -> None:
    act, cure = REACHES[reach]

    with pytest.raises(RealWorld) as caught:
        checked(swallowed(act))

    assert cure in str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_every_refused_method_of_the_loop_says_what_to_do_instead(name: str) -> None:
    with pytest.raises(RealWorld) as caught:
        checked(swallowed(lambda: operator.methodcaller(name)(asyncio.get_running_loop())))

    assert str(caught.value) == "{} in a simulation. {}".format(*REFUSED[name])


@pytest.mark.parametrize(
    ("awaitable", "cure"),
    [
        (lambda: asyncio.open_connection("127.0.0.1", 9), "sim.exchange()"),
        (lambda: asyncio.start_server(print, "127.0.0.1", 0), "sim.exchange()"),
        (lambda: asyncio.create_subprocess_exec(sys.executable), "as a function"),
        (lambda: asyncio.create_subprocess_shell("true"), "as a function"),
    ],
)
def test_streams_and_subprocesses_of_asyncio_are_refused(awaitable, cure) -> None:
    async def test(sim):
        try:
            await awaitable()
        except Exception:
            await sim.sleep(1)

    with pytest.raises(RealWorld) as caught:
        hedgecheck.check(test, executions=3)

    assert cure in str(caught.value)


# ---- outside of a simulation ------------------------------------------------------------------------------


def reach_for_everything() -> list[object]:
    """What the real functions answer."""
    done: list[object] = []
    worker = threading.Thread(target=done.append, args=("thread",))
    worker.start()
    worker.join()
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        done.append("socket")
    time.sleep(0)
    done.append(subprocess.run([sys.executable, "-c", ""], check=False).returncode)
    done.append(asyncio.run(asyncio.sleep(0, "run")))
    return done


def test_guards_let_everything_through_that_is_no_simulation() -> None:
    with guards():
        assert reach_for_everything() == ["thread", "socket", 0, "run"]


def test_other_threads_are_let_through_while_a_simulation_runs() -> None:
    ready, over = threading.Event(), threading.Event()
    answers: list[object] = []

    def elsewhere() -> None:
        ready.wait(30)
        answers.extend(reach_for_everything())
        over.set()

    other = threading.Thread(target=elsewhere)
    other.start()
    checked(lambda: (ready.set(), over.wait(30)))
    other.join()

    assert answers == ["thread", "socket", 0, "run"]


def snapshot() -> dict[str, object]:
    """Everything that a campaign replaces, as it is found."""
    found: dict[str, object] = {
        f"{owner.__name__}.{name}": getattr(owner, name) for owner, name, _, _ in GUARDED
    }
    found.update({f"time.{name}": getattr(time, name) for name in ("time", "monotonic", "monotonic_ns")})
    found.update({"os.urandom": os.urandom, "random._urandom": getattr(random, "_urandom", None)})
    return found


def test_nothing_stays_replaced_after_a_campaign() -> None:
    before, own = snapshot(), dict(vars(socket.socket))

    checked(int)

    assert snapshot() == before
    assert vars(socket.socket) == own
    assert reach_for_everything() == ["thread", "socket", 0, "run"]


def test_nothing_stays_replaced_after_a_campaign_that_was_refused() -> None:
    before, own = snapshot(), dict(vars(socket.socket))

    with pytest.raises(RealWorld):
        checked(thread)

    assert snapshot() == before
    assert vars(socket.socket) == own


# ---- loading modules ---------------------------------------------------------------------------------

LOADED = """
import socket
from os import urandom
from time import monotonic

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    probe.listen()
"""


def test_a_module_that_the_bot_loads_may_look_at_the_machine_and_keeps_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loaded_by_the_bot.py").write_text(LOADED)
    monkeypatch.syspath_prepend(tmp_path)
    simulated = []

    def load():
        module = importlib.import_module("loaded_by_the_bot")
        simulated.append((module.monotonic(), module.urandom(8)))

    verdict = checked(load).verdict
    module = sys.modules.pop("loaded_by_the_bot")

    assert verdict == "holds"
    assert len(set(simulated)) == 1
    assert time.monotonic() <= module.monotonic() <= time.monotonic()
    assert len({module.urandom(8), module.urandom(8), simulated[0][1]}) == 3


FRESH = """
import sys
import hedgecheck

async def test(sim):
    await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)

assert "ccxt" not in sys.modules
print(hedgecheck.check(test, executions=3).verdict)
"""


def test_the_first_check_of_a_process_holds_whatever_it_has_to_load() -> None:
    source = Path(hedgecheck.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(source)}

    done = subprocess.run(
        [sys.executable, "-c", FRESH],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )

    assert (done.stdout.strip(), done.stderr) == ("holds", "")


# ---- foreign loops ----------------------------------------------------------------------------------------


class UvloopPolicy(asyncio.DefaultEventLoopPolicy):
    """What uvloop.install() leaves behind."""


UvloopPolicy.__module__ = "uvloop"


def test_uvloop_as_the_policy_is_refused_with_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_event_loop_policy", UvloopPolicy())

    with pytest.raises(UsageError, match=r"Take uvloop\.install\(\) out of the tests"):
        checked(int)


def test_another_policy_than_the_default_is_welcome(monkeypatch: pytest.MonkeyPatch) -> None:
    class Policy(asyncio.DefaultEventLoopPolicy):
        pass

    monkeypatch.setattr(events, "_event_loop_policy", Policy())

    assert checked(int).verdict == "holds"


def test_a_check_inside_a_running_loop_is_refused_with_a_cure() -> None:
    async def inside():
        checked(int)

    with pytest.raises(UsageError, match="outside of async code"):
        asyncio.run(inside())
