"""``CcxtFace``: the object a bot holds in the place of ``ccxt.pro.binance()``."""

from hedgecheck.fronts.ccxt.trading import Trading


class CcxtFace(Trading):
    """ccxt's unified async API over whatever ``_call`` asks.

    Reading and trading check their arguments and convert amounts to lots and prices to ticks; every method
    has its camelCase name too. What ccxt has and nothing simulates raises NotSupported when called; what
    ccxt does not have either, AttributeError.
    """
