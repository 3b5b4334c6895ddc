"""The shape of ccxt's unified async API, without input or output: what a bot holds, asks and is given.

``face`` is the object a bot holds, ``calls`` what it asks, ``structures`` and ``accounts`` what it is given.
Imports with ccxt not installed; ``import ccxt`` in here is still the real package.
"""
