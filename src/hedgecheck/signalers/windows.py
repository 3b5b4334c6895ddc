"""Windows that end at a bar, and positions that are kept until there is a reason to leave them.

Nothing here looks ahead: the value at a bar is a function of that bar and those before it, and the same to
the last digit whatever comes after.
"""

from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from hedgecheck.arrays import Floats
from hedgecheck.signalers.history import Targets

Scalar = TypeVar("Scalar", bound=np.generic)
Flags = NDArray[np.bool_]


def windows(values: Floats, bars: int) -> Floats:
    """The last so many values at each bar, from the first bar that has as many."""
    return sliding_window_view(values, bars)


def late(values: NDArray[Scalar], bars: int) -> NDArray[Scalar]:
    """Values of which the first belongs to a later bar: zeros in front, so that there is one for each bar."""
    return np.concatenate([np.zeros(bars - len(values), values.dtype), values])


def held(buys: Flags, sells: Flags, leaves: Flags) -> Targets:
    """Long from a bar that buys, short from one that sells, nothing from one that leaves; else as before.

    A bar that leaves and buys at once leaves.
    """
    orders = np.where(leaves, 2, buys.astype(np.int8) - sells.astype(np.int8)).tolist()
    kept = accumulate(orders, lambda now, order: 0 if order == 2 else order or now, initial=0)
    return np.fromiter(kept, dtype=np.int8, count=len(orders) + 1)[1:]
