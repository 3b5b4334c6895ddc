"""``hedgecheck venue``: the exchange as a process of its own, until somebody ends it."""

import asyncio
import signal

from rich.console import Console
from rich.live import Live
from rich.text import Text

from hedgecheck.errors import UsageError
from hedgecheck.live.exchange.market import MARKETS, Exchange
from hedgecheck.live.exchange.mishaps import Mishaps, rates
from hedgecheck.live.exchange.server import ExchangeServer
from hedgecheck.live.exchange.wire import HOST
from hedgecheck.values import frozen

PAUSE_SECONDS = 0.02  # between two beats of the market, at speed 1
SHOWN_SECONDS = 0.5


@frozen
class Wanted:
    """What a person asked for. ``markets`` and ``faults``: as they stand on the command line; ``cash``: in
    minor units; ``speed``: how many times as fast the market is."""

    port: int
    seed: int
    markets: str
    faults: str
    cash: int
    speed: float

    @property
    def replay(self) -> str:
        """The command that starts it again."""
        faults = f" --faults {self.faults}" if self.faults else ""
        return (
            f"hedgecheck venue --port {self.port} --seed {self.seed} --markets {self.markets}{faults} "
            f"--cash {self.cash} --speed {self.speed:g}"
        )


DEFAULT_MARKETS = ",".join(f"{symbol}:{price}" for symbol, price in MARKETS)


def markets(text: str) -> tuple[tuple[str, int], ...]:
    """Symbols and the prices they begin at, in ticks, of a text like ``AAA:10000,BBB:250``.

    Raises ``UsageError`` for what is none, and for a symbol that comes twice.
    """
    found: dict[str, int] = {}
    for each in text.split(","):
        symbol, _, price = each.strip().rpartition(":")
        if not symbol or not price.isdecimal() or int(price) <= 0 or symbol in found:
            raise UsageError(
                f"{each!r} is no market, or one that came before. Write AAA:10000: symbol, price in ticks."
            )
        found[symbol] = int(price)
    return tuple(found.items())


def run(wanted: Wanted, console: Console) -> int:
    """Runs the exchange until SIGINT or SIGTERM. Prints its address first. Raises ``UsageError``."""
    exchange = Exchange(markets(wanted.markets), wanted.cash, wanted.seed)
    mishaps = Mishaps(rates(wanted.faults), wanted.seed, wanted.speed)
    return asyncio.run(_run(wanted, ExchangeServer(exchange, PAUSE_SECONDS / wanted.speed, mishaps), console))


async def _run(wanted: Wanted, server: ExchangeServer, console: Console) -> int:
    ended = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    await server.start(wanted.port)
    print(f"tcp://{HOST}:{server.port}", flush=True)
    console.print(Text(wanted.replay, style="dim"), soft_wrap=True)
    console.file.flush()
    shown = asyncio.create_task(_show(server, console)) if console.is_terminal else None
    await ended.wait()
    if shown is not None:
        shown.cancel()
        await asyncio.gather(shown, return_exceptions=True)
    await server.close()
    console.print(_said(server))
    return 0


async def _show(server: ExchangeServer, console: Console) -> None:
    """A line of counts that stays where it is."""
    with Live(_said(server), console=console, transient=True, auto_refresh=False) as line:
        while True:
            await asyncio.sleep(SHOWN_SECONDS)
            line.update(_said(server), refresh=True)


def _said(server: ExchangeServer) -> Text:
    return Text(", ".join(f"{count:,} {what}" for what, count in server.counts().items()))
