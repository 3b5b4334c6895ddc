"""Two strategies look at the free balance at the same time and both spend it, down through the reserve.
As bots do that share an account and ask for the balance before each order."""

RULE = "reserve_kept"
FAULTS = "none"
BALANCE = 120_000
RESERVE = 60_000


class Strategy:
    """Buys when the account keeps its reserve."""

    def __init__(self, exchange, name):
        self.exchange = exchange
        self.name = name

    async def execute(self, signal):
        ticker = await self.exchange.fetch_ticker(signal.pair_x)
        balance = await self.exchange.fetch_balance()
        cost = ticker["last"] * signal.amount_x
        if balance["USDT"]["free"] - cost < RESERVE:
            return False
        name = {"clientOrderId": f"{self.name}-{signal.signal_id}"}
        order = await self.exchange.create_order(
            signal.pair_x, "limit", "buy", signal.amount_x, ticker["last"], name
        )
        return order["filled"] == signal.amount_x


async def scenario(sim):
    exchange = sim.exchange(account="spot", balances={"USDT": BALANCE})
    trend, value = Strategy(exchange, "trend"), Strategy(exchange, "value")
    first, second = sim.signal("BTC/USDT", None, 1.0), sim.signal("BTC/USDT", None, 1.0)

    def reserve_kept(ledger):
        return (
            sum(fill.price * fill.amount for fill in ledger.fills if fill.side == "buy") <= BALANCE - RESERVE
        )

    sim.always(reserve_kept)
    await sim.concurrently(
        lambda: sim.deliver(first, trend.execute), lambda: sim.deliver(second, value.execute)
    )
