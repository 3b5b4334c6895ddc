"""The object a bot holds, that notes what it asks of the exchange."""

import asyncio

from hedgecheck.fronts.ccxt.face import CcxtFace
from hedgecheck.fronts.ccxt.markets import listings_from

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"


class Recorder(CcxtFace):
    """Notes what is asked; answers nothing, or what it was told to."""

    def __init__(self, answer=None):
        super().__init__("venue", listings_from([SWAP, SPOT]))
        self.calls = []
        self.answer = answer

    async def _call(self, call):
        self.calls.append(call)
        return self.answer


def asked(ask, answer=None):
    """What ``ask(face)`` asked the exchange."""
    face = Recorder(answer)
    asyncio.run(ask(face))
    return face.calls
