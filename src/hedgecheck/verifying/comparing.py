"""``compare``: the verdict on two runs of one test, alike in every choice but one."""

import inspect
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from hedgecheck import faults as kinds
from hedgecheck import invariants
from hedgecheck import prices as real_prices
from hedgecheck.errors import UsageError
from hedgecheck.explore.fuzz import Campaign
from hedgecheck.faults import Fault, Plan
from hedgecheck.report.verdict import Counterexample, ExplorerResult, Goal, Report
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.failure import Failure, failure_of
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.search import Search, search
from hedgecheck.simulate.shrink import shrink
from hedgecheck.simulate.twice import Hook, Twice, Variation
from hedgecheck.simulate.variations import Instead, LeftOut, Restart, Shocked
from hedgecheck.values import frozen, replace
from hedgecheck.verifying.budget import Budget, arguments_of, name_of, plan_of, refuse_nonsense
from hedgecheck.verifying.checking import CURE, ENOUGH, UNDECORATED, replayed
from hedgecheck.verifying.showing import counterexample

CHOICES = (
    'vary="restart"; vary=hedgecheck.invariants.restart_neutral or non_interference; vary=("BTC/USDT",), the '
    'symbols whose signals are left out; vary={"BTC/USDT": -0.2}, a shock of prices; or vary=another_test, '
    "an async function of sim"
)


def compare(
    fn: Callable[..., Any],
    *,
    vary: Any,
    executions: int = 500,
    faults: Fault | Plan | None = kinds.ALL,
    max_faults: int = 1,
    budget_seconds: float | None = None,
    seed: int | None = None,
    prices: str | None = None,
    token: str | None = None,
) -> Report:
    """Performs ``fn(sim)``, async or plain, twice under the same choices, in up to ``executions`` executions
    (two of them are one pair), with one difference, and says whether it came to the same.

    ``vary="restart"``: the second adds one restart of a ``sim.process``, at any await; what venues hold in
    the end (positions, open orders, money) must be equal (I16). ``vary=invariants.restart_neutral``: only
    where nothing is under way. ``vary=("BTC/USDT",)``: the second leaves out signals on these symbols;
    ``invariants.non_interference``: on any group of symbols; ``{"BTC/USDT": -0.2}``: it shocks their prices
    by that fraction; another test function: it is that one. The orders of the rest must be equal (I20). The
    others are as for ``check``, and so are the errors. A pair whose choices cannot be repeated is not judged.

    Raises ``UsageError`` for any other ``vary``, ``NotApplicable`` where nothing can be varied.
    """
    budget = Budget(executions, plan_of(faults), max_faults, budget_seconds, seed, prices)
    fn = getattr(fn, UNDECORATED, fn)
    refuse_nonsense(fn, budget)
    return _compared(fn, _Varied(vary, variation_of(vary, fn)), budget, token)


@frozen
class _Varied:
    """What the caller wrote, and what it means."""

    said: Any
    variation: Variation

    @property
    def words(self) -> str:
        """The argument, as it is written."""
        for name in ("restart_neutral", "non_interference"):
            if self.said == getattr(invariants, name):
                return f", vary=hedgecheck.invariants.{name}"
        return f", vary={getattr(self.said, '__name__', None) or repr(self.said)}"


