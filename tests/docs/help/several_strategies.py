"""What the page on several strategies imports."""

import asyncio

import ccxt


class Client:
    """Sends an order, and asks for it by name where no answer comes."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def send(self, name, symbol, *order):
        params = {"clientOrderId": name}
        try:
            await self.exchange.create_order(symbol, *order, params)
        except ccxt.NetworkError:
            missing = 0
            while missing < 3:
                await asyncio.sleep(3)
                try:
                    await self.exchange.fetch_order(None, symbol, params)
                    return
                except ccxt.OrderNotFound:
                    missing += 1
                except ccxt.NetworkError:
                    continue
            await self.send(name, symbol, *order)


class Arbitrage:
    """Buys on one exchange and sells on another."""

    def __init__(self, buyer, seller):
        self.buyer, self.seller = Client(buyer), Client(seller)

    async def trade(self, signal):
        name = signal.signal_id
        async with asyncio.TaskGroup() as group:
            group.create_task(
                self.buyer.send(f"{name}-buy", signal.pair_x, "market", "buy", signal.amount_x, None)
            )
            group.create_task(
                self.seller.send(f"{name}-sell", signal.pair_y, "market", "sell", signal.amount_y, None)
            )
        return True


class Maker(Client):
    """Quotes one side."""

    def __init__(self, name, exchange):
        super().__init__(exchange)
        self.name = name

    async def quote(self, side, price):
        await self.send(f"{self.name}-{price}", "BTC/USDT", "limit", side, 1, price)
