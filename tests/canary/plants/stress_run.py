"""Defects of stress tests in their runs: the exchange, the components, the books, what a result says."""

from hedgecheck.stress import emergencies, exchange, execution, executor, gateway, ledger
from hedgecheck.stress.components import (
    adapters,
    event_bus,
    factory,
    msc,
    orchestrator,
    policy_store,
    portfolio_balancer,
    risk_guard,
    runtime_engine,
    safety_governor,
)
from hedgecheck.stress.loading import synthetic
from hedgecheck.stress.metrics import basis, measuring
from hedgecheck.values import replace as changed
from tests.canary.planted import Swap, plant
from tests.canary.variants import variant

PROMISED = (
    *[f"SX-{number:02}" for number in range(1, 6)],
    *[f"SE-{number:02}" for number in range(1, 16)],
    *("SM-02", "SM-03", "SM-04", "EX-02", "ST-16", "ST-17"),
)


def _exchange(**methods) -> list[Swap]:
    return [(exchange, "ExchangeSimulator", variant(exchange.ExchangeSimulator, **methods))]


# ---- the exchange --------------------------------------------------------------------------------------


@plant("SX-04", "ST-16")
def simulator_never_fails() -> list[Swap]:
    """However wild the market and whatever the plan, every order gets through."""
    return _exchange(failure=lambda self, bar, symbol: "")


@plant("SX-01")
def slippage_does_not_adapt() -> list[Swap]:
    """An order in a crash slips as far as one on a calm day."""
    fill = exchange.ExchangeSimulator.fill

    def calm(self, bar, symbol, side, lots, price, limit=None):
        found = fill(self, bar, symbol, side, lots, price, limit)
        usual = price * self.profile.slippage_bps[0] / exchange.WHOLE_BPS
        sign = 1 if side == "buy" else -1
        return changed(
            found, slippage=usual, price=found.price - sign * round(max(0.0, found.slippage - usual))
        )

    return _exchange(fill=calm)


@plant("SX-02")
def all_of_the_spread_is_paid() -> list[Swap]:
    """An order pays the spread and not half of it."""
    sound = exchange.ExchangeSimulator

    def begun(self, *given, **named):
        sound.__init__(self, *given, **named)
        self._spread = [[2 * each for each in row] for row in self._spread]

    return _exchange(__init__=begun)


@plant("SX-03", "ST-17")
def latency_is_what_it_always_is() -> list[Swap]:
    """Neither stress nor the plan makes a message slower."""
    return _exchange(
        latency_ns=lambda self, bar, symbol: int(self.profile.latency_ms[0] * exchange.MILLISECOND_NS)
    )


@plant("SX-05")
def orders_fill_whole() -> list[Swap]:
    """There is always somebody on the other side, for all of it."""
    return _exchange(_lots=lambda self, stress, lots: lots)


# ---- components ----------------------------------------------------------------------------------------


@plant("SE-01")
def signals_are_turned_round() -> list[Swap]:
    """A strategy sells where it is to buy."""
    wanting = runtime_engine.SmaCross._wanting

    def turned(self, target, gap):
        return wanting(self, -target, gap)

    return [(runtime_engine, "SmaCross", variant(runtime_engine.SmaCross, _wanting=turned))]


@plant("SE-02")
def every_signal_goes_on() -> list[Swap]:
    """Nothing is filtered."""
    return [
        (
            orchestrator,
            "SignalFilter",
            variant(
                orchestrator.SignalFilter, select=lambda self, signals, view, account, policy: (signals, ())
            ),
        )
    ]


@plant("SE-03")
def guard_nods() -> list[Swap]:
    """Every order makes sense."""
    guard = risk_guard.PreTradeGuard
    return [
        (risk_guard, "PreTradeGuard", variant(guard, validate=lambda self, order, view, account, policy: ""))
    ]


@plant("SE-04")
def caps_are_twice_as_high() -> list[Swap]:
    """A position may be twice what the policy allows."""
    size = portfolio_balancer.EqualRiskBalancer.size

    def wide(self, signals, view, account, policy):
        twice = changed(policy, position_bps=2 * policy.position_bps, gross_bps=2 * policy.gross_bps)
        return size(self, signals, view, account, twice)

    balancer = variant(portfolio_balancer.EqualRiskBalancer, size=wide)
    return [(portfolio_balancer, "EqualRiskBalancer", balancer)]


@plant("SE-05")
def governor_looks_on() -> list[Swap]:
    """Nothing is an emergency."""
    governor = safety_governor.LimitGovernor
    return [
        (
            safety_governor,
            "LimitGovernor",
            variant(governor, judge=lambda self, view, account, policy: None),
        )
    ]


@plant("SE-06")
def controller_changes_nothing() -> list[Swap]:
    """The policy is the same in any market."""
    controller = msc.RegimeController
    return [
        (msc, "RegimeController", variant(controller, policy=lambda self, current, view, account: current))
    ]


@plant("SE-07")
def store_forgets() -> list[Swap]:
    """What is saved is not there."""
    store = policy_store.MemoryPolicyStore
    return [(policy_store, "MemoryPolicyStore", variant(store, save=lambda self, policy: None))]


