"""The ledger's rules: what no program that trades may do to its account, whatever the exchange does to it.

Every kind of fault may strike any call, two of them in one execution.
"""

import pytest

from hedgecheck import invariants
from hedgecheck.conformance.engine import Clock, Make
from hedgecheck.conformance.scene import FLAT_SECONDS, MARKETS, X, Y, demand, held, refuse_unbalanced
from hedgecheck.invariants import Invariant
from hedgecheck.simulate.sim import Sim
from hedgecheck.verifying.decorator import verify

EXECUTIONS = 200
RULES: tuple[Invariant, ...] = (
    invariants.no_blind_resend,
    invariants.one_intent_one_exposure,
    invariants.hedged,
    invariants.exits_only_reduce,
    invariants.sane_orders,
    invariants.live,
    invariants.no_self_cross,
)


@verify(executions=EXECUTIONS, max_faults=2)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
async def test_rule_holds_for_one_trade(sim: Sim, make_engine: Make, rule: Invariant) -> None:
    """The rule of that name, for one signal that is delivered twice at once."""
    engine = make_engine(sim.exchange(markets=MARKETS), Clock(sim))
    sim.always(invariants.live)
    if rule.kind == "always":
        sim.always(rule)
    else:
        sim.eventually(rule, within_seconds=FLAT_SECONDS)

    await sim.deliver(sim.signal(X, Y, 1.0, 15.0), engine.execute_pair_trade, times=2)


@verify(executions=EXECUTIONS, max_faults=2)
async def test_all_rules_hold_for_trades_at_once_and_the_way_back(sim: Sim, make_engine: Make) -> None:
    """All of these rules, for two pairs that trade at once and share a symbol, and one turned round."""
    engine = make_engine(sim.exchange(markets=MARKETS), Clock(sim))
    for rule in RULES:
        if rule.kind == "always":
            sim.always(rule)
    sim.eventually(invariants.hedged, within_seconds=FLAT_SECONDS)

    await sim.concurrently(
        lambda: sim.deliver(sim.signal(X, Y, 1.0, 15.0), engine.execute_pair_trade, times=2),
        lambda: sim.deliver(sim.signal(Y, "SOL/USDT", 2.0, 40.0), engine.execute_pair_trade),
    )
    await sim.deliver(sim.signal(X, Y, 0.5, 7.5, "sell", "buy"), engine.execute_pair_trade)


@verify(executions=EXECUTIONS, max_faults=2)
async def test_true_means_hedged_whatever_the_exchange_does(sim: Sim, make_engine: Make) -> None:
    """CH-09: the answer is True where both legs are on and balanced, and False where the trade was refused,
    aborted or flattened."""
    engine = make_engine(sim.exchange(markets=MARKETS), Clock(sim))
    sim.always(invariants.live)
    signal = sim.signal(X, Y, 1.0, 15.0)

    answer = await sim.deliver(signal, engine.execute_pair_trade)

    demand(isinstance(answer, bool), "CH-15", f"execute_pair_trade gave {answer!r}, not True or False")
    if answer is True:
        (taken,) = (each for each in sim.ledger.signals if each.signal_id == signal.id)
        refuse_unbalanced(taken, held(sim, X), held(sim, Y))
