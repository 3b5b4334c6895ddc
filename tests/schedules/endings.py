"""Engines that trade, and then end in every way there is; each is an async function of the simulation."""

import asyncio
import socket
import sys
import threading

import hedgecheck

EXECUTIONS = 3


def checked(program, executions=EXECUTIONS):
    """The verdict on a bot that trades, and then does as ``program(sim)`` does."""

    async def test(sim):
        order = await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)
        assert order["status"] == "closed"
        await program(sim)

    return hedgecheck.check(test, executions=executions, faults=None)


async def nothing(sim):
    """Ends well."""


def background(coroutine):
    """A task that nobody awaits and somebody holds."""
    task = asyncio.create_task(coroutine)
    KEPT.append(task)


KEPT: list[object] = []


# ---- engines that end badly --------------------------------------------------------------------------------


async def deadlock(sim):
    await asyncio.get_running_loop().create_future()


async def deadlock_on_locks(sim):
    one, two = asyncio.Lock(), asyncio.Lock()

    async def take(first, second):
        async with first:
            await sim.sleep(1)
            async with second:
                return

    await asyncio.gather(take(one, two), take(two, one))


async def spin(sim):
    while True:
        pass


async def spin_stubborn(sim):
    for _ in range(2):
        try:
            while True:
                pass
        except BaseException:
            continue


async def spin_in_callback(sim):
    asyncio.get_running_loop().call_soon(lambda: [None for _ in iter(int, 1)])
    await sim.sleep(1)


async def raise_in_callback(sim):
    asyncio.get_running_loop().call_soon(int, "no number")
    await sim.sleep(1)


async def raise_in_timer(sim):
    asyncio.get_running_loop().call_later(5, int, "no number")


async def raise_in_lonely_task(sim):
    async def lonely():
        raise ValueError("no number")

    asyncio.create_task(lonely())  # noqa: RUF006
    await sim.sleep(1)


async def raise_in_thread(sim):
    await asyncio.to_thread(int, "no number")


async def raise_itself(sim):
    int("no number")


async def task_of_nothing(sim):
    asyncio.create_task(None)  # noqa: RUF006


async def never_end(sim):
    while True:
        await asyncio.sleep(0)


async def never_end_in_time(sim):
    while True:
        await asyncio.sleep(1)


async def never_end_behind(sim):
    background(never_end(sim))


async def close_the_loop(sim):
    asyncio.get_running_loop().close()


async def cancel_everything(sim):
    for task in asyncio.all_tasks():
        task.cancel()
    await sim.sleep(1)


BROKEN = {
    deadlock: "nothing is left to happen, and test wait for ever",
    deadlock_on_locks: "wait for ever",
    raise_in_callback: "no number",
    raise_in_timer: "no number",
    raise_in_lonely_task: "no number",
    raise_in_thread: "no number",
    raise_itself: "no number",
    task_of_nothing: "a coroutine was expected",
    never_end: "no end after 500 iterations",
    never_end_in_time: "no end after 500 iterations",
    never_end_behind: "no end after 500 iterations",
    cancel_everything: "the test was cancelled",
    close_the_loop: "Cannot close a running event loop",
}


async def start_thread(sim):
    threading.Thread(target=int).start()


async def open_socket(sim):
    with socket.socket() as real:
        real.connect(("127.0.0.1", 9))


async def run_asyncio(sim):
    asyncio.run(nothing(sim))


RAISES = {
    spin: "ran for 0.2 s without awaiting anything at endings.py",
    spin_stubborn: "ran for 0.2 s without awaiting anything at endings.py",
    spin_in_callback: "ran for 0.2 s without awaiting anything at endings.py",
    start_thread: "A thread in a simulation",
    open_socket: "A real socket in a simulation",
    run_asyncio: "asyncio.run inside a running loop in a simulation",
}


# ---- engines that do no harm -------------------------------------------------------------------------------


async def poll_for_ever(sim):
    background(never_end_in_time(sim))


async def wait_for_ever(sim):
    background(deadlock(sim))


async def swallow_cancellation(sim):
    async def stubborn():
        for _ in range(3):
            try:
                await sim.sleep(3600)
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(stubborn())
    await sim.sleep(1)
    task.cancel()
    await sim.sleep(1)
    assert not task.done()


async def swallow_everything(sim):
    async def poll():
        while True:
            try:
                async with asyncio.timeout(30):
                    await asyncio.create_task(asyncio.sleep(1))
            except:  # noqa: E722
                pass

    background(poll())


async def await_in_finally(sim):
    async def guarded():
        try:
            await deadlock(sim)
        finally:
            await sim.sleep(1)
            await sim.exchange().fetch_ticker("BTC/USDT")

    background(guarded())


async def raise_in_finally(sim):
    async def guarded():
        try:
            await deadlock(sim)
        finally:
            asyncio.create_task(sim.sleep(1))  # noqa: RUF006
            raise ValueError("while it is closed")

    background(guarded())


async def leave_a_generator(sim):
    async def numbers():
        try:
            while True:
                yield 1
                await sim.sleep(1)
        finally:
            await sim.sleep(1)

    kept = numbers()
    KEPT.append(kept)
    await anext(kept)


async def never_started(sim):
    background(nothing(sim))


HARMLESS = [
    nothing,
    poll_for_ever,
    wait_for_ever,
    swallow_cancellation,
    swallow_everything,
    await_in_finally,
    raise_in_finally,
    leave_a_generator,
    never_started,
]
ALL = [*BROKEN, *RAISES, *HARMLESS]


# ---- engines that stop everything --------------------------------------------------------------------------


async def exit_the_process(sim):
    sys.exit(3)


async def exit_in_a_task(sim):
    await asyncio.gather(exit_the_process(sim))


async def exit_in_a_thread(sim):
    await asyncio.to_thread(sys.exit, 3)


async def stop_the_loop(sim):
    asyncio.get_running_loop().stop()
    await sim.sleep(1)


async def raise_no_exception(sim):
    raise BaseException("no number")


ABRUPT = {
    exit_the_process: "SystemExit: 3",
    exit_in_a_task: "SystemExit: 3",
    exit_in_a_thread: "SystemExit: 3",
    stop_the_loop: "stopped",
    raise_no_exception: "BaseException: no number",
}
