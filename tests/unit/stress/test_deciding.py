"""How the eight come to what is traded: who is asked when, what is refused, and who is told."""

from typing import Any

import pytest

from hedgecheck.stress.components.protocols import Components, Order, Policy, Published, Refused, Stop
from hedgecheck.stress.deciding import Decisions
from hedgecheck.stress.stressed import MarginRaise, ShortSaleBan, Window
from hedgecheck.values import replace
from tests.unit.stress.component_bars import account, bar, buy, quote

LONG, SHORT, OUT = buy("A"), buy("B", target=-1), buy("C", target=0)
VIEW = bar(5, quote("A"), quote("B"), quote("C"))


class All:
    """All eight in one, and the trader. ``asked``: who was asked for what, in order."""

    def __init__(self, signals=(LONG, SHORT, OUT), **answers: Any) -> None:
        self.wanted, self.answers = list(signals), answers
        self.asked: list[Any] = []
        self.said: list[Published] = []
        self.kept = Policy()
        self.policies: list[Policy] = []

    def run(self, *plan, bars: int = 1) -> Decisions:
        decisions = Decisions(Components(*[self] * 8), self, plan)  # type: ignore[arg-type]
        for at in range(bars):
            decisions.decide(replace(VIEW, bar=5 + at), account())
        return decisions

    def topics(self) -> list[str]:
        return [each.topic for each in self.said]

    # the components

    def signals(self, view, account):
        self.asked.append("signals")
        return self.wanted

    def select(self, signals, view, account, policy):
        self.asked.append("select")
        return self.answers.get("select", (signals, []))

    def size(self, signals, view, account, policy):
        self.asked.append(("size", tuple(signals)))
        orders = [Order(each, "buy" if each.target > 0 else "sell", 1.0, 0.0, 90.0, None) for each in signals]
        return self.answers.get("size", (orders, []))

    def validate(self, order, view, account, policy):
        self.asked.append("validate")
        self.policies.append(policy)
        return self.answers.get("validate", "")

    def judge(self, view, account, policy):
        self.asked.append("judge")
        return self.answers.get("judge")

    def policy(self, current, view, account):
        self.asked.append("policy")
        return self.answers.get("policy", current)

    def load(self):
        self.asked.append("load")
        return self.kept

    def save(self, policy):
        self.asked.append("save")
        self.kept = policy

    def publish(self, message):
        self.said.append(message)

    def subscribe(self, topic, listener):
        raise AssertionError("nobody listens")

    # the trader

    def leave(self, signal):
        self.asked.append(("leave", signal))
        return self.answers.get("left", False)

    def enter(self, order):
        self.asked.append(("enter", order.signal))

    def pause(self):
        self.asked.append("pause")

    def stop(self, stop):
        self.asked.append(("stop", stop))


def test_policy_is_set_first_then_the_governor_judges_then_signals_become_orders():
    system = All()
    system.run()

    assert system.asked == [
        *("load", "policy", "judge", "signals", "select"),
        *[("leave", each) for each in (LONG, SHORT, OUT)],
        ("size", (LONG, SHORT)),
        *("validate", ("enter", LONG), "validate", ("enter", SHORT)),
    ]


@pytest.mark.covers("SE-08")
def test_everything_is_said_on_the_bus_in_its_order_with_its_bar():
    refused = Refused("orchestrator", "HELD", SHORT)
    system = All(select=([LONG], [refused]), policy=Policy(risk=0.5))
    system.run()

    assert system.topics() == ["bar", "policy", "signal", "signal", "signal", "refused", "order"]
    assert {each.bar for each in system.said} == {5}
    payloads = [each.payload for each in system.said]
    assert payloads[0] == VIEW
    assert payloads[1] == Policy(risk=0.5)
    assert payloads[2:6] == [LONG, SHORT, OUT, refused]
    assert payloads[6].signal == LONG


@pytest.mark.covers("SE-07", "SE-06")
def test_policy_is_stored_where_it_changes_alone():
    system = All((), policy=Policy(risk=0.5))
    system.run(bars=3)

    assert system.asked.count("save") == 1
    assert system.topics().count("policy") == 1
    assert system.kept.risk == 0.5


@pytest.mark.covers("SE-02", "SE-03", "SE-04")
@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        ({"select": ([], [Refused("o", "HELD", LONG), Refused("o", "HELD", SHORT)])}, {"HELD": 2}),
        ({"size": ([], [Refused("b", "NO_ROOM", LONG)])}, {"NO_ROOM": 1}),
        ({"validate": "PRICE_JUMP"}, {"PRICE_JUMP": 2}),
    ],
)
def test_what_is_refused_is_counted_by_reason_told_and_not_entered(answers, reasons):
    system = All(**answers)

    assert dict(system.run().refusals) == reasons
    assert [each for each in system.asked if each[0] == "enter"] == []
    assert system.topics().count("refused") == sum(reasons.values())
    assert "order" not in system.topics()


def test_what_is_left_has_time_before_anything_is_opened():
    system = All(left=True)
    system.run()

    assert system.asked.index("pause") == system.asked.index(("size", (LONG, SHORT))) - 1


def test_without_signals_nobody_else_is_asked():
    system = All(())
    system.run()

    assert system.asked == ["load", "policy", "judge", "signals"]


@pytest.mark.covers("SE-05")
def test_governor_stops_once_and_nothing_is_opened_after_that_but_left_it_is():
    stop = Stop("drawdown", "it fell", liquidate=True)
    system = All(judge=stop)

    decisions = system.run(bars=3)

    assert decisions.is_stopped
    assert system.asked.count(("stop", stop)) == system.asked.count("judge") == 1
    assert system.topics().count("stop") == 1
    assert [each for each in system.asked if each[0] in ("size", "enter")] == []
    assert system.asked.count(("leave", OUT)) == 3


@pytest.mark.covers("ST-13")
def test_margin_raise_divides_the_caps_of_its_window_and_stores_nothing():
    system = All((LONG,))
    system.run(MarginRaise(Window(6, 7), 4.0), bars=3)

    usual = Policy()
    assert [(each.position_bps, each.gross_bps) for each in system.policies] == [
        (usual.position_bps, usual.gross_bps),
        (usual.position_bps // 4, usual.gross_bps // 4),
        (usual.position_bps, usual.gross_bps),
    ]
    assert system.kept == usual


@pytest.mark.covers("ST-13")
def test_short_ban_holds_in_its_window_and_stores_nothing():
    system = All((LONG,))
    system.run(ShortSaleBan(Window(6, 7)), bars=3)

    assert [each.short_allowed for each in system.policies] == [True, False, True]
    assert system.kept.short_allowed


@pytest.mark.covers("SE-08", "SM-04")
def test_fill_is_told_with_the_bar_in_which_it_was():
    system = All(())
    decisions = system.run()

    decisions.filled(6, "an order")  # type: ignore[arg-type]

    assert system.said[-1] == Published("fill", 6, "an order")
