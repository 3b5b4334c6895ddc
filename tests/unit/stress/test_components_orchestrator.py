"""What of the signals of a bar goes on, and the word for what does not."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.stress.components.orchestrator import SignalFilter
from hedgecheck.stress.components.protocols import Policy
from tests.unit.stress.component_bars import POLICY, account, bar, buy, holding, quote

QUOTES = (quote("A"), quote("B"), quote("C", usable=False))


def select(signals, number=0, orchestrator=None, policy=POLICY, **changes):
    passed, refused = (orchestrator or SignalFilter()).select(
        signals, bar(number, *QUOTES), account(**changes), policy
    )
    return list(passed), [each.reason for each in refused]


@pytest.mark.covers("SE-02")
@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (buy(confidence=0.4), "LOW_CONFIDENCE"),
        (buy(confidence=nan), "CONFIDENCE_UNUSABLE"),
        (buy(confidence=inf), "CONFIDENCE_UNUSABLE"),
        (buy(confidence=-0.1), "CONFIDENCE_UNUSABLE"),
        (buy(confidence=nan, target=0), "CONFIDENCE_UNUSABLE"),
        (buy("C"), "UNUSABLE_PRICE"),
        (buy("A", hedge="C"), "UNUSABLE_PRICE"),
        (buy(target=0), "NOTHING_HELD"),
    ],
)
def test_signal_that_may_not_go_on(signal, reason):
    assert select([signal]) == ([], [reason])


def test_signal_as_sure_as_asked_for_goes_on():
    assert select([buy(confidence=0.5)]) == ([buy(confidence=0.5)], [])
    assert select([buy(confidence=0.5)], policy=Policy(confidence_min=0.51)) == ([], ["LOW_CONFIDENCE"])


@pytest.mark.covers("SE-02")
@pytest.mark.parametrize(
    ("held", "pending", "reason"),
    [(5.0, (), "HELD"), (-5.0, (), "HELD_OPPOSITE"), (0.0, ("i1",), "PENDING"), (5.0, ("i1",), "PENDING")],
)
def test_what_is_held_or_under_way_is_not_opened_again(held, pending, reason):
    assert select([buy()], holdings=(holding(quantity=held),), pending=pending) == ([], [reason])
    other = buy(strategy="t")
    assert select([other], holdings=(holding(quantity=held),), pending=pending) == ([other], [])


def test_leaving_waits_for_no_confidence_and_no_price():
    leave = buy("C", confidence=0.0, target=0)
    assert select([leave], holdings=(holding("C"),)) == ([leave], [])


def test_leaving_is_said_once_while_it_is_under_way():
    orchestrator, leave = SignalFilter(), buy(target=0)
    held = {"holdings": (holding(),)}

    assert select([leave], 0, orchestrator, **held)[0] == [leave]
    assert select([leave], 1, orchestrator, **held, pending=("i1",)) == ([], ["PENDING"])
    assert select([leave], 2, orchestrator, **held)[0] == [leave]


def test_intent_that_is_gone_is_forgotten():
    orchestrator, leave = SignalFilter(), buy(target=0)
    select([leave], 0, orchestrator, holdings=(holding(),))
    select([], 1, orchestrator)
    assert select([leave], 2, orchestrator, holdings=(holding(),), pending=("i1",))[0] == [leave]


def test_entry_that_is_half_filled_can_be_left():
    leave = buy(target=0)
    assert select([leave], holdings=(holding(),), pending=("i1",))[0] == [leave]


@pytest.mark.covers("SE-02")
def test_signals_of_one_bar_neither_repeat_nor_oppose_each_other():
    assert select([buy(), buy()]) == ([buy()], ["DUPLICATE"])
    assert select([buy(), buy(target=-1, strategy="t")]) == ([], ["OPPOSED", "OPPOSED"])
    assert select([buy(), buy("B", hedge="A", strategy="t")]) == ([], ["OPPOSED", "OPPOSED"])
    assert select([buy("B"), buy("B", hedge="A", strategy="t")])[1] == []
    both = select([buy(target=0), buy(target=0, strategy="t"), buy("B")], holdings=(holding(),))
    assert both == ([buy(target=0), buy("B")], ["NOTHING_HELD"])


def test_who_leaves_and_opens_at_once_leaves():
    signals = [buy(strategy="s", target=0), buy(strategy="s", target=1)]
    passed, reasons = select(signals, holdings=(holding(quantity=1.0),))
    assert (passed, reasons) == ([signals[0]], ["HELD"])


def test_signal_refused_alone_opposes_nobody():
    weak = buy(target=-1, confidence=0.1, strategy="t")
    assert select([buy(), weak]) == ([buy()], ["LOW_CONFIDENCE"])


@pytest.mark.covers("SE-02")
def test_signal_that_came_to_nothing_cools_down():
    orchestrator = SignalFilter(cooldown_bars=3)
    answers = [select([buy()], number, orchestrator)[1] for number in range(6)]

    assert answers == [[], ["COOLDOWN"], ["COOLDOWN"], ["COOLDOWN"], [], ["COOLDOWN"]]


def test_signal_that_was_taken_does_not_cool_down():
    orchestrator = SignalFilter(cooldown_bars=3)
    select([buy()], 0, orchestrator)
    assert select([], 1, orchestrator, holdings=(holding(quantity=0.0),), pending=("i1",)) == ([], [])
    assert select([buy()], 2, orchestrator) == ([buy()], [])


SIGNALS = st.builds(
    buy,
    st.sampled_from("ABC"),
    st.sampled_from([0.0, 0.4, 0.5, 0.9, 1.0, nan]),
    st.sampled_from([1, 0, -1]),
    strategy=st.sampled_from("st"),
)
BARS = st.lists(st.lists(SIGNALS, max_size=6), max_size=6)


@pytest.mark.covers("SE-02")
@given(
    BARS, st.lists(st.builds(holding, st.sampled_from("ABC"), st.sampled_from([-1.0, 0.0, 1.0])), max_size=2)
)
def test_every_signal_goes_on_or_is_refused_and_none_is_made_up(bars, held):
    orchestrator = SignalFilter()
    for number, signals in enumerate(bars):
        passed, refused = orchestrator.select(
            signals, bar(number, *QUOTES), account(holdings=tuple(held)), POLICY
        )
        ids = sorted(map(id, [*passed, *(each.signal for each in refused)]))
        assert ids == sorted(map(id, signals))
        opened = {(each.symbol, each.target) for each in passed if each.target}
        assert not any((symbol, -target) in opened for symbol, target in opened)
        assert all(each.confidence >= POLICY.confidence_min for each in passed if each.target)
