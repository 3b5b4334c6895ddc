"""hedgecheck finds the interleaving that loses you money, before the market does."""

__version__ = "0.1.0"
