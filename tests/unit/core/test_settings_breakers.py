"""What is wrong with a set of breakers is said one sentence each."""

from dataclasses import replace

import pytest

from core.settings import DAILY_LOSS, MANUAL, BreakerRule, Settings, problems

VIX = BreakerRule("vix", "custom", 40)
ERRORS = BreakerRule("error_rate", "error_rate", 5_000, 10)
SPIKE = BreakerRule("volatility", "volatility", 350, 60)
BUFFER = BreakerRule("liquidation_buffer", "liquidation_buffer", 2_000)
SIZE = BreakerRule("position_size", "position_size", 2_000)


def wrong(rule):
    """The problems of a set with that breaker."""
    rules = (rule,) if rule.name == "manual" else tuple(sorted((rule, MANUAL), key=lambda each: each.name))
    return problems(Settings((), breakers=rules))


@pytest.mark.parametrize(
    "rule",
    [
        DAILY_LOSS,
        MANUAL,
        VIX,
        ERRORS,
        SPIKE,
        BUFFER,
        SIZE,
        BreakerRule("drawdown", "drawdown", 1),
        BreakerRule("correlation", "correlation", 99_999),
        BreakerRule("consecutive_losses", "consecutive_losses", 1),
        replace(DAILY_LOSS, threshold=10_001),
        replace(ERRORS, threshold=10_000, window=1),
        replace(SPIKE, threshold=10_001, window=1),
        replace(BUFFER, threshold=9_999),
        replace(SIZE, window=1),
        replace(DAILY_LOSS, resets_itself=True, cooldown=1),
        replace(DAILY_LOSS, cooldown=0),
        replace(MANUAL, cooldown=0, probation=1),
        replace(VIX, name="_2"),
    ],
    ids=lambda rule: f"{rule.name} {rule.threshold} {rule.window}",
)
def test_a_sound_rule_has_no_problem(rule):
    assert wrong(rule) == ()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (replace(DAILY_LOSS, threshold=0), "breaker daily_loss: threshold is 0, it must be positive"),
        (replace(VIX, threshold=-1), "breaker vix: threshold is -1, it must be positive"),
        (replace(ERRORS, window=0), "breaker error_rate: window is 0, it must be positive"),
        (replace(SPIKE, window=0), "breaker volatility: window is 0, it must be positive"),
        (replace(SPIKE, window=-1), "breaker volatility: window is -1, it must be positive"),
        (replace(SIZE, window=-1), "breaker position_size: window is negative"),
        (
            replace(BUFFER, threshold=10_000),
            "breaker liquidation_buffer: threshold is 10000, a buffer is never more than 10000",
        ),
        (
            replace(ERRORS, threshold=10_001),
            "breaker error_rate: threshold is 10001, a share is never more than 10000",
        ),
        (replace(VIX, name="daily_loss"), "a metric's name"),
        (replace(VIX, name="lag#1"), "a metric's name"),
        (replace(VIX, name=""), "a metric's name"),
        (replace(SIZE, name="size"), "breaker size: its name must be its kind, position_size"),
        (replace(DAILY_LOSS, kind="weather"), "breaker daily_loss: there is no kind weather"),
        (replace(MANUAL, resets_itself=True), "breaker manual: one of its kind is reset by a person only"),
        (
            replace(BUFFER, resets_itself=True),
            "breaker liquidation_buffer: one of its kind is reset by a person only",
        ),
        (
            replace(DAILY_LOSS, resets_itself=True, cooldown=0),
            "breaker daily_loss: cooldown is 0, it must be positive",
        ),
        (replace(DAILY_LOSS, probation=-1), "breaker daily_loss: probation is negative"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_problem_of_a_rule_has_its_sentence(rule, sentence):
    if sentence == "a metric's name":
        sentence = (
            f"breaker {rule.name}: a metric's name is letters, digits and underscores, and no kind of breaker"
        )

    assert wrong(rule) == (sentence,)


@pytest.mark.parametrize("rules", [(MANUAL, DAILY_LOSS), (DAILY_LOSS, DAILY_LOSS, MANUAL)])
def test_breakers_are_sorted_by_name_each_once(rules):
    assert problems(Settings((), breakers=rules)) == ("breakers: sort them by name, each name once",)


@pytest.mark.parametrize("rules", [(), (DAILY_LOSS,)])
def test_a_person_can_always_halt_trading(rules):
    assert problems(Settings((), breakers=rules)) == (
        "breakers: there is no manual one, by which a person halts trading",
    )


def test_a_rule_s_defaults_reset_nothing_and_try_nothing():
    rule = BreakerRule("manual", "manual")

    assert (rule.threshold, rule.window, rule.resets_itself, rule.probation) == (0, 0, False, 0)
    assert rule.cooldown == 600_000_000_000
