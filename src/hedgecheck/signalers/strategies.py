"""Strategies of one symbol. Each is a frozen record of its parameters, and small: they are there to make
signals that a risk engine is tested with, not money."""

import numpy as np

from hedgecheck.arrays import number, whole
from hedgecheck.errors import UsageError
from hedgecheck.signalers.history import History, Signals, alone
from hedgecheck.signalers.windows import held, late, windows
from hedgecheck.values import frozen


@frozen
class DeepValue:
    """Buys what costs less than its books say, and sells it when it costs as much.

    Long where the price is below the value less ``margin`` of it, until the price is the value. The value
    counts ``publication_lag_bars`` later: books are closed before they are read. Graham and Dodd, Security
    Analysis (1934), the margin of safety.
    """

    margin: float = 0.33
    publication_lag_bars: int = 0

    @property
    def bars_min(self) -> int:
        """See ``Signaler``."""
        return 1 + self.publication_lag_bars

    def signals(self, history: History) -> Signals:
        """See ``Signaler``; needs ``fundamental_value``. ``UsageError`` where it cannot be read."""
        margin = number("margin", self.margin, 0, 1)
        lag = whole("publication_lag_bars", self.publication_lag_bars, 0)
        price = history.read("close", 1 + lag)[lag:]
        value = history.read("fundamental_value", 1 + lag, above=None)[: len(price)]
        nothing = np.zeros(len(price), dtype=np.bool_)
        targets = held(price < value * (1 - margin), nothing, price >= value)
        return alone(late(targets, len(price) + lag))


@frozen
class SqueezeHunter:
    """Buys what many have sold short when it begins to rise: they must buy back (a short squeeze).

    Long where it takes ``days_to_cover`` or more of the mean volume of the last ``bars`` to buy back what is
    sold short, the close is above every one of these bars, and the volume ``surge`` times their mean; until
    the close is below the mean of the last ``bars``. Bars are days. Days to cover: Hong, Li, Ni, Scheinkman
    and Yan, NBER 21166 (2015); the breakout is Donchian's channel.
    """

    bars: int = 20
    days_to_cover: float = 5.0
    surge: float = 2.0

    @property
    def bars_min(self) -> int:
        """See ``Signaler``."""
        return self.bars + 1

    def signals(self, history: History) -> Signals:
        """See ``Signaler``; needs ``volume`` and ``short_interest``. ``UsageError`` where they cannot be
        read."""
        bars = whole("bars", self.bars, 1)
        cover, surge = number("days_to_cover", self.days_to_cover, 0), number("surge", self.surge, 0)
        price = history.read("close", bars + 1)
        volume = history.read("volume", bars + 1)
        short = history.read("short_interest", bars + 1, above=None)[bars:]
        usual = windows(volume, bars)[:-1].mean(axis=1)
        breaks_out = price[bars:] > windows(price, bars)[:-1].max(axis=1)
        buys = breaks_out & (short >= cover * usual) & (volume[bars:] >= surge * usual)
        leaves = price[bars:] < windows(price, bars)[1:].mean(axis=1)
        return alone(late(held(buys, np.zeros_like(buys), leaves), len(price)))


@frozen
class MeanReversion:
    """Sells what is far above its mean and buys what is far below, until it is back.

    Measured in standard deviations of the last ``bars`` closes: beyond ``entry`` a position is taken, within
    ``exit`` it is left. Bollinger on Bollinger Bands (2001), 20 bars and 2 deviations.
    """

    bars: int = 20
    entry: float = 2.0
    exit: float = 0.5

    @property
    def bars_min(self) -> int:
        """See ``Signaler``."""
        return self.bars

    def signals(self, history: History) -> Signals:
        """See ``Signaler``. ``UsageError`` where ``close`` cannot be read, or ``exit`` is not below
        ``entry``."""
        bars = whole("bars", self.bars, 2)
        entry, leave = number("entry", self.entry, 0), number("exit", self.exit, 0)
        if leave >= entry:
            raise UsageError(
                f"exit {leave:g} is not below entry {entry:g}: no position would last. Lower it."
            )
        price = history.read("close", bars)
        last = windows(price, bars)
        away, deviation = price[bars - 1 :] - last.mean(axis=1), last.std(axis=1)
        far, near = entry * deviation, leave * deviation
        targets = held(away < -far, away > far, np.abs(away) <= near)
        return alone(late(targets, len(price)))


@frozen
class Momentum:
    """Holds what has risen and is short of what has fallen.

    By the sign of the return over ``bars``, the last ``skip`` of them left out, for these turn back.
    Moskowitz, Ooi and Pedersen, Time Series Momentum (2012), twelve months; the month that is skipped is
    Jegadeesh's (1990).
    """

    bars: int = 252
    skip: int = 21

    @property
    def bars_min(self) -> int:
        """See ``Signaler``."""
        return self.bars + 1

    def signals(self, history: History) -> Signals:
        """See ``Signaler``. ``UsageError`` where ``close`` cannot be read, or nothing is left to measure."""
        bars, skip = whole("bars", self.bars, 1), whole("skip", self.skip, 0)
        if skip >= bars:
            raise UsageError(f"skip {skip} leaves nothing of {bars} bars to measure. Give a smaller one.")
        price = history.read("close", bars + 1)
        count = len(price)
        rose = np.sign(price[bars - skip : count - skip] - price[: count - bars])
        return alone(late(rose.astype(np.int8), count))
