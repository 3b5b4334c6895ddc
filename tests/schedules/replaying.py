"""Programs that lean on whatever differs from run to run, and the traces that replays of their tokens give.

``python -m tests.schedules.replaying NAME=TOKEN...`` prints the hash of each trace, for another process to
compare with.
"""

import asyncio
import hashlib
import os
import random
import sys
import time
import uuid
from dataclasses import asdict

from hedgecheck import faults
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.tokens import replay
from tests.schedules.engines.broken import blind_retry, double_booking, stale_snapshot2, starvation

BTC = "BTC/USDT"


async def chancy(sim):
    """Broken where the last order is filled first; the reason holds all that chance decided."""
    exchange, texts, filled = sim.exchange(), [], []

    def first_is_first(ledger):
        if len(filled) == 4:
            assert filled[0][0] != "3", texts

    sim.always(first_is_first)

    async def send(number):
        await asyncio.sleep(random.random() / 1000)
        name = f"{number}-{uuid.uuid4().hex}"
        await exchange.create_order(BTC, "market", "buy", 1, None, {"clientOrderId": name})
        return name

    texts.append(f"{random.Random().random()} {os.urandom(4).hex()} {random.SystemRandom().random()}")
    sends = {asyncio.create_task(send(number)) for number in range(4)}
    thread = asyncio.create_task(asyncio.to_thread(random.random))
    for task in asyncio.as_completed([*sends]):
        name = await task
        filled.append(name)
        texts.append(f"{name} at {time.time()} {time.monotonic()}")
        texts.extend(str(task.done()) for task in {*sends, thread})


async def backwards(sim):
    """Broken where three answers arrive in the opposite order."""
    exchange, order = sim.exchange(), []
    sim.always(lambda ledger: order != [2, 1, 0])

    async def send(number):
        await exchange.create_order(BTC, "market", "buy", 1)
        order.append(number)

    await asyncio.gather(*(send(number) for number in range(3)))


PROGRAMS = {
    "chancy": (chancy, faults.Plan(())),
    "backwards": (backwards, faults.Plan(())),
    "blind_retry": (blind_retry.scenario, faults.response_lost | faults.late_ack),
    "starvation": (starvation.scenario, faults.Plan(())),
    "stale_snapshot2": (stale_snapshot2.scenario, faults.Plan(())),
    "double_booking": (double_booking.scenario, faults.ALL),
}


def traces(name, token, times):
    """The hash of every trace of that many replays in one process."""
    program, plan = PROGRAMS[name]
    seen = []
    with stage(program) as open_stage:
        for _ in range(times):
            _, outcome = replay(open_stage, Setting(plan), token, tell=True)
            assert outcome.failure is not None, f"{token} of {name} no longer fails"
            whole = repr(([asdict(line) for line in outcome.lines], outcome.failure, outcome.made))
            seen.append(hashlib.sha256(whole.encode()).hexdigest())
    return seen


if __name__ == "__main__":
    for given in sys.argv[1:]:
        print(given, *traces(*given.split("=", 1), 2))
