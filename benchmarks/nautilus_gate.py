"""NautilusTrader's ``RiskEngine.execute(SubmitOrder)`` on 50 positions and 50 working orders, for ``gate``.

Run by an interpreter that has nautilus_trader; its packages and ours do not fit into one environment. The
command goes to an execution engine that does nothing. A margin account; limit orders; no rate binds.
"""

import time
from statistics import median, quantiles

import nautilus_trader
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import PositionId, StrategyId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.position import Position
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.risk.config import RiskEngineConfig
from nautilus_trader.risk.engine import RiskEngine
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.test_kit.stubs.component import TestComponentStubs
from nautilus_trader.test_kit.stubs.data import TestDataStubs
from nautilus_trader.test_kit.stubs.events import TestEventStubs
from nautilus_trader.test_kit.stubs.identifiers import TestIdStubs

POSITIONS = 50
SIGNALS = 20_000
SYMBOLS = [f"{chr(65 + number // 26)}{chr(65 + number % 26)}Z" for number in range(POSITIONS)]


def main() -> None:
    """Prints one line."""
    clock = TestClock()
    trader = TestIdStubs.trader_id()
    bus, cache = MessageBus(trader_id=trader, clock=clock), TestComponentStubs.cache()
    portfolio = Portfolio(msgbus=bus, cache=cache, clock=clock)
    rate = "100000000/00:00:01"
    config = RiskEngineConfig(max_order_submit_rate=rate, max_order_modify_rate=rate)
    engine = RiskEngine(portfolio=portfolio, msgbus=bus, cache=cache, clock=clock, config=config)
    let_in = []
    bus.register(endpoint="ExecEngine.execute", handler=let_in.append)
    strategy = StrategyId("S-001")
    orders = OrderFactory(trader_id=trader, strategy_id=strategy, clock=clock)
    instruments = [TestInstrumentProvider.equity(symbol=each, venue="SIM") for each in SYMBOLS]
    state = TestEventStubs.margin_account_state(account_id=TestIdStubs.account_id())
    assert state.account_type == AccountType.MARGIN
    portfolio.update_account(state)
    for number, instrument in enumerate(instruments):
        cache.add_instrument(instrument)
        cache.add_quote_tick(TestDataStubs.quote_tick(instrument, 99.9, 100.1))
        market = orders.market(instrument.id, OrderSide.BUY, Quantity.from_int(100))
        fill = TestEventStubs.order_filled(
            market, instrument, position_id=PositionId(f"P{number}"), last_px=Price.from_str("100.00")
        )
        cache.add_position(Position(instrument, fill), OmsType.NETTING)
        resting = orders.limit(instrument.id, OrderSide.BUY, Quantity.from_int(100), Price.from_str("90.00"))
        cache.add_order(resting)
        for event in (TestEventStubs.order_submitted(resting), TestEventStubs.order_accepted(resting)):
            resting.apply(event)
            cache.update_order(resting)
    assert (cache.positions_open_count(), cache.orders_open_count()) == (POSITIONS, POSITIONS)
    taken = []
    for number in range(SIGNALS):
        instrument = instruments[number % POSITIONS]
        order = orders.limit(instrument.id, OrderSide.BUY, Quantity.from_int(1), Price.from_str("99.00"))
        command = SubmitOrder(trader, strategy, order, UUID4(), clock.timestamp_ns())
        begun = time.process_time_ns()
        engine.execute(command)
        taken.append((time.process_time_ns() - begun) / 1_000)
    assert len(let_in) == SIGNALS
    p99 = quantiles(taken, n=100)[98]
    print(
        f"NautilusTrader {nautilus_trader.__version__} RiskEngine.execute median {median(taken):.1f} us, "
        f"p99 {p99:.1f} us: compiled; without heat, clusters, strategies, net or resting orders at worst"
    )


if __name__ == "__main__":
    main()
