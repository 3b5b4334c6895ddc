"""What the shell believes and what the venue has, from an order's placement to rest, on a wire that errs."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core import engine
from core.engine import State
from core.messages import Command, Event, SubmitOrder
from core.orders import is_settled
from core.settings import Instrument, Protocol, Settings
from core.units import Money, Nanoseconds
from hedgecheck.drive import order_name
from hedgecheck.live.brokers import VenueBroker
from hedgecheck.live.exchange import Exchange, Temper
from hedgecheck.live.exchange.mishaps import Mishaps
from hedgecheck.live.log import MemoryLog
from hedgecheck.live.ports import Opening
from hedgecheck.live.round_trips import RoundTrips
from hedgecheck.live.shell import Shell
from hedgecheck.live.winding_down import wind_down
from hedgecheck.venue import filled

CASH = 10**8
SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
MILLISECOND = 10**6
QUICK = Protocol(
    leg_timeout=Nanoseconds(50 * MILLISECOND),
    query_backoff=Nanoseconds(5 * MILLISECOND),
    linger=Nanoseconds(20 * MILLISECOND),
    query_attempts=100,
)
OPENING = Opening(Settings(tuple(map(Instrument, SYMBOLS)), protocol=QUICK), Money(CASH))
ROUNDS = 12
FAULTS = {"response_lost": 0.1, "disconnect": 0.02, "duplicated": 0.1, "reordered": 0.1}
PAUSE_SECONDS = 0.001
SECONDS_MAX = 120


class Compared:
    """Looks at both sides at every step that is durable. ``orders``: those that were seen at the venue;
    ``state``: the last there was."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.sent: set[str] = set()
        self.orders: set[str] = set()
        self.failures: list[Exception] = []
        self.wrong: list[str] = []
        self.state: State | None = None

    def stepped(self, state: State, event: Event, commands: tuple[Command, ...]) -> None:
        self.state = state
        ledger = self.exchange.ledger("main")
        at_venue = {each.request.client_order_id: each for each in ledger.orders}
        self.orders |= set(at_venue)
        self.wrong += [f"{each} was never decided" for each in set(at_venue) - self.sent]
        self.sent |= {order_name(each.order) for each in commands if isinstance(each, SubmitOrder)}
        for order in [each for trade in state.trades for each in trade.orders]:
            name = order_name(order.id)
            done = filled(at_venue[name]) if name in at_venue else 0
            if order.filled > done:
                self.wrong.append(f"{name}: {order.filled} lots are booked, and {done} were traded")
            if is_settled(order) and name in at_venue and at_venue[name].phase == "open":
                self.wrong.append(f"{name} is over here, and works there")

    def failed(self, error: Exception) -> None:
        self.failures.append(error)


def played(
    play: Callable[[Shell, Compared], Awaitable[None]], faults: dict[str, float], seed: int, log: MemoryLog
) -> Compared:
    """Lets a shell trade at an exchange of this process."""

    async def run() -> Compared:
        exchange = Exchange(
            tuple((symbol, 10_000) for symbol in SYMBOLS), CASH, seed, Temper(trades_bps=8_000)
        )
        compared = Compared(exchange)
        broker = VenueBroker(exchange, pause_seconds=PAUSE_SECONDS, mishaps=Mishaps(faults, seed, 100))
        shell = Shell(log, broker, watchers=(compared,))
        try:
            async with asyncio.timeout(SECONDS_MAX):
                await play(shell, compared)
        finally:
            await shell.close()
        return compared

    return asyncio.run(run())


async def trade(shell: Shell, compared: Compared) -> None:
    """Two strategies trade so many rounds each, and come to rest."""
    await shell.start()
    await asyncio.gather(*[RoundTrips(name, 1, PAUSE_SECONDS, ROUNDS)(shell) for name in ("alpha", "beta")])
    assert await wind_down(shell, SECONDS_MAX) == ()
    ledger, book = compared.exchange.ledger("main"), shell.state.book
    assert [each for each in ledger.orders if each.phase == "open"] == []
    assert {each.symbol: each.lots for each in book.positions if each.lots} == dict(ledger.positions) == {}
    assert book.cash == ledger.cash
    assert book.cash - CASH == sum(each.realised for each in book.positions)


@pytest.mark.covers("TC-IF-013")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("faults", [{}, FAULTS], ids=["a good wire", "a bad wire"])
def test_from_placement_to_rest_belief_never_runs_ahead_of_the_venue_and_ends_as_it(
    faults: dict[str, float], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedgecheck.live.shell.BACKOFF_SECONDS", PAUSE_SECONDS)
    log = MemoryLog(OPENING)

    compared = played(trade, faults, seed, log)

    assert compared.wrong == []
    assert len(compared.orders) >= 2 * ROUNDS
    folded = engine.initial(OPENING.settings, OPENING.cash)
    for event in log.events():
        folded, _ = engine.step(folded, event)
    assert folded == compared.state
