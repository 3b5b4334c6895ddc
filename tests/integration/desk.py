"""A trading desk for scripts: the real core with breakers of choice at the real venue, and people who act.

What a person, a calendar or a risk system tells the core has no word in the kit: here it goes to the core as
it is, and what the core commands goes to the venue as ever.
"""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from core import engine
from core.messages import BreakerResetRequested, Event
from core.settings import MANUAL, BreakerRule, Settings
from core.units import Money
from hedgecheck import invariants, tape
from hedgecheck.drive import command_of, settings_of
from hedgecheck.explore.replay import Run
from hedgecheck.messages import Alert, CancelOrder, EngineCommand, Sent
from hedgecheck.world import Scope, Universe
from tests.integration.flow import Flow, Overheard

LINKS = 9
# After a person's reset entries leave again, which these two have never heard of.
RULES = tuple(
    rule
    for rule in invariants.ALL
    if rule not in (invariants.halt_is_halt, invariants.risk_number_is_right, invariants.worst_case_limit)
)


def chain(name: str) -> tuple[str, ...]:
    """The codes that reset a breaker, made by whoever may: the n-th is good for the n-th trip."""
    values = [sha256(name.encode()).hexdigest()]
    for _ in range(LINKS):
        values.append(sha256(values[-1].encode()).hexdigest())
    return tuple(reversed(values))


class Guarded(Overheard):
    """The core with these breakers and a manual one. It also takes the core's own events."""

    def __init__(self, rules: Iterable[BreakerRule], instrument: dict[str, Any]) -> None:
        super().__init__()
        self.rules = tuple(sorted((*rules, MANUAL), key=lambda rule: rule.name))
        self.instrument = instrument

    def initial(self, scope: Scope) -> engine.State:
        """The core with the scope's settings, and the breakers instead of its own."""
        return engine.initial(self.settings(scope), Money(scope.cash))

    def settings(self, scope: Scope) -> Settings:
        """The scope's settings with the breakers, and the codes that reset them."""
        chosen = settings_of(scope)
        return replace(
            chosen,
            instruments=tuple(replace(each, **self.instrument) for each in chosen.instruments),
            reset_anchors=tuple((rule.name, chain(rule.name)[0]) for rule in self.rules),
            breakers=self.rules,
        )

    def step(self, state: engine.State, event: Any) -> tuple[engine.State, tuple[EngineCommand, ...]]:
        """One step of the core, whoever the event comes from."""
        if type(event) not in engine.HANDLERS:
            return super().step(state, event)
        state, commands = engine.step(state, event)
        self.commands += commands
        return state, tuple(command_of(command) for command in commands)


class Desk(Flow):
    """A flow with breakers, and with people."""

    def __init__(self, setting: Scope, *rules: BreakerRule, **instrument: Any) -> None:
        self.engine = Guarded(rules, instrument)
        self.run = Run(Universe(setting, self.engine), RULES)
        self.records = []
        self.scope = setting

    def tell(self, *events: Event) -> "Desk":
        """A person or a system tells the core; what it commands is carried out."""
        for event in events:
            universe = self.run.universe
            self.run.world, records = universe.tell(self.run.world, event)
            broken = self.run.watch.see(records, universe.view(self.run.world, at_rest=False))
            assert broken is None, broken
            self.records += records
        return self

    def reset(self, name: str, link: int = 1) -> "Desk":
        """Somebody resets a breaker with a code of its chain."""
        return self.tell(BreakerResetRequested(name, chain(name)[link]))

    def price(self, symbol: str, ppm: int) -> "Desk":
        """The market moves, and the core hears of it."""
        self.do(tape.Move(symbol, ppm))
        return self.hear_all()

    def fires(self, timer: str) -> "Desk":
        """A timer that runs fires."""
        return self.do(tape.Fire(timer))

    def traded(self, intent: int) -> "Desk":
        """An intent goes its whole way: both legs are filled."""
        return self.signal(intent).until_returned(self.scope.intents[intent].id)

    @property
    def halted(self) -> list[str]:
        """The breakers that are tripped."""
        return [each.name for each in self.state.breakers if each.phase == "tripped"]

    @property
    def phases(self) -> dict[str, str]:
        """Where each breaker is."""
        return {each.name: each.phase for each in self.state.breakers}

    @property
    def alerts(self) -> list[tuple[str, str]]:
        """What people were told of breakers, in order: reason, and breaker with code or share."""
        told = [each for each in self.records if isinstance(each, Alert) and "#" in each.subject]
        return [(each.reason, each.subject) for each in told]

    @property
    def cancels(self) -> list[str]:
        """The orders that the core told the venue to cancel."""
        return [each.client_order_id for each in self.sent if isinstance(each, CancelOrder)]

    @property
    def timers(self) -> tuple[str, ...]:
        """The timers that run."""
        return self.run.world.timers

    def refusal(self, intent: int) -> str | None:
        """Why the core refuses an intent, None where it lets it in."""
        before = len(self.returned)
        self.signal(intent)
        return next((reason for _, _, reason in self.returned[before:]), None)

    def what_left(self, since: int) -> list[object]:
        """The requests that left after so many records."""
        return [each.request for each in self.records[since:] if isinstance(each, Sent)]
