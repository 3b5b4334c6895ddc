"""Shells with one defect each, of kinds that real ones have had, and the rules that may find it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core import engine
from core.gauges import day_begun
from core.messages import OrderFilled
from core.positions import book_fill
from core.state import equity
from hedgecheck import faults
from hedgecheck import messages as kit
from hedgecheck.drive import event_of
from hedgecheck.faults import Fault, Plan
from hedgecheck.fronts.ccxt.calls import Call, Fetch
from hedgecheck.live.brokers.ccxt import CcxtBroker
from hedgecheck.live.ports import Account
from hedgecheck.live.shell import Shell
from hedgecheck.simulate.exchange import scripted
from hedgecheck.simulate.variants import Variant
from hedgecheck.values import frozen
from tests.schedules import shell_scenarios as scenarios
from tests.schedules.shell_scenarios import Scenario
from tests.schedules.shells import Journal
from tests.schedules.shells import Plan as Played

STORED = "every_order_is_stored"
FAILS = Variant(faults.query_unreliable, "fail", "the query fails")


class CommandsFirst(Shell):
    """Carries commands out, and stores their events then."""

    async def _own(self) -> None:
        while True:
            event, told = await self._inbox.get()
            self.state, commands = engine.step(self.state, event)
            self._carry_out(event, commands)
            self.position = await self.log.append([event])
            told.set_result(commands)
            self._changed.set()


class ResendsUnderAnotherName(Shell):
    """Sends an order of which no answer came once more, as a new one."""

    async def _send(self, request: Any) -> None:
        if not isinstance(request, kit.CreateOrder):
            return await super()._send(request)
        answers = await self.broker.send(request)
        if any(isinstance(each, kit.OutcomeUnknown) for each in answers):
            another = f"{request.client_order_id[:-1]}{int(request.client_order_id[-1]) + 1}"
            return await self._send(replace(request, client_order_id=another))
        for each in answers:
            self.tell(event_of(each))
        return None


def shell(kind: type[Shell]) -> Callable[..., Any]:
    """How a shell of that kind is made; it compares its books with nobody."""
    return lambda log, broker, people: kind(log, broker)


class CountsTwice(Journal):
    """Keeps a snapshot that has the fills of events which are replayed after it."""

    def recovered(self) -> Any:
        state, position = super().recovered()
        book = state.book
        for event in self.events(self._snapshot[1]):
            trade = next((each for each in state.trades if _is_of(each, event)), None)
            if trade is not None and isinstance(event, OrderFilled):
                leg = trade.leg_a if event.order.slot in ("entry", "flatten_a") else trade.leg_b
                side = leg.side if event.order.slot in ("entry", "hedge") else _opposite(leg.side)
                book = book_fill(book, leg.symbol, side, event.fill, state.settings)
        return replace(state, book=book), position


def _is_of(trade: Any, event: Any) -> bool:
    return isinstance(event, OrderFilled) and event.order.signal == trade.signal


def _opposite(side: str) -> Any:
    return "sell" if side == "buy" else "buy"


class BeginsTheDayAnew(Journal):
    """Measures the day's loss from when the process came up."""

    def recovered(self) -> Any:
        state, position = super().recovered()
        return replace(state, gauges=day_begun(state.gauges, equity(state))), position


class ReadsFlat(CcxtBroker):
    """Takes a position report that failed for one without positions."""

    async def account(self) -> Account:
        account = await super().account()
        return replace(account, positions=account.positions or ())


async def unanswered(sim: Any, plan: Played) -> None:
    """A pair is traded, and then the venue does not say what is held, for a while."""
    asked: list[Call] = []

    def script(call: Call) -> Variant | None:
        if isinstance(call, Fetch) and call.what == "balance":
            asked.append(call)
            return FAILS if 1 < len(asked) < 8 else None
        return None

    await scenarios.pair(sim, plan, exchange=lambda exchange: scripted(exchange, script))


@frozen
class Canary:
    """A defect: what is played with it, by which rules it may be found, under which faults. All executions
    with one of them are tried, ``executions`` of them at most."""

    name: str
    scenario: Scenario
    plan: Played
    known_by: tuple[str, ...]
    faults: Fault | Plan | None = faults.CRASHES
    executions: int = 200


CANARIES = (
    Canary("command before durable", scenarios.pair, Played(make=shell(CommandsFirst)), (STORED,)),
    Canary(
        "snapshot plus replay counted twice",
        scenarios.pair,
        Played(log=lambda sim, opening, restart: CountsTwice(opening, restart)),
        ("position_converges", "nobody_is_asked"),
    ),
    Canary(
        "baseline re-seeded at start",
        scenarios.tripped,
        Played(log=lambda sim, opening, restart: BeginsTheDayAnew(opening, restart)),
        ("assertion", STORED),
    ),
    Canary(
        "retry with a new id",
        scenarios.pair,
        Played(make=shell(ResendsUnderAnotherName)),
        ("no_blind_resend", "one_intent_one_exposure"),
        faults.response_lost,
    ),
    Canary(
        "a failed position report read as flat",
        unanswered,
        Played(broker=ReadsFlat),
        ("nobody_is_asked",),
        None,
    ),
)