@plant("SE-08")
def bus_tells_one() -> list[Swap]:
    """Who subscribed first hears a topic, and nobody else."""
    tell = event_bus.SynchronousBus._tell

    def one(self, message):
        listeners, self._listeners = self._listeners, self._listeners[:1]
        tell(self, message)
        self._listeners = listeners

    return [(event_bus, "SynchronousBus", variant(event_bus.SynchronousBus, _tell=one))]


@plant("SE-11", "SE-14", "SE-15", "EX-02")
def own_components_are_ignored() -> list[Swap]:
    """Whatever is given, the bundled one runs."""
    return [(factory, "create_components", lambda create=factory.create_components, **own: create())]


@plant("SE-11")
def adapter_believes_everything() -> list[Swap]:
    """An answer that makes no sense goes on."""
    return [(adapters, "signal_checked", lambda name, view, signal: None)]


@plant("SE-13")
def adapter_has_another_name() -> list[Swap]:
    """One of the eight is called something else."""
    other = type("BusAdapter", (adapters.EventBusAdapter,), {})
    return [(adapters, "EventBusAdapter", other)]


@plant("SE-12")
def emergency_stops_are_not_told() -> list[Swap]:
    """A result is silent about the engine's breakers."""
    return [(emergencies, "of_breakers", lambda trips, account, settings, scale: ())]


@plant("SE-12")
def failed_orders_are_not_told() -> list[Swap]:
    """An order that the venue refused is open for ever."""
    return [(ledger.Ledger, "_ended", lambda self, record: None)]


# ---- what is counted -----------------------------------------------------------------------------------


@plant("SE-09")
def metric_has_the_wrong_ddof() -> list[Swap]:
    """A deviation is that of all there is, where it is to be that of a sample."""

    def of_all(values, scale):
        return float(values.std()) if values.size else 0.0

    return [(basis, "deviation", of_all)]


@plant("SE-09", "SM-02")
def result_drops_the_last_bar() -> list[Swap]:
    """The curves end one bar before the scenario does."""
    curves = executor._curves

    def shorter(stressed, run):
        found = curves(stressed, run)
        return changed(
            found,
            **{
                name: getattr(found, name)[:-1]
                for name in ("time_ns", "equity", "pnl", "drawdown", "heat", "exposure")
            },
        )

    return [(executor, "_curves", shorter)]


@plant("SE-09")
def fees_are_taken_twice() -> list[Swap]:
    """The account pays the venue twice for each fill."""
    filled = ledger.Ledger._filled

    def dear(self, fill):
        filled(self, fill)
        self.cash -= fill.fee_money

    return [(ledger.Ledger, "_filled", dear)]


@plant("SM-02")
def undefined_metrics_are_left_out() -> list[Swap]:
    """A metric that is undefined is not in the result."""
    measure = measuring.measure
    return [
        (
            measuring,
            "measure",
            lambda course: {name: each for name, each in measure(course).items() if each is not None},
        )
    ]


@plant("SM-03")
def profit_is_before_fees() -> list[Swap]:
    """A trade's profit is what it brought, without what the venue took."""
    trade = ledger.Ledger._trade_record

    def gross(self, book):
        found = trade(self, book)
        return changed(found, pnl=found.pnl + found.fees)

    return [(ledger, "Ledger", variant(ledger.Ledger, _trade_record=gross))]


@plant("SM-04")
def latency_is_one_way() -> list[Swap]:
    """An order's latency ends where the venue has it, not where its fate is known."""
    told = ledger.Ledger.execution_result

    def half(self, name):
        found = told(self, name)
        return found if found.latency_ns is None else changed(found, latency_ns=found.latency_ns // 2)

    return [(ledger, "Ledger", variant(ledger.Ledger, execution_result=half))]


@plant("SE-10")
def chance_is_not_of_the_seed() -> list[Swap]:
    """Each run draws what it draws, whatever the seed."""
    begun = exchange.ExchangeSimulator.__init__

    def anew(self, *given, **named):
        begun(self, *given, **named)
        self._random.seed()

    return _exchange(__init__=anew)


@plant("SE-10")
def seed_changes_nothing() -> list[Swap]:
    """Every market is made from the same seed."""
    made = synthetic.made
    return [(synthetic, "made", lambda symbols, **told: made(symbols, **{**told, "seed": 1}))]


# ---- what is seen --------------------------------------------------------------------------------------


@plant("ST-06")
def flagged_bars_are_shown() -> list[Swap]:
    """A wrong bar is found, and shown as it came."""
    return [(gateway, "FeedMonitor", variant(gateway.FeedMonitor, check=lambda self, *bar: None))]


@plant("SE-09")
def equity_is_of_the_bar_before() -> list[Swap]:
    """An account closes a bar before its prices are there."""
    show, close = execution.Execution._show, execution.Account.close

    def early(self, bar):
        close(self.account)
        return show(self, bar)

    return [
        (execution, "Execution", variant(execution.Execution, _show=early)),
        (execution, "Account", variant(execution.Account, close=lambda self: None)),
    ]
