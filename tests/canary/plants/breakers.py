"""Defects of circuit breakers: when they trip, what they do to orders, and how they come back."""

from dataclasses import replace

from core import breakers, control, engine, gauges, halts, health, levels, market, plan
from core.levels import BREACH, FINE
from tests.canary.planted import Swap, plant

PROMISED = (
    *(f"TC-CB-{number:03}" for number in range(1, 18)),
    *(f"EM-{number:02}" for number in (1, 5, 6, 7, 8, 9, 11)),
    "TI-17",
)

# ---- when it trips -------------------------------------------------------------------------------------


@plant("TC-CB-001", "EM-09")
def trips_early() -> list[Swap]:
    """The daily loss trips at nine tenths of its threshold."""
    daily_loss = levels._daily_loss

    def early(rule, state, worth):
        return daily_loss(replace(rule, threshold=rule.threshold * 9 // 10), state, worth)

    return [(levels, "_daily_loss", early)]


@plant("TC-CB-001", "EM-09")
def trips_late() -> list[Swap]:
    """The daily loss trips one basis point beyond its threshold."""
    daily_loss = levels._daily_loss

    def late(rule, state, worth):
        return daily_loss(replace(rule, threshold=rule.threshold + 1), state, worth)

    return [(levels, "_daily_loss", late)]


@plant("EM-08", "EM-09", "TC-CB-003", "TC-CB-005")
def boundary_excluded() -> list[Swap]:
    """At the threshold itself nothing trips yet."""
    level = levels._level
    return [(levels, "_level", lambda part, bound: level(part - 1, bound))]


@plant("TC-CB-001")
def baseline_of_the_wrong_day() -> list[Swap]:
    """A new day goes on measuring its loss from the opening of the day before."""
    return [(gauges, "day_begun", lambda read, worth: read)]


@plant("EM-08")
def zero_counted_as_a_loss() -> list[Swap]:
    """A round that made nothing counts as lost."""
    counted = gauges._counted

    def counting(losses, each):
        return counted(losses, replace(each, profit=each.profit or -1))

    return [(gauges, "_counted", counting)]


@plant("EM-08")
def mark_resets_with_the_breaker() -> list[Swap]:
    """A reset measures drawdown from the present equity on."""
    returned = halts._returned

    def rebased(state, rule, breaker, commands):
        worth = engine.equity(state)
        if state.gauges.mark is not None and worth is not None:
            state = replace(state, gauges=replace(state.gauges, mark=worth))
        return returned(state, rule, breaker, commands)

    return [(halts, "_returned", rebased)]


@plant("EM-09")
def nan_passes() -> list[Swap]:
    """A held position without a usable price is no reason to trip."""
    daily_loss = levels._daily_loss

    def passing(rule, state, worth):
        return FINE if worth is None else daily_loss(rule, state, worth)

    return [(levels, "_daily_loss", passing)]


@plant("TC-CB-002")
def buffer_forgets_the_margin() -> list[Swap]:
    """The buffer is all of equity: what positions tie up is not taken off."""
    buffer = levels._liquidation_buffer

    def unmargined(rule, state, worth):
        free = tuple(replace(each, maintenance_bps=0) for each in state.settings.instruments)
        return buffer(rule, replace(state, settings=replace(state.settings, instruments=free)), worth)

    return [(levels, "_liquidation_buffer", unmargined)]


@plant("TC-CB-003")
def only_the_last_tick_is_compared() -> list[Swap]:
    """A price is compared with the one before it, not with the whole window."""
    volatility = levels._volatility
    return [
        (levels, "_volatility", lambda rule, state, worth: volatility(replace(rule, window=1), state, worth))
    ]


@plant("TC-CB-004")
def clusters_are_taken_apart() -> list[Swap]:
    """Symbols that move together are judged one by one."""
    size = levels._position_size
    return [(levels, "_correlation", lambda rule, state, worth: size(replace(rule, window=0), state, worth))]


@plant("TC-CB-005")
def refusals_are_never_counted() -> list[Swap]:
    """A strategy may ask for too much as often as it likes."""
    return [(gauges, "signalled", lambda read, reason: read)]


@plant("TC-CB-006")
def unusable_metric_passes() -> list[Swap]:
    """A metric that is not known trips nothing."""
    custom = levels._custom

    def passing(rule, state, worth):
        is_unusable = dict(state.gauges.metrics or ()).get(rule.name, 0) is None
        return FINE if is_unusable else custom(rule, state, worth)

    return [(levels, "_custom", passing)]


# ---- what a trip does ------------------------------------------------------------------------------------


@plant("TC-CB-007")
def entries_are_left_to_rest() -> list[Swap]:
    """A trip refuses new entries, and those that rest may still be filled."""

    def trip(state, rule, before):
        breaker = breakers.trip(before)
        return halts._put(state, breaker), breaker, halts._told_of_trip(state.settings, rule, breaker)

    return [(halts, "_trip", trip)]


@plant("TC-CB-008")
def nothing_is_ever_liquidated() -> list[Swap]:
    """When the buffer is gone positions are kept as with any other breaker."""
    return [(halts, "_may_liquidate", lambda rule, breaker: False)]


@plant("TC-CB-009")
def only_the_first_entry_is_canceled() -> list[Swap]:
    """The broker is told to cancel one of the entries that rest."""
    trip = halts._trip

    def one(state, rule, before):
        after, breaker, commands = trip(state, rule, before)
        cancels = [each for each in commands if type(each).__name__ == "CancelOrder"]
        return after, breaker, tuple(each for each in commands if each not in cancels[1:])

    return [(halts, "_trip", one)]


@plant("TC-CB-010")
def probation_tells_nobody() -> list[Swap]:
    """The steps of a probation raise no alert."""
    told = halts._told_of_probation
    return [(halts, "_told_of_probation", lambda rule, breaker: told(rule, breaker)[1:])]


@plant("TC-CB-011")
def a_level_is_kept_beside_the_state() -> list[Swap]:
    """The highest value of a metric is remembered outside the state, where no event brings it back."""
    custom, highest = levels._custom, [FINE]

    def remembering(rule, state, worth):
        highest.append(max(highest[-1], custom(rule, state, worth)))
        return BREACH if highest[-1] == BREACH and dict(state.gauges.metrics) else FINE

    return [(levels, "_custom", remembering)]


@plant("TC-CB-012")
def new_settings_arm_every_breaker() -> list[Swap]:
    """A change of settings starts breakers anew, tripped ones too."""
    changed = control.settings_changed

    def forgetting(state, event):
        after, commands = changed(state, event)
        return replace(after, breakers=breakers.initial(after.settings)), commands

    return [(control, "settings_changed", forgetting)]


@plant("EM-01")
def every_trip_liquidates() -> list[Swap]:
    """Any breaker that trips forces all positions out."""
    return [(halts, "_may_liquidate", lambda rule, breaker: not breaker.liquidates)]


@plant("EM-05")
def hedge_of_the_planned_size() -> list[Swap]:
    """The second leg is as large as it was planned, whatever the first one filled."""
    return [(plan, "hedge_target", lambda trade: trade.leg_b.planned)]


# ---- how it comes back -----------------------------------------------------------------------------------


@plant("EM-06", "EM-11")
def another_breaker_s_code_is_accepted() -> list[Swap]:
    """The code of any tripped breaker resets the one that is named."""
    requested = halts.reset_requested

    def any_code(state, event):
        named = halts._at(state, event.breaker)
        opened = [breakers.unlocked(each, event.code) for each in state.breakers if each.phase == "tripped"]
        if named is None or named[1].phase != "tripped" or not any(opened):
            return requested(state, event)
        return halts._returned(state, *named, ())

    return [(halts, "reset_requested", any_code)]


@plant("EM-11")
def a_code_works_twice() -> list[Swap]:
    """The code that was used last resets the next trip too."""
    unlocked = breakers.unlocked

    def again(breaker, code):
        return breaker if breaker.spent and code == breaker.anchor else unlocked(breaker, code)

    return [(breakers, "unlocked", again)]


@plant("TC-CB-014")
def any_code_resets() -> list[Swap]:
    """Whatever is written in the place of the code is accepted."""
    return [(breakers, "unlocked", lambda breaker, code: replace(breaker, spent=breaker.link))]


@plant("EM-06")
def one_reset_arms_all() -> list[Swap]:
    """A reset arms every breaker that is tripped."""
    returned = halts._returned

    def all_armed(state, rule, breaker, commands):
        armed = tuple(replace(each, phase="armed") for each in state.breakers)
        return returned(replace(state, breakers=armed), rule, breaker, commands)

    return [(halts, "_returned", all_armed)]


@plant("TC-CB-013", "EM-07")
def resets_itself_while_its_cause_lasts() -> list[Swap]:
    """After the cooldown a breaker resets itself whatever the market does."""

    def cooled_down(state, rule, breaker):
        return halts._put(state, breakers.returned(breaker, rule)), ()

    return [(halts, "_cooled_down", cooled_down)]


@plant("EM-07")
def breaker_and_baseline_lost_at_restart() -> list[Swap]:
    """A restart arms every breaker and measures from what is left."""
    restarted = engine._restarted

    def forgetting(state, event):
        worth = engine.equity(state) or state.book.cash
        fresh = replace(
            state,
            breakers=breakers.initial(state.settings),
            gauges=gauges.initial(state.settings, worth),
        )
        return restarted(fresh, event)

    return [(engine, "_restarted", forgetting)]


@plant("TC-CB-015", "EM-07")
def probation_skipped() -> list[Swap]:
    """After a reset all of the limits hold at once."""
    returned = breakers.returned
    return [(breakers, "returned", lambda breaker, rule: returned(breaker, replace(rule, probation=0)))]


@plant("TC-CB-015")
def shares_bind_nobody() -> list[Swap]:
    """On probation the gate goes by the whole limits."""
    return [(breakers, "share", lambda each: breakers.WHOLE_BPS)]


@plant("TC-CB-016")
def halted_for_good() -> list[Swap]:
    """A breaker that ever tripped keeps entries out, reset or not."""
    return [(breakers, "is_halted", lambda every: any(each.trips for each in every))]


@plant("TC-CB-017", "TI-17")
def health_is_always_well() -> list[Swap]:
    """Health says that all is well."""
    asked = health.health
    return [(health, "health", lambda state: replace(asked(state), is_well=True))]


@plant("TC-CB-004")
def correlations_go_unheard() -> list[Swap]:
    """What is reported of correlations changes nothing."""
    return [(market, "correlation_reported", lambda state, event: (state, ()))]
