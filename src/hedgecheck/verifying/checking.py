"""``check``: the verdict on a test function around a bot."""

import asyncio
import zlib
from collections.abc import Callable
from typing import Any

from hedgecheck import faults as kinds
from hedgecheck import prices as real_prices
from hedgecheck.errors import UsageError
from hedgecheck.explore.fuzz import Campaign
from hedgecheck.explore.watch import Tally
from hedgecheck.faults import Fault, Plan
from hedgecheck.report.verdict import Counterexample, ExplorerResult, Goal, Report
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.exhaustive import Exhaustive
from hedgecheck.simulate.failure import Failure, failure_of
from hedgecheck.simulate.perform import Outcome, Stage, stage
from hedgecheck.simulate.search import Found, Search, search
from hedgecheck.simulate.shrink import Shrunk, shrink
from hedgecheck.simulate.stepping import Stepped, in_this_execution_alone
from hedgecheck.simulate.tokens import replay
from hedgecheck.values import replace
from hedgecheck.verifying.budget import Budget, Exhaustion, name_of, plan_of, refuse_nonsense
from hedgecheck.verifying.showing import counterexample

UNDECORATED = "_hedgecheck_test"  # where ``verify`` keeps the function that it was given
SHARE_OF_PORTABILITY = 5  # of the executions, for each other order
ENOUGH = 10  # the part of the budget without which nothing is shown


def check(
    fn: Callable[..., Any],
    *,
    executions: int = 500,
    faults: Fault | Plan | None = kinds.ALL,
    max_faults: int = 1,
    budget_seconds: float | None = None,
    seed: int | None = None,
    prices: str | None = None,
    token: str | None = None,
    portable: bool = False,
    exhaustive: Exhaustion = None,
) -> Report:
    """Tries ``fn(sim)``, async or plain, in up to ``executions`` executions with up to ``max_faults``
    faults each, and says what was found. With ``token`` performs that one execution.

    ``budget_seconds``: of this machine's time; when they are over it holds, with the count, unless under a
    tenth was tried. ``seed``: of what is tried; where none is given it is made of the function's name.
    ``prices``: whose real price moves the shocks are. ``portable``: where the bot holds, also tries orders of
    callbacks and timers that asyncio never has; what fails there is a note.
    ``exhaustive``: "all" tries every order in which messages can arrive, with every fault at every place; a
    number tries everything with at most so many flows held back. Where ``executions`` or ``budget_seconds``
    do not suffice for that, the verdict is unknown. Neither is a proof.

    Raises ``UsageError`` for settings that make no sense, ``RealWorld`` where the bot reaches outside,
    ``NotApplicable``, ``Diverged`` and ``TokenError``. A broken rule is no error here: it is in the verdict.
    """
    budget = Budget(
        executions, plan_of(faults), max_faults, budget_seconds, seed, prices, portable, exhaustive
    )
    return checked(fn, budget, token)[0]


def checked(
    fn: Callable[..., Any], budget: Budget, token: str | None, *, command: str = "", step: int | None = None
) -> tuple[Report, Failure | None, Search]:
    """The verdict, the failure that it tells of, and what was tried. ``command`` runs the test alone under
    pytest; with ``step`` a replay stops at that line of what happens."""
    fn = getattr(fn, UNDECORATED, fn)
    refuse_nonsense(fn, budget)
    seed = budget.seed if budget.seed is not None else zlib.crc32(name_of(fn).encode())
    moves = real_prices.moves(budget.prices) if budget.prices else ()
    setting = Setting(budget.faults, budget.max_faults, moves=moves)
    with stage(fn) as open_stage:
        if token is not None:
            result, shrunk = replayed(open_stage, setting, token, step)
        else:
            result = _searched(open_stage, setting, budget, seed)
            shrunk = shrink(open_stage, result.found) if result.found is not None else None
        tally, asked, goals = open_stage.tally(), open_stage.asked, open_stage.goals
        failure = failure_of(open_stage, result, shrunk) if shrunk is not None else None
        notes = _portability(open_stage, setting, budget, seed) if failure is None and token is None else ()
    examples: tuple[Counterexample, ...] = ()
    because = _unknown(result, budget, tally.nonvacuous.total(), goals, token)
    if failure is not None and failure.agrees:
        examples, because = (counterexample(fn, failure, budget, command),), ""
    elif failure is not None:
        because = f"one choice sequence gave two traces: {failure.divergence}. {CURE}"
    verb = f" token={token!r}" if token else f" executions={budget.executions} seed={seed}"
    report = Report(
        target=name_of(fn),
        seed=seed,
        replay=f"hedgecheck.check({name_of(fn)},{verb})",
        explorers=(_explored(result, tally, failure),),
        counterexamples=examples,
        notes=notes,
        goals=tuple(Goal(name, name, result.reached[name]) for name in goals),
        asked=asked,
        unknown_because=because,
    )
    return report, failure, result


