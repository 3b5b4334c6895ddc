"""Strategies on daily bars, through an engine at the kit's venue: every step judged, every fill recounted.

``bars`` are read, ``sleeves`` trade them, the ``desk`` keeps an exchange's hours, the ``recount`` counts from
the venue's own records, ``running`` puts them together, and ``picture`` draws what came of it.
"""

from hedgecheck.backtest.bars import Bars, load
from hedgecheck.backtest.picture import draw
from hedgecheck.backtest.recount import Recount
from hedgecheck.backtest.running import Backtest, Sheet, backtest
from hedgecheck.backtest.sleeves import Sleeve

__all__ = ["Backtest", "Bars", "Recount", "Sheet", "Sleeve", "backtest", "draw", "load"]
