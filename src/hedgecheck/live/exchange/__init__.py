"""A simulated exchange that goes by the clock: the pure venue, a market around it, and their process."""

from hedgecheck.live.exchange.market import CASH, MARKETS, Exchange, Ledger, Temper

__all__ = ["CASH", "MARKETS", "Exchange", "Ledger", "Temper"]