def _searched(open_stage: Stage, setting: Setting, budget: Budget, seed: int) -> Search:
    """What was found by chance, or by trying everything."""
    if budget.exhaustive is None:
        return search(open_stage, setting, budget.executions, seed, seconds=budget.seconds)
    every = Exhaustive(open_stage, setting, budget.executions, budget.seconds)
    return every.every_order() if budget.exhaustive == "all" else every.few_holds(budget.exhaustive)


def _explored(result: Search, tally: Tally, failure: Failure | None) -> ExplorerResult:
    campaign = Campaign(result.executions, result.steps, result.steps)
    campaign.spent.update(result.spent)
    campaign.tally.add(tally)
    ways = ", ".join(f"{count} {way}" for way, count in result.ways.items())
    cut_short = result.is_whole is False and failure is None
    return ExplorerResult(
        "schedules", campaign, result.seconds, ways, broke=failure is not None, cut_short=cut_short
    )


CURE = (
    "Something outside of the simulation decides in the bot or the test: a generator seeded by nothing, the "
    "order of a set of texts or objects, state that one execution leaves for the next. Make it the same "
    "every time; PYTHONHASHSEED=0 helps to find which."
)


def replayed(
    open_stage: Stage, setting: Setting, token: str, step: int | None = None
) -> tuple[Search, Shrunk | None]:
    """What a search would have come to that performed the token's execution alone."""
    if step is None:
        used, outcome = replay(open_stage, setting, token)
    else:
        used, outcome = _stepped(open_stage, setting, token, step)
    result = Search(executions=1, steps=outcome.steps, orders=outcome.orders)
    result.spent.update(outcome.spent)
    if outcome.failure is None:
        return result, None
    deviations = {label: value for label, _, value in outcome.made if value}
    result.found = Found(used, deviations, outcome, 1, "replay")
    return result, Shrunk(used, deviations, outcome, 0)


def _stepped(open_stage: Stage, setting: Setting, token: str, step: int) -> tuple[Setting, Outcome]:
    with in_this_execution_alone():
        used, outcome = replay(open_stage, setting, token, story=Stepped(step, open_stage.look_away))
    if step > len(outcome.lines):
        raise UsageError(
            f"--hedgecheck-step {step} is past the end: this execution has {len(outcome.lines)} steps, "
            "the lines of its diagram."
        )
    return used, outcome


def _portability(open_stage: Stage, setting: Setting, budget: Budget, seed: int) -> tuple[str, ...]:
    """What breaks where callbacks and timers come in an order that asyncio does not have."""
    if not budget.portable:
        return ()
    other = [("a ready queue in another order", replace(setting, shuffled=True))]
    other.append(("the timers of uvloop", replace(setting, profile="uvloop")))
    if hasattr(asyncio, "eager_task_factory"):
        other.append(("eager tasks", replace(setting, profile="eager")))
    notes = []
    for name, changed in other:
        result = search(open_stage, changed, max(1, budget.executions // SHARE_OF_PORTABILITY), seed)
        if result.found is not None and result.found.outcome.failure is not None:
            _, rule, why = result.found.outcome.failure
            notes.append(
                f"portability: under {name} {rule} breaks ({why}). That is no defect on asyncio; do not run "
                "the bot on a loop that does that, or let nothing hang on the order of callbacks."
            )
    return tuple(notes)


def _unknown(
    result: Search, budget: Budget, nonvacuous: int, goals: tuple[str, ...], token: str | None
) -> str:
    """Why nothing was shown, if nothing was."""
    if result.found is not None or token is not None:
        return ""
    if not result.orders:
        return (
            f"no order reached the venue in any of {result.executions} executions. Does the test call the "
            f"bot, and does the bot use sim.exchange()?{result.raised and ' Raised was ' + result.raised}"
        )
    missed = [name for name in goals if not result.reached[name]]
    if missed:
        return (
            f"never reached in {result.executions} executions: {', '.join(missed)}. Give it more executions, "
            "or faults that lead there."
        )
    if not nonvacuous:
        return f"no rule had anything to check in any of {result.executions} executions."
    if result.strayed:
        return f"{result.strayed} {CURE}"
    if result.is_whole is False:
        return (
            f"truncated: {result.executions + result.asleep:,} executions did not suffice to try everything. "
            "Give it more executions or seconds, fewer faults, or bound the flows held back: exhaustive=1."
        )
    if result.is_whole is None and result.executions < budget.executions / ENOUGH:
        return (
            f"{result.executions} of {budget.executions} executions were tried in {result.seconds:.1f} s, "
            "under a tenth. Give it more seconds, or ask for fewer executions."
        )
    return ""
