"""backtesting.py on the bars of a file, by an interpreter that has it: ``Backtest`` made, run, statistics.

It is under the AGPL and no dependency: it is run as a subject, from outside.
"""

import sys

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from clocked import CASH, FAST, QUANTITY, SLOW, TOLERANCE, Bars, Done, Work, clocked

backtesting.backtesting._tqdm = lambda sequence, **_: sequence  # no bar of progress, which takes time


def ahead(close: pd.Series) -> np.ndarray:
    """The fast average less the slow one, 0 while there are too few bars."""
    prices = pd.Series(close)
    return (prices.rolling(FAST).mean() - prices.rolling(SLOW).mean()).fillna(0.0).to_numpy()


class Crossing(Strategy):
    """Always reversing; orders are exclusive, so that each closes what is open."""

    def init(self) -> None:
        """See ``Strategy``."""
        self.ahead = self.I(ahead, self.data.Close)
        self.side = self.asked = 0

    def next(self) -> None:
        """See ``Strategy``."""
        ahead = self.ahead[-1]
        if ahead > TOLERANCE and self.side <= 0:
            self.side, self.asked = 1, self.asked + 1
            self.buy(size=QUANTITY)
        elif ahead < -TOLERANCE and self.side >= 0:
            self.side, self.asked = -1, self.asked + 1
            self.sell(size=QUANTITY)


def prepare(bars: Bars) -> Work:
    """A frame of the bars, and what is timed."""
    columns = {name.capitalize(): bars[name] for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns, index=pd.to_datetime(bars["time_ns"]))

    def work() -> Done:
        test = Backtest(frame, Crossing, cash=CASH, exclusive_orders=True, finalize_trades=True)
        found = test.run()
        return found["_strategy"].asked, len(found["_trades"]), float(found["Equity Final [$]"])

    return work


if __name__ == "__main__":
    clocked(f"backtesting.py {backtesting.__version__}", prepare, sys.argv[1:])
