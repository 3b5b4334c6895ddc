"""A test module as a user writes it, over the whole public face; ``mypy --strict`` and pyright accept it.

Its tests are run too, so that what it says of types is true of the values.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

from hypothesis import given
from hypothesis import strategies as st

import hedgecheck
from hedgecheck import faults, invariants
from hedgecheck.machines import (
    BreakerMachine,
    BreakerTerms,
    GateLimits,
    GateOrder,
    GatePortfolio,
    OrderMachine,
    RiskGateMachine,
)

BTC, ETH = "BTC/USDT", "ETH/USDT"
TOKEN = "hc1-AwQBAC3j6Q"


class Bot:
    """Buys what a signal says, once."""

    def __init__(self, exchange: Any) -> None:
        self.exchange = exchange
        self.known: set[str] = set()
        self.is_up = False

    async def enter(self, signal: hedgecheck.Signal) -> bool:
        """Whether it was bought."""
        if signal.signal_id in self.known:
            return False
        self.known.add(signal.signal_id)
        await self.exchange.create_order(signal.pair_x, "market", signal.side_x, signal.amount_x)
        return True

    async def start(self) -> None:
        """Comes up."""
        self.is_up = True

    async def stop(self) -> None:
        """Goes down."""
        self.is_up = False


# ---- rules and faults of one's own -------------------------------------------------------------------------


@hedgecheck.invariant
def never_short(ledger: hedgecheck.Ledger) -> bool:
    """Nothing is held short."""
    return all(assert_type(position.amount, Decimal) >= 0 for position in ledger.positions)


@hedgecheck.invariant(kind="rest", id="few-orders")
def few_orders(ledger: hedgecheck.Ledger) -> None:
    """Not more than ten orders."""
    assert len(ledger.orders) <= 10


@hedgecheck.fault(at="request", method="create_order", heals_after_seconds=1.0)
def smaller(message: hedgecheck.Message) -> hedgecheck.Message | None:
    """Half of what was asked for arrives."""
    assert_type(message.method, str)
    return message.changed(amount=message.arguments["amount"] / 2)


@hedgecheck.fault(at="reply")
def refused(message: hedgecheck.Message) -> Exception | None:
    """Never strikes."""
    return None


STAYS_A_FUNCTION: Callable[[hedgecheck.Ledger], bool] = never_short
assert_type(smaller, faults.Fault)


# ---- tests of a bot ----------------------------------------------------------------------------------------


@hedgecheck.verify
async def test_bare(sim: hedgecheck.Sim) -> None:
    """A test that says nothing of its budget."""
    bot = Bot(sim.exchange())
    assert_type(await sim.deliver(sim.signal(BTC, amount_x=1), bot.enter), Any)


@hedgecheck.verify(
    executions=5,
    faults=faults.response_lost | faults.late_ack | smaller | refused,
    max_faults=1,
    budget_seconds=60,
    seed=7,
    prices=None,
    allow_fixtures=("anything",),
    portable=False,
)
async def test_everything(sim: hedgecheck.Sim) -> None:
    """Every method of ``sim``."""
    exchange = sim.exchange("sim", account="margin", balances=None, markets=[BTC, ETH])
    bot = Bot(exchange)
    signal = sim.signal(BTC, None, 1, side_x="buy", signal_id="mine", reduces=False)
    assert_type(signal, hedgecheck.Signal)
    sim.attribute(owner_of)
    sim.always(invariants.one_intent_one_exposure)
    sim.always(invariants.one_order_per_slot(key=lambda order: order.symbol))
    sim.always(never_short)
    sim.always(few_orders)
    sim.eventually(invariants.hedged, within_seconds=60)
    sim.sometimes("something is bought", lambda ledger: bool(ledger.fills))
    sim.believes(lambda: {BTC: sim.ledger.position(BTC)}, equity=None)
    assert_type(await sim.concurrently(lambda: bot.enter(signal), lambda: sim.sleep(1)), list[Any])
    assert_type(sim.draw(st.integers(1, 3)), int)
    assert_type(sim.storage("state"), Path)
    assert_type(sim.now(), float)
    sim.price(BTC, 50_000.0)
    sim.shock(BTC, -0.1)
    sim.book(BTC, spread=2.0, depth=(0.5, 1))
    assert_type(sim.trade_at(ETH, "sell", 3_000.0, 0.5), Decimal)
    reads(sim.ledger)


def is_cheap(price: float) -> bool:
    """What the bot decides."""
    return price < 2


def owner_of(order: hedgecheck.LedgerOrder) -> str | None:
    """Whose an order is."""
    return assert_type(order.clientOrderId, str | None)


def reads(ledger: hedgecheck.Ledger) -> None:
    """Every field of every record."""
    for order in ledger.orders:
        assert_type((order.id, order.exchange, order.symbol), tuple[str, str, str])
        assert_type((order.side, order.type, order.status), tuple[str, str, str])
        assert_type((order.amount, order.filled, order.remaining), tuple[Decimal, Decimal, Decimal])
        assert_type((order.price, order.reduceOnly, order.timestamp), tuple[Decimal | None, bool, int])
    for fill in ledger.fills:
        assert_type((fill.id, fill.exchange, fill.order, fill.symbol), tuple[str, str, str, str])
        assert_type((fill.amount, fill.price, fill.fee), tuple[Decimal, Decimal, Decimal])
        assert_type((fill.side, fill.feeCurrency, fill.timestamp), tuple[str, str, int])
    for position in ledger.positions:
        assert_type((position.exchange, position.symbol, position.amount), tuple[str, str, Decimal])
    for signal in ledger.signals:
        assert_type((signal.signal_id, signal.pair_x, signal.pair_y), tuple[str, str, str | None])
        assert_type((signal.side_x, signal.side_y), tuple[str, str | None])
        assert_type((signal.amount_x, signal.amount_y), tuple[Decimal, Decimal | None])
        assert_type(signal.reduces, bool)
    assert_type(ledger.open_orders(BTC), tuple[hedgecheck.LedgerOrder, ...])
    assert_type(ledger.position(BTC), Decimal)


@hedgecheck.verify(executions=5, faults=faults.duplicated | faults.restart, max_faults=2)
async def test_processes(sim: hedgecheck.Sim) -> None:
    """A bot that crashes and comes up again."""
    exchange = sim.exchange()
    bot: Bot = await sim.process(lambda: Bot(exchange), start="start", stop="stop")
    await exchange.create_order(BTC, "market", "buy", 1)
    await sim.crash(bot)
    await sim.crash()
    await sim.crash_and_restart(lambda: Bot(exchange))


class TestOfBots:
    """Methods, and values that Hypothesis draws."""

    @given(amount=st.integers(1, 2))
    @hedgecheck.verify(executions=3, faults=None)
    async def test_drawn(self, sim: hedgecheck.Sim, amount: int) -> None:
        """A test of a class."""
        decide = sim.intends(is_cheap, lambda wants: (BTC, None, amount) if wants else None)
        if assert_type(decide(1.0), bool):
            await sim.exchange().create_order(BTC, "market", "buy", amount)


@hedgecheck.example(TOKEN)
@hedgecheck.verify(executions=3)
async def test_pinned(sim: hedgecheck.Sim) -> None:
    """A failure that was mended."""
    await sim.exchange().create_order(BTC, "market", "buy", 1)


assert_type(test_bare, Callable[..., None])
assert_type(test_pinned, Callable[..., None])


def test_verdict() -> None:
    """``check``, and what it returns."""
    verdict = hedgecheck.check(test_pinned, executions=3, faults=faults.ALL, max_faults=1, seed=1)
    assert_type(verdict, hedgecheck.Verdict)
    assert_type(verdict.executions, int)
    assert verdict.verdict == "holds"
    for each in verdict.counterexamples:
        assert_type((each.invariant, each.token, each.diagram), tuple[str, str, str])
    assert_type(verdict.to_json(), dict[str, Any])


def told(error: hedgecheck.Falsified) -> str:
    """What a failure carries."""
    return assert_type(error.invariant, str) + assert_type(error.token, str) + assert_type(error.diagram, str)


ERRORS: tuple[type[hedgecheck.HedgecheckError], ...] = (
    hedgecheck.Diverged,
    hedgecheck.Falsified,
    hedgecheck.FixtureScope,
    hedgecheck.NotApplicable,
    hedgecheck.NothingHappened,
    hedgecheck.RealWorld,
    hedgecheck.Unproven,
    hedgecheck.UsageError,
)


# ---- synchronous, exhaustive, compared -----------------------------------------------------------------


class PlainBot:
    """Buys what it is told to, on a synchronous exchange."""

    def __init__(self, exchange: hedgecheck.PlainExchange) -> None:
        self.exchange = exchange

    def enter(self, signal: hedgecheck.Signal) -> bool:
        """Whether it was bought."""
        assert_type(self.exchange.load_markets(), dict[str, dict[str, Any]])
        self.exchange.create_order(signal.pair_x, "market", signal.side_x, signal.amount_x)
        return True


@hedgecheck.verify(exhaustive="all", executions=50, faults=None)
def test_plain(sim: hedgecheck.PlainSim) -> None:
    """What an async test awaits returns when it is there."""
    bot = PlainBot(sim.exchange())
    sim.always(invariants.one_intent_one_exposure)
    assert_type(sim.concurrently(lambda: sim.deliver(sim.signal(BTC), bot.enter)), list[Any])
    sim.background(lambda: sim.sleep(1))
    sim.sleep(1)


assert_type(test_plain, Callable[..., None])


def test_compared() -> None:
    """Two runs of one test."""

    async def both(sim: hedgecheck.Sim) -> None:
        for symbol in (BTC, ETH):
            await sim.deliver(sim.signal(symbol), Bot(sim.exchange()).enter)

    verdict = hedgecheck.compare(both, vary=(ETH,), executions=20, faults=None)
    assert assert_type(verdict, hedgecheck.Verdict).verdict == "holds"
    assert hedgecheck.check(test_plain, exhaustive=0, faults=faults.rate_limit).verdict == "holds"


# ---- a risk gate -------------------------------------------------------------------------------------------


class GateMachine(RiskGateMachine):
    """Never asked here: only its types count."""

    limits = GateLimits(position=0.2, gross=1.0)

    def decide(self, portfolio: GatePortfolio, intents: tuple[GateOrder, ...]) -> Sequence[bool]:
        """A bool for each intent."""
        return [each.amount > 0 and not portfolio.halted for each in intents]


class MyOrder(OrderMachine):
    """Never asked here either."""

    def new(self, order: Any) -> int:
        """Nothing is filled."""
        return 0

    def filled(self, state: int) -> int:
        """Lots."""
        return state


class MyBreaker(BreakerMachine):
    """Nor here."""

    terms = BreakerTerms("drawdown", 500)

    def is_tripped(self, state: bool) -> bool:
        """The state says it."""
        return state


assert_type(hedgecheck.machines.st.amounts(0.001), st.SearchStrategy[float])
assert_type(hedgecheck.machines.st.orders((BTC,)), st.SearchStrategy[GateOrder])
