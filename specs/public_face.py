"""What a user of the kit may name, in the order in which it is told: read by the reference and by its test.

Signatures are taken from the source as it is written: how Python prints an annotation differs by version.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import Any, get_overloads

import hedgecheck
from hedgecheck import (
    backtest,
    calendars,
    halts,
    machines,
    marketdata,
    portfolios,
    prices,
    signalers,
    stress,
)
from hedgecheck.fronts.ccxt.face import CcxtFace
from hedgecheck.report.verdict import Counterexample
from hedgecheck.simulate.ledger import LedgerCash, LedgerFill, LedgerPosition, LedgerSignal
from hedgecheck.simulate.shared import Shared
from hedgecheck.stress import transforming
from hedgecheck.stress.parameters import Parameters

SECTIONS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    (
        "A test of a bot",
        "",
        (
            *(hedgecheck.verify, hedgecheck.check, hedgecheck.compare, hedgecheck.example),
            *(hedgecheck.Verdict, Counterexample),
        ),
    ),
    ("Inside a test", "", (hedgecheck.Sim, hedgecheck.Signal)),
    (
        "Inside a plain test",
        "A plain `def` test is given a `PlainSim`: what an async test awaits returns when it is there.",
        (hedgecheck.PlainSim, hedgecheck.PlainExchange),
    ),
    (
        "What happened",
        "`sim.ledger`, also what a rule is given. Fields have ccxt's names; nothing in them can be changed.",
        (hedgecheck.Ledger, hedgecheck.LedgerOrder, LedgerFill, LedgerPosition, LedgerSignal, LedgerCash),
    ),
    ("Rules", "", (hedgecheck.invariant,)),
    ("Faults", "", (hedgecheck.fault, hedgecheck.Message, hedgecheck.faults.Fault, hedgecheck.faults.Plan)),
    (
        "Machines",
        "In `hedgecheck.machines`, for [a risk gate](../how-to/check-your-risk-gate.md), "
        "[an order state](../how-to/check-your-order-state.md) and "
        "[a breaker](../how-to/check-your-breaker.md) of your own.",
        (
            *(machines.RiskGateMachine, machines.GateLimits, machines.GatePortfolio, machines.GateOrder),
            *(machines.OrderMachine, machines.BreakerMachine, machines.BreakerTerms, machines.EquityMarked),
            *(machines.SessionDayBegan, machines.TimePassed, machines.TradeClosed, machines.ResetCodeEntered),
        ),
    ),
    (
        "Strategies for machines",
        "In `hedgecheck.machines.st`; each gives a strategy of Hypothesis.",
        (
            *(machines.st.amounts, machines.st.prices, machines.st.orders),
            *(machines.st.batches, machines.st.times, machines.st.unusable),
            *(machines.st.create_orders, machines.st.order_reports, machines.st.equity_paths),
        ),
    ),
    (
        "Market data",
        "In `hedgecheck.marketdata`: [markets from a seed](../how-to/market-data.md). Arrays have the shape "
        "(bars, symbols).",
        (
            *(marketdata.generate, marketdata.Liquidity, marketdata.Market, marketdata.Bar, marketdata.Feed),
            *(marketdata.Model, marketdata.Moves, marketdata.Gbm, marketdata.Garch, marketdata.fit_garch),
            *(marketdata.Merton, marketdata.Switching, marketdata.Regimes, marketdata.Regime),
            *(marketdata.Condition, marketdata.FlashCrash, marketdata.Spike, marketdata.VolatilityFactor),
            *(marketdata.ImpliedVolatilitySurge, marketdata.LowLiquidity, marketdata.LiquidityDrain),
            *(marketdata.DepthChange, marketdata.SpreadWidening),
            *(marketdata.square_root_impact, marketdata.almgren_impact, marketdata.Impact),
        ),
    ),
    (
        "Real prices",
        "In `hedgecheck.prices`, read from packages that are installed.",
        (prices.daily, prices.DailyBar, prices.closes, prices.Close),
    ),
    (
        "Calendars",
        "In `hedgecheck.calendars`.",
        (calendars.phases, calendars.phase_at, calendars.PhaseChange),
    ),
    (
        "Halts",
        "In `hedgecheck.halts`: limit up-limit down of one security, and the market-wide circuit breakers.",
        (
            *(halts.Security, halts.Band, halts.band, halts.Luld, halts.opened, halts.quoted, halts.passed),
            *(halts.mean_price, halts.referenced, halts.reopened),
            *(halts.MarketWide, halts.marked, halts.is_halted, halts.level_prices),
        ),
    ),
    (
        "Signalers",
        "In `hedgecheck.signalers`.",
        (
            *(signalers.signaler, signalers.names, signalers.register, signalers.look_ahead),
            *(signalers.History, signalers.Signals, signalers.Signaler),
            *(signalers.DeepValue, signalers.SqueezeHunter, signalers.MeanReversion, signalers.Momentum),
            signalers.Pairs,
        ),
    ),
    (
        "Backtests",
        "In `hedgecheck.backtest`: [strategies on daily bars](../how-to/backtest-a-portfolio.md).",
        (
            *(backtest.backtest, backtest.Backtest, backtest.Sheet, backtest.Sleeve),
            *(backtest.load, backtest.Bars, backtest.Recount, backtest.draw),
        ),
    ),
    (
        "Stress tests",
        "In `hedgecheck.stress` (extra `stress`): [scenarios](../how-to/stress-test.md) and what comes "
        "of them.",
        (
            *(stress.Scenario, stress.ScenarioType, stress.ScenarioLibrary),
            *(stress.read_scenarios, stress.parsed_scenarios, stress.scenario_of, stress.scenario_schema),
            *(stress.ScenarioLoader, stress.ScenarioTransformer),
            *(stress.ScenarioExecutor, stress.create_executor, stress.ExecutorSettings),
            *(stress.ExchangeProfile, stress.ExchangeSimulator),
            *(stress.StressTestRunner, stress.BatchRequest, stress.BatchResult, stress.ResultDirectory),
            *(stress.ScenarioResult, stress.ExecutionResult, stress.TradeRecord, stress.EmergencyStop),
            stress.measure,
        ),
    ),
    (
        "Components of a stress test",
        "In `hedgecheck.stress`: eight parts of a trading system, [each replaceable]"
        "(../how-to/stress-test.md#components-of-your-own).",
        (
            *(stress.components_from, stress.create_components, stress.Components),
            *(stress.BarView, stress.Quote, stress.AccountView, stress.Holding, stress.Policy),
            *(stress.Signal, stress.Order, stress.Refused, stress.Stop, stress.Published),
            *(stress.RuntimeEngineAdapter, stress.OrchestratorAdapter, stress.PortfolioBalancerAdapter),
            *(stress.RiskGuardAdapter, stress.SafetyGovernorAdapter, stress.MSCAdapter),
            *(stress.PolicyStoreAdapter, stress.EventBusAdapter),
        ),
    ),
    (
        "A type of stress of your own",
        "In `hedgecheck.stress.transforming`, `Parameters` in `hedgecheck.stress.parameters`: "
        "[how to add one](../how-to/add-a-scenario-type.md).",
        (
            *(Parameters, transforming.register, transforming.Transformation, transforming.Stage),
            *(transforming.everywhere, transforming.lasting, transforming.reshaped),
        ),
    ),
    (
        "Portfolios",
        "In `hedgecheck.portfolios`; all of them are in `POSITION_SCENARIOS` and `RISK_LIMITS`.",
        (
            *(portfolios.position_scenario, portfolios.PositionScenario, portfolios.Holding),
            *(portfolios.Resting, portfolios.risk_limits, portfolios.RiskLimits),
        ),
    ),
)
NAMES = {hedgecheck.Verdict: "Verdict"}
FROM = {hedgecheck.Sim: (Shared,)}  # what a class has from another that no user names
OF = {
    hedgecheck.Sim: "sim.",
    hedgecheck.PlainSim: "sim.",
    hedgecheck.Signal: "signal.",
    hedgecheck.Ledger: "ledger.",
}
# What a class is for its users, where the rest is for the kit: a machine's rules, a verdict's rows.
SHOWN = {
    machines.RiskGateMachine: ("decide",),
    machines.OrderMachine: ("new", "on", "filled", "is_open", "status", "restarted"),
    machines.BreakerMachine: ("fresh", "on", "is_tripped", "allows", "code", "restarted"),
    hedgecheck.Verdict: ("verdict", "executions", "to_json"),
    hedgecheck.Sim: tuple(name for name in dir(hedgecheck.Sim) if name != "carries"),
    hedgecheck.PlainSim: tuple(vars(hedgecheck.PlainSim)),
    hedgecheck.PlainExchange: (),
    hedgecheck.Signal: (
        *("signal_id", "pair_x", "side_x", "amount_x"),
        *("pair_y", "side_y", "amount_y", "reduces"),
    ),
    hedgecheck.Ledger: ("orders", "fills", "positions", "signals", "cash", "open_orders", "position"),
}


def name_of(item: Any) -> str:
    """What users call it."""
    return NAMES.get(item, item.__name__)


def members(kind: type) -> Iterator[tuple[str, FunctionType, bool]]:
    """Public methods and properties of a class as it writes them: name, function, whether a property."""
    own = {name: value for each in (*FROM.get(kind, ()), kind) for name, value in vars(each).items()}
    for name, value in own.items():
        if name.startswith("_") or name not in SHOWN.get(kind, (name,)):
            continue
        value = getattr(value, "__func__", value)  # noqa: PLW2901
        if isinstance(value, property) and isinstance(value.fget, FunctionType):
            yield name, value.fget, True
        elif isinstance(value, FunctionType):
            yield name, value, False


def exchange_methods() -> Iterator[tuple[str, FunctionType]]:
    """The methods of an exchange, by their own names; each has its camelCase name too."""
    for kind in reversed(CcxtFace.__mro__):
        if kind.__module__.startswith("hedgecheck."):
            yield from ((name, value) for name, value, is_property in members(kind) if not is_property)


@cache
def source_of(item: Any) -> Any:
    """The definition of a function or a class as the source has it; where it is overloaded, with settings."""
    overloads = get_overloads(item) if isinstance(item, FunctionType) else ()
    return ast.parse(textwrap.dedent(inspect.getsource(overloads[-1] if overloads else item))).body[0]


def fields_of(kind: type) -> tuple[ast.AnnAssign, ...]:
    """The fields of a record; none of a class that is none."""
    is_record = hasattr(kind, "__dataclass_fields__")
    node = source_of(kind)
    return tuple(each for each in node.body if isinstance(each, ast.AnnAssign)) if is_record else ()


def functions() -> Iterator[tuple[str, FunctionType]]:
    """Every function and method of the face, by a name that says where it is."""
    for _, _, items in SECTIONS:
        for item in items:
            if isinstance(item, type):
                yield from ((f"{name_of(item)}.{name}", each) for name, each, _ in members(item))
            else:
                yield name_of(item), item
    yield from ((f"exchange.{name}", each) for name, each in exchange_methods())


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[ast.arg, ...]:
    """Every parameter but ``self``, in order."""
    args = node.args
    every = (*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg)
    return tuple(each for each in every if each is not None and each.arg not in ("self", "cls"))


# ---- the names of types ------------------------------------------------------------------------------------


def names_in(node: ast.AST | None) -> Iterator[str]:
    """Every name that an annotation says."""
    for each in ast.walk(node) if node is not None else ():
        if isinstance(each, ast.Name):
            yield each.id


def alias(module: str, name: str) -> tuple[str, str, ast.expr] | None:
    """Where a name of a module stands for a type in other words: the module, the name, and the words."""
    if not module.startswith("hedgecheck"):
        return None
    for node in _tree(module).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            is_variable = isinstance(node.value, ast.Call)
            return None if is_variable else (module, name, node.value)
        if isinstance(node, ast.ImportFrom) and name in [each.asname or each.name for each in node.names]:
            (said,) = (each.name for each in node.names if (each.asname or each.name) == name)
            return alias(node.module or "", said)
    return None


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(import_module(module)))
