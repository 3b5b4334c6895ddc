"""Placing orders so that nothing is lost and nothing is sent twice: the order module that correct bots share.

An order is named by its client order id before it is sent. Whatever is not a clear answer is unknown, and the
exchange is asked for that id, with back-off, until it shows the order's end or denies it three times running.
"""

import asyncio
import contextlib

import ccxt

REFUSED = (
    ccxt.InvalidOrder,
    ccxt.InsufficientFunds,
    ccxt.BadRequest,
)  # the exchange said no: there is no order
OVER = ("closed", "canceled", "expired", "rejected")
NOT_FOUND_MAX = 3
QUERIES_MAX = 20
WAIT_MAX = 8.0  # seconds


def is_over(order):
    """Whether the answer shows an order that has ended, and how much of it was filled."""
    return bool(order) and order.get("status") in OVER and order.get("filled") is not None


def number(value):
    """An amount as it is sent: without the noise of float arithmetic."""
    return round(value, 8)


async def place(exchange, client_order_id, symbol, side, amount):
    """Sends one market order; what it filled, known for sure."""
    try:
        order = await exchange.create_order(
            symbol, "market", side, amount, None, {"clientOrderId": client_order_id}
        )
    except REFUSED:
        return 0.0
    except ccxt.BaseError:
        order = None  # it may be there, or not
    return order["filled"] if is_over(order) else await settle(exchange, client_order_id, symbol)


async def settle(exchange, client_order_id, symbol, ask=None):
    """Asks for an order until it is over; what it filled. ``ask`` goes before each query, to end it."""
    wait, denied = 2.0, 0
    for _ in range(QUERIES_MAX):
        if ask is not None:
            await ask()
        await asyncio.sleep(wait)
        wait = min(2 * wait, WAIT_MAX)
        try:
            order = await exchange.fetch_order(None, symbol, {"clientOrderId": client_order_id})
        except ccxt.OrderNotFound:
            denied += 1
            if denied == NOT_FOUND_MAX:
                return 0.0  # it never arrived
        except ccxt.BaseError:
            denied = 0
        else:
            denied = 0
            if is_over(order):
                return order["filled"]
    raise ccxt.ExchangeNotAvailable(f"no end of {client_order_id} in sight, a person must look")


async def withdraw(exchange, client_order_id, symbol):
    """Cancels a resting order until it is over; what it filled before, or meanwhile."""

    async def cancel():
        with contextlib.suppress(ccxt.BaseError):  # filled, gone or unknown: the query tells
            await exchange.cancel_order(None, symbol, {"clientOrderId": client_order_id})

    return await settle(exchange, client_order_id, symbol, cancel)


async def work(exchange, name, symbol, side, amount, attempts=5):
    """Trades an amount with as many market orders as it takes, one after the other; what was filled.

    Less than the amount comes back only where the exchange refuses the rest, or would, as dust.
    """
    done = 0.0
    for attempt in range(1, attempts + 1):
        left = number(amount - done)
        if left <= 0 or left < smallest(exchange, symbol):
            break
        if attempt > 1:
            await asyncio.sleep(1)
        done = number(done + await place(exchange, f"{name}-{attempt}", symbol, side, left))
    return done


def smallest(exchange, symbol):
    """The smallest order that the market takes, once the markets are loaded, as the first order does."""
    known = exchange.markets or {}
    return known[symbol]["limits"]["amount"]["min"] if symbol in known else 0.0


def opposite(side):
    """The other side."""
    return "sell" if side == "buy" else "buy"
