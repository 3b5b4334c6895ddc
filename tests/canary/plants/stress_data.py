"""Defects of stress tests in their data: what scenarios are, what they are loaded from and turned into."""

from dataclasses import replace
from enum import StrEnum

from hedgecheck import stress
from hedgecheck.marketdata import Garch, models
from hedgecheck.stress import library, quality, regulation
from hedgecheck.stress import models as words
from hedgecheck.stress.components import failing
from hedgecheck.stress.loading import klines
from hedgecheck.stress.transforming import base, correlation, liquidity, prices, registry, runtime
from hedgecheck.values import replace as changed
from tests.canary.planted import Swap, plant
from tests.canary.variants import told_otherwise, variant

PROMISED = (
    *[f"ST-{number:02}" for number in range(1, 18)],
    *[f"SL-{number:02}" for number in range(1, 11)],
    *("SM-01", "SM-05", "SD-01", "EX-01"),
)


def _but(module, name: str, **fields) -> list[Swap]:
    """A transformation that is made with other numbers than it was told: each is a function of the told."""
    return [(module, name, told_otherwise(getattr(module, name), **fields))]


# ---- transformations -----------------------------------------------------------------------------------


@plant("ST-01")
def crash_stops_short() -> list[Swap]:
    """Prices fall by a tenth less than was asked."""
    return _but(prices, "FlashCrash", drop=lambda told: told * 0.9)


@plant("ST-02")
def spike_is_of_the_variance() -> list[Swap]:
    """The multiplier is taken for that of the variance: moves grow by its root."""
    return _but(prices, "VolatilitySpike", multiplier=lambda told: told**0.5)


@plant("ST-03")
def trend_goes_on() -> list[Swap]:
    """Moves grow, and keep their sign."""
    return _but(prices, "_Mirror", strength=lambda told: -told)


@plant("ST-04")
def what_is_gone_is_taken_for_what_is_left() -> list[Swap]:
    """Of a drop by 80 % a fifth is gone."""
    return _but(liquidity, "LiquidityDrop", drop=lambda told: 1 - told)


@plant("ST-05")
def spread_widens_on_one_side() -> list[Swap]:
    """Half of what was asked is added: the ask moves, the bid stays."""
    return _but(liquidity, "SpreadExplosion", multiplier=lambda told: 1 + (told - 1) / 2)


@plant("ST-06")
def corruption_is_in_the_market() -> list[Swap]:
    """What arrives wrong is taken for what happened."""
    transformed = base.transformed

    def believed(stressed, transformations, seed=0):
        after = transformed(stressed, transformations, seed)
        return replace(after, truth=after.feed)

    return [(base, "transformed", believed)]


@plant("ST-06")
def transformation_looks_ahead() -> list[Swap]:
    """What is drawn for the bars of the past depends on the last close of the market."""
    transformed = base.transformed

    def ahead(stressed, transformations, seed=0):
        return transformed(stressed, transformations, seed + int(stressed.truth.close[-1].sum() * 1_000))

    return [(base, "transformed", ahead)]


@plant("ST-07")
def correlation_is_right_on_average() -> list[Swap]:
    """Moves are mixed as they are: what they have in common by chance stays."""
    return [(correlation, "orthonormal", lambda series, noise: series / (series**2).sum(axis=0) ** 0.5)]


@plant("ST-08")
def pump_is_a_straight_line() -> list[Swap]:
    """The price rises by the same amount in each bar."""
    return _but(prices, "PumpDump", pump_bars=lambda told: told + 1)


@plant("ST-09")
def mix_forgets_the_prices() -> list[Swap]:
    """Of several stresses those of the prices are left out."""
    return [(registry, "_mixed_prices", lambda given, symbols: [])]


@plant("ST-09")
def stages_are_not_kept() -> list[Swap]:
    """Transformations come in the order in which they are named, the feed before the market."""
    sound = base.transformed

    def as_named(stressed, transformations, seed=0):
        for each in transformations:
            stressed = sound(stressed, [each], seed)
        return stressed

    return [(base, "transformed", as_named)]


@plant("ST-10")
def history_is_touched_up() -> list[Swap]:
    """A replay has a crash in it that never was."""
    return [
        (
            registry,
            "_historic_replay",
            lambda given, symbols: (prices.FlashCrash(given.start, 0.1, 1, 0, 0.0, symbols),),
        )
    ]


@plant("ST-12", "ST-15", "ST-16", "ST-17")
def plan_is_forgotten() -> list[Swap]:
    """Faults of the run are told of and do not happen."""
    planned = runtime.planned
    return [
        (runtime, "planned", lambda stressed, faults: replace(planned(stressed, faults), plan=stressed.plan))
    ]


@plant("ST-15")
def model_never_fails() -> list[Swap]:
    """Every prediction is right."""
    return [(failing, "failing", lambda engine, plan, source: failing.FailingEngine(engine, (), source))]


@plant("ST-13")
def exchange_never_halts() -> list[Swap]:
    """However far an index falls, trading goes on."""
    return [(regulation, "market_wide_halts", lambda market: ())]


# ---- what scenarios are --------------------------------------------------------------------------------


@plant("ST-14")
def there_is_a_fourteenth_type() -> list[Swap]:
    """A type of scenario that nobody asked for."""
    names = {each.name: each.value for each in words.ScenarioType} | {"OTHER": "other"}
    return [(words, "ScenarioType", StrEnum("ScenarioType", names))]


@plant(*[f"SL-{number:02}" for number in range(1, 11)])
def scenarios_are_half_as_bad() -> list[Swap]:
    """Every number of the library is half of what it says."""
    shipped = library._shipped

    def mild():
        return tuple(replace(each, parameters=_halved(each.parameters)) for each in shipped())

    return [(library, "_shipped", mild)]


def _halved(parameters):
    kinds = {int: lambda each: max(1, each // 2), float: lambda each: each / 2}
    return {name: kinds.get(type(each), lambda each: each)(each) for name, each in parameters.items()}


@plant("SM-01")
def type_stays_a_text() -> list[Swap]:
    """A scenario keeps what it was given for its type, whatever it is."""
    return [(words, "Scenario", variant(words.Scenario, __post_init__=lambda self: None))]


@plant("SM-05")
def loader_is_not_public() -> list[Swap]:
    """A name that users import is not there."""
    public = stress._public

    def without(name):
        if name == "ScenarioLoader":
            raise AttributeError(name)
        return public(name)

    return [(stress, "_public", without)]


@plant("EX-01")
def added_type_has_no_parameters() -> list[Swap]:
    """A type is added by its name, and whatever it is told is refused."""
    return [(registry.of, "add_parameters", lambda kind, model: None)]


# ---- data ----------------------------------------------------------------------------------------------


@plant("ST-11")
def variance_does_not_cluster() -> list[Swap]:
    """Every bar is as wild as any other."""

    def steady(omega=1e-6, alpha=0.0, beta=0.0):
        return Garch(omega / (1 - alpha - beta), 0.0, 0.0)

    return [(models, "Garch", steady)]


@plant("ST-11")
def broken_data_are_used() -> list[Swap]:
    """Whatever is wrong with data, nothing is found."""
    inspected = quality.inspected
    return [(quality, "inspected", lambda series, step_ns: changed(inspected(series, step_ns), findings=()))]


@plant("SD-01")
def last_candle_of_an_answer_is_lost() -> list[Swap]:
    """An exchange's answer is taken without its last candle."""
    sound = klines.History

    def fetched(self, *asked):
        rows, is_whole = sound._fetched(self, *asked)
        return rows[:-1], is_whole

    return [(klines, "History", variant(sound, _fetched=fetched))]
