"""Shells with one defect each, of kinds that real ones have had, and the rules that may find it."""

from collections.abc import Callable
from typing import Any

from core import engine
from core.gauges import day_begun
from core.messages import OrderFilled
from core.positions import book_fill
from core.state import equity
from core.values import replace
from hedgecheck import faults
from hedgecheck import messages as kit
from hedgecheck.drive import event_of
from hedgecheck.faults import Fault, Plan
from hedgecheck.live.shell import Shell
from hedgecheck.values import frozen
from tests.schedules import shell_scenarios as scenarios
from tests.schedules.shell_scenarios import Scenario
from tests.schedules.shells import Journal
from tests.schedules.shells import Plan as Played

STORED = "every_order_is_stored"
RECONCILE_SECONDS = 4.5


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


def flattening(read: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A shell that takes for flat what the venue says is; ``read``: the positions of a report."""

    def made(log: Any, broker: Any) -> Any:
        return Shell(log, broker, reconcile=reconcile, reconcile_seconds=RECONCILE_SECONDS)

    def reconcile(shell: Any) -> Any:
        async def once() -> None:
            before = shell.state.book.positions
            held = read(await shell.broker.account())
            if held is not None and shell.state.book.positions == before:
                there = tuple([each for each in before if each.symbol in dict(held)])
                shell.state = replace(shell.state, book=replace(shell.state.book, positions=there))

        return once

    return made


@frozen
class Canary:
    """A defect: what is played with it, by which rules it may be found, under which faults. All executions
    with one of them are tried, ``executions`` of them at most."""

    name: str
    scenario: Scenario
    plan: Played
    known_by: tuple[str, ...]
    faults: Fault | Plan = faults.CRASHES
    executions: int = 200


CANARIES = (
    Canary("command before durable", scenarios.pair, Played(make=CommandsFirst), (STORED,)),
    Canary(
        "snapshot plus replay counted twice",
        scenarios.pair,
        Played(log=lambda sim, opening, restart: CountsTwice(opening, restart)),
        ("position_converges",),
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
        Played(make=ResendsUnderAnotherName),
        ("no_blind_resend", "one_intent_one_exposure"),
        faults.response_lost,
    ),
    Canary(
        "a failed position report read as flat",
        scenarios.crossed_cancel,
        Played(make=flattening(lambda account: account.positions or ())),
        ("position_converges",),
        faults.query_unreliable,
    ),
)
TWIN = Canary(
    "a failed position report is no report",
    scenarios.crossed_cancel,
    Played(make=flattening(lambda account: account.positions)),
    (),
    faults.query_unreliable,
)
