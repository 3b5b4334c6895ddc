"""Reports made by hand: one that broke a rule and shows everything, one that found nothing, an empty one."""

from dataclasses import replace

from hedgecheck import faults, invariants
from hedgecheck.explore.fuzz import Call, Campaign, Found
from hedgecheck.explore.replay import Failure
from hedgecheck.explore.watch import Tally
from hedgecheck.report import Counterexample, ExplorerResult, Frame, Goal, Looked, Report, Transition
from hedgecheck.tape import Execution, Signal, Tape

WHY = "intent s1: buy 10 AAA. The venue accepted 20: orders E1 and E2."
RULE = "I05"
LINES = (
    (("strategy -> engine          signal s1: buy 10 AAA, sell 12 BBB",), ()),
    (("            engine -> venue create_order E1: buy 10 AAA limit 1003",), ()),
    (
        (
            "                      venue E1 accepted",
            "                      venue E1 filled: buy 10 AAA at 1003",
        ),
        (),
    ),
    (("            engine x- venue no answer to submit E1",), ("F01 response_lost",)),
    (("            engine          timer retry:E1 fires",), ()),
    (("            engine -> venue create_order E2: buy 10 AAA limit 1003",), ()),
    (("            engine -x venue cancel_order E1",), ("F06 disconnect",)),
    (("                      venue E2 accepted",), ()),
)


def frames() -> tuple[Frame, ...]:
    """Eight steps, two with a fault, the last two after faults stopped; a fact changes at the last."""
    return tuple(
        Frame(
            at_ns=25_000_000 * number,
            lines=lines,
            faults=struck,
            facts=(("orders at the venue", str(number // 3)), ("AAA filled", "10" if number > 2 else "0")),
            drains=number > 6,
        )
        for number, (lines, struck) in enumerate(LINES, 1)
    )


def counterexample(**changes: object) -> Counterexample:
    """A second order sent while the first one's outcome is not known."""
    made = Counterexample(
        invariant=RULE,
        why=WHY,
        token="hc1-7Qk2mZ4T",
        steps=8,
        diagram="\n".join(
            f"  t=0.{index:03} {line}" for index, (lines, _) in enumerate(LINES) for line in lines
        ),
        pytest='"""A counterexample."""\n\ndef test_it() -> None:\n    assert replayed("hc1-7Qk2mZ4T")\n',
        replay="hedgecheck replay hc1-7Qk2mZ4T bots.pair:make",
        found_after=37,
        actions_found=81,
        actions_shrunk=6,
        frames=frames(),
    )
    return replace(made, **changes)


def campaign(factor: int = 1, *, vacuous: tuple[str, ...] = ()) -> Campaign:
    """Counts in the thousands; ``vacuous``: rules that never had anything to check."""
    ids = [rule.id for rule in invariants.ALL]
    made = Campaign(executions=1_200 * factor, steps=45_678 * factor, chosen=40_000 * factor)
    made.tally = Tally()
    made.tally.checks.update(dict.fromkeys(ids, 9_000 * factor))
    made.tally.nonvacuous.update(
        {each: (index + 1) * 111 * factor for index, each in enumerate(ids) if each not in vacuous}
    )
    made.calls.update(
        Signal=Call(1_300 * factor, 1_300 * factor, 1_250 * factor, 50 * factor),
        Receive=Call(7_100 * factor, 7_000 * factor, 7_000 * factor, 0),
        Deliver=Call(9_400 * factor, 9_300 * factor, 9_100 * factor, 200 * factor),
        Misanswer=Call(0, 0, 0, 0),
        LoseReply=Call(410 * factor, 400 * factor, 0, 400 * factor),
        Fire=Call(820 * factor, 800 * factor, 790 * factor, 10 * factor),
    )
    for index, fault in enumerate(tuple(faults.PURE)[:-1]):
        made.spent[fault.id] = 640 * factor // (index + 1)
    return made


def lifecycle() -> tuple[Transition, ...]:
    """Nine states and fifteen ways between them: two back, one to itself, one never gone."""
    ways = (
        ("idle", "gated", 12_034),
        ("gated", "refused", 431),
        ("gated", "first_leg", 11_603),
        ("first_leg", "first_leg", 2_118),
        ("first_leg", "second_leg", 9_870),
        ("first_leg", "aborting", 1_702),
        ("first_leg", "unfilled", 31),
        ("second_leg", "hedged", 8_995),
        ("second_leg", "rehedging", 612),
        ("second_leg", "flattening", 263),
        ("rehedging", "second_leg", 540),
        ("rehedging", "flattening", 72),
        ("aborting", "unfilled", 1_640),
        ("aborting", "flattening", 62),
        ("flattening", "first_leg", 0),
        ("flattening", "unfilled", 397),
    )
    return tuple(Transition(*way) for way in ways)


LOOKED = Looked("two trades, one fault", "truncated", 81_234, 204_567, 31, 30.25, 120, "30 seconds are over")


def goals() -> tuple[Goal, ...]:
    """Two that were reached, and one between them that never was."""
    return (
        Goal("S01", "one_leg_filled_other_rejected", 218),
        Goal("S02", "fill_after_cancel_was_sent", 0),
        Goal("S03", "two_trades_in_flight", 1_044),
    )


def explorers(*, vacuous: tuple[str, ...] = (), found: tuple[str, ...] = ()) -> tuple[ExplorerResult, ...]:
    """Fuzz, Hypothesis and a truncated exhaustive search."""
    fuzz, hypothesis, exhaustive = (campaign(factor, vacuous=vacuous) for factor in (3, 1, 2))
    for rule in found:
        failure = Failure(rule, "a_rule", WHY, 6)
        fuzz.found.append(Found(Execution(7, 36, ""), Tape(1, (Signal(0),)), failure))
    return (
        ExplorerResult("fuzz", fuzz, 12.34, "invented price moves"),
        ExplorerResult("hypothesis", hypothesis, 8.5, "invented price moves"),
        ExplorerResult("exhaustive", exhaustive, 30.25, "two trades, one fault", (LOOKED,)),
    )


def report(**changes: object) -> Report:
    """A run that broke I05 and left I15 without anything to check."""
    made = Report(
        target="bots.pair:make",
        seed=20_240_607,
        replay="hedgecheck verify bots.pair:make --seed 20240607 --budget 45s --no-prices",
        explorers=explorers(vacuous=("I15",), found=(RULE,)),
        counterexamples=(counterexample(),),
        notes=("no real prices were found; moves are invented",),
        goals=goals(),
        lifecycle=lifecycle(),
    )
    return replace(made, **changes)


def good_report() -> Report:
    """A run in which everything was reached, struck and checked, and nothing broke."""
    looked = explorers()[:2]
    for each in looked:
        each.campaign.spent.update({fault.id: 5 for fault in faults.PURE})
    return report(
        explorers=looked,
        counterexamples=(),
        notes=(),
        goals=tuple(goal for goal in goals() if goal.reached),
        lifecycle=tuple(way for way in lifecycle() if way.count),
    )


def empty_report() -> Report:
    """A run that did nothing."""
    return Report("core", 0, "hedgecheck verify core --seed 0", (), ())
