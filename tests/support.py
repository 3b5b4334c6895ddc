"""A scripted execution: the test says what happens next, and reads back what engine and venue did."""

from dataclasses import replace

from hedgecheck import tape
from hedgecheck.drive import BundledCore
from hedgecheck.explore import scopes
from hedgecheck.explore.replay import Run
from hedgecheck.messages import Arrived, CreateOrder, FetchOrder, Intent, Record, Returned, Sent
from hedgecheck.world import Engine, Scope, Universe


def pairs(count: int, amount: int = 10, faults: int = 20) -> Scope:
    """So many intents to buy ``amount`` lots of AAA against BBB, all on one key."""
    intents = tuple(Intent(f"p{n + 1}", "AAA", "buy", amount, "BBB", "sell", amount) for n in range(count))
    return replace(scopes.plain(), intents=intents, max_faults=faults)


class Script:
    """Drives one world. Every step must be possible; a step that is not fails the test."""

    def __init__(self, scope: Scope, engine: Engine | None = None) -> None:
        self.run = Run(Universe(scope, engine or BundledCore()))
        self.records: list[Record] = []

    def do(self, action: tape.Action) -> "Script":
        """One action, by name."""
        records = self.run.do(action)
        assert records, f"{action} is not possible here"
        self.records += records
        return self

    def signal(self, intent: int = 0) -> "Script":
        """A new intent arrives."""
        return self.do(tape.Signal(intent))

    def repeat(self, intent: int = 0) -> "Script":
        """The same intent arrives again."""
        return self.do(tape.Repeat(intent))

    def receive(self) -> "Script":
        """The venue takes the oldest request."""
        return self.do(tape.Receive())

    def hear(self, about: str, kind: str) -> "Script":
        """The engine hears the oldest message in flight, which must be this one."""
        return self.do(tape.Deliver(about, kind))

    def fill(self, order: str, amount: int) -> "Script":
        """The market trades so many lots of an order."""
        return self.do(tape.Fill(order, amount))

    def settle(self) -> "Script":
        """Everything under way comes to its end by itself; no rule may be broken."""
        for _, records in self.run.settle():
            self.records += records
        assert self.run.failure is None, self.run.failure
        return self

    @property
    def created(self) -> list[CreateOrder]:
        """Every create_order that reached the venue."""
        arrived = [each.request for each in self.records if isinstance(each, Arrived)]
        return [each for each in arrived if isinstance(each, CreateOrder)]

    @property
    def sent(self) -> list[object]:
        """Every request the engine made."""
        return [each.request for each in self.records if isinstance(each, Sent)]

    @property
    def asked(self) -> list[str]:
        """The orders the engine asked about."""
        return [each.client_order_id for each in self.sent if isinstance(each, FetchOrder)]

    @property
    def returned(self) -> list[tuple[str, bool, str]]:
        """What the calls returned: intent, success, reason."""
        ends = [each for each in self.records if isinstance(each, Returned)]
        return [(each.intent, each.success, each.reason) for each in ends]