def _compared(fn: Callable[..., Any], varied: _Varied, budget: Budget, token: str | None) -> Report:
    seed = budget.seed if budget.seed is not None else zlib.crc32(name_of(fn).encode())
    moves = real_prices.moves(budget.prices) if budget.prices else ()
    setting = Setting(budget.faults, budget.max_faults, moves=moves)
    hook = Hook()
    with stage(hook.of(fn)) as open_stage:
        pairs: Any = Twice(open_stage, hook, fn, varied.variation)  # to a search it is a stage
        shrunk = None
        if token is not None:
            result, shrunk = replayed(pairs, setting, token)
        else:
            result = search(pairs, setting, max(1, budget.executions // 2), seed, seconds=budget.seconds)
        performed = 2 * result.executions - pairs.single
        unjudged = pairs.unjudged.copy()
        if result.found is not None and shrunk is None:
            shrunk = shrink(pairs, result.found)
        failure = failure_of(pairs, result, shrunk) if shrunk is not None else None
    examples: tuple[Counterexample, ...] = ()
    because = "" if token is not None else _unknown(result, budget, performed, pairs)
    if failure is not None and failure.agrees:
        examples, because = (_example(fn, failure, budget, varied.words),), ""
    elif failure is not None:
        because = f"one choice sequence gave two traces: {failure.divergence}. {CURE}"
    verb = f"token={token!r}" if token else f"executions={budget.executions}, seed={seed}"
    return Report(
        target=name_of(fn),
        seed=seed,
        replay=f"hedgecheck.compare({name_of(fn)}{varied.words}, {verb})",
        explorers=(_explored(result, performed, pairs, failure),),
        counterexamples=examples,
        notes=tuple(f"{count} pairs were not compared: {why}" for why, count in unjudged.most_common()),
        goals=tuple(Goal(name, name, result.reached[name]) for name in pairs.goals),
        asked=((varied.variation.rule.id, varied.variation.rule.name),),
        unknown_because=because,
    )


def variation_of(vary: Any, fn: Callable[..., Any]) -> Variation:
    """What ``vary`` says. Raises ``UsageError`` for what says nothing."""
    if vary in ("restart", invariants.restart_neutral):
        return Restart(at_rest=vary != "restart")
    if vary == invariants.non_interference:
        return LeftOut(None)
    if isinstance(vary, Mapping) and vary and all(_is_fraction(each) for each in vary.values()):
        return Shocked(vary)
    if isinstance(vary, str) and "/" in vary:
        return LeftOut(frozenset((vary,)))
    is_listed = isinstance(vary, (tuple, list, set, frozenset)) and vary
    if is_listed and all(isinstance(each, str) and "/" in each for each in vary):
        return LeftOut(frozenset(vary))
    other = getattr(vary, UNDECORATED, vary)
    if inspect.iscoroutinefunction(other):
        return Instead(other, (getattr(fn, "__name__", "fn"), getattr(other, "__name__", "the other")))
    raise UsageError(f"vary={vary!r} says nothing that two runs could differ in. Write {CHOICES}.")


def _is_fraction(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > -1 and value != 0


# ---- the verdict -----------------------------------------------------------------------------------


def _explored(result: Search, performed: int, twice: Twice, failure: Failure | None) -> ExplorerResult:
    campaign = Campaign(performed, result.steps, result.steps)
    campaign.spent.update(result.spent)
    campaign.tally.add(twice.counts)
    ways = ", ".join(f"{count} {way}" for way, count in result.ways.items())
    return ExplorerResult("pairs of schedules", campaign, result.seconds, ways, broke=failure is not None)


def _unknown(result: Search, budget: Budget, performed: int, twice: Twice) -> str:
    """Why nothing was shown, if nothing was."""
    if result.found is not None:
        return ""
    if not result.orders:
        raised = result.raised and f" Raised was {result.raised}"
        return f"no order reached the venue in any of {performed} executions.{raised}"
    compared, reasons = twice.counts.nonvacuous.total(), dict(twice.unjudged.most_common())
    if compared * 2 < performed / ENOUGH:
        reasons["ordered nothing that must not differ"] = twice.counts.checks.total() - compared
        why = "; ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
        return f"{compared} of {performed // 2} pairs of executions could be compared. Of the others {why}."
    if performed < budget.executions / ENOUGH:
        return (
            f"{performed} of {budget.executions} executions were performed in {result.seconds:.1f} s, under "
            "a tenth. Give it more seconds, or ask for fewer executions."
        )
    return ""


def _example(fn: Callable[..., Any], failure: Failure, budget: Budget, words: str) -> Counterexample:
    """The failure as the verdict holds it; what replays it compares."""
    made = counterexample(fn, failure, budget, "")
    name, settings = getattr(fn, "__name__", "test"), arguments_of(budget)
    again = f"{words}, token={failure.token!r}{settings})"
    file = made.pytest.replace(
        f"hedgecheck.check(tested.{name}, token={failure.token!r}{settings})",
        f"hedgecheck.compare(tested.{name}{again}",
    )
    return replace(made, replay=f"hedgecheck.compare({name}{again}", pytest=file)
