"""The eight components of a trading system under stress: protocols, the bundled ones, adapters."""
