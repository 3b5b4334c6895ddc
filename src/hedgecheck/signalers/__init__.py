"""Strategies that make signals of a history, without looking ahead."""

from hedgecheck.signalers.history import History, Signaler, Signals
from hedgecheck.signalers.lookahead import look_ahead
from hedgecheck.signalers.pairs import Pairs
from hedgecheck.signalers.registry import names, register, signaler
from hedgecheck.signalers.strategies import DeepValue, MeanReversion, Momentum, SqueezeHunter

__all__ = [
    "DeepValue",
    "History",
    "MeanReversion",
    "Momentum",
    "Pairs",
    "Signaler",
    "Signals",
    "SqueezeHunter",
    "look_ahead",
    "names",
    "register",
    "signaler",
]
