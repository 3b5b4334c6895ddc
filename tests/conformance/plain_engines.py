"""Synchronous twins of async engines, made of their own text: what they await they call."""

import threading
import time
from pathlib import Path
from time import sleep

from tests.schedules.engines import careful
from tests.schedules.engines.correct import pair_engine

WORDS = {"async def": "def", "async with": "with", "await ": "", "asyncio.sleep": "time.sleep"}


def plainly(module):
    """What a module defines, without async and await."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    for word, instead in WORDS.items():
        text = text.replace(word, instead)
    names = {"time": time, "__name__": f"plain.{module.__name__}"}
    exec(compile(text, module.__file__, "exec"), names)
    return names


ORDERS, PAIR = plainly(careful), plainly(pair_engine)
PAIR |= {name: ORDERS[name] for name in ("place", "work")}


class OnTheClock(PAIR["PairEngine"]):
    """Loads its markets when it is made, waits before each trade, and trades one at a time."""

    def __init__(self, exchange, clock):
        super().__init__(exchange)
        self.clock, self.lock, self.began = clock, threading.Lock(), exchange.load_markets() and clock()

    def execute_pair_trade(self, request):
        """True only when both legs are on and balanced."""
        with self.lock:
            before = self.clock()
            sleep(1)
            self.clock.sleep(1)
            assert self.clock() >= before + 2 > self.began
            return super().execute_pair_trade(request)


class Doubling(OnTheClock):
    """Sends an order of which it has heard nothing again, as another."""

    def __init__(self, exchange, clock):
        super().__init__(Sending(exchange), clock)


class Sending:
    """An exchange that sends twice where the first is not answered."""

    def __init__(self, exchange):
        self.exchange = exchange

    def __getattr__(self, name):
        return getattr(self.exchange, name)

    def create_order(self, *arguments):
        """The order, or another like it."""
        try:
            return self.exchange.create_order(*arguments)
        except Exception:
            *same, params = arguments
            return self.exchange.create_order(*same, {"clientOrderId": f"{params['clientOrderId']}-again"})
