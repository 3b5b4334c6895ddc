"""Parameters of a model from a real series, with the package arch."""

import numpy as np
from numpy.typing import ArrayLike

from hedgecheck.arrays import series
from hedgecheck.errors import UsageError
from hedgecheck.marketdata.models import Garch
from hedgecheck.packages import optional

BARS_MIN = 250
PERSISTENCE_MAX = 0.9999  # the search stops just below 1 where no stationary model fits
PERCENT = 100.0  # arch converges on returns in percent


def fit_garch(closes: ArrayLike) -> Garch:
    """The GARCH(1,1) that fits a series of closes best, with normal shocks.

    Raises ``PackageMissing`` without arch, ``UsageError`` for a series that is too short, has a bar without a
    usable price, or is so calm or so wild that no such model is stationary.
    """
    found = series("closes", closes, BARS_MIN, above=0)
    arch_model = optional("arch", "What fits a GARCH is", "stress").arch_model
    returns = PERCENT * np.diff(np.log(found))
    if not returns.any():
        raise UsageError(
            "closes do not move, so there is nothing to fit. Give a series of a market that traded."
        )
    model = arch_model(returns, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
    fitted = model.fit(disp="off", show_warning=False)
    said = {name: float(value) for name, value in fitted.params.items()}
    if fitted.convergence_flag or said["alpha[1]"] + said["beta[1]"] > PERSISTENCE_MAX:
        raise UsageError(
            "No stationary GARCH(1,1) fits these closes. Give a longer series, or one without a break in it."
        )
    return Garch(said["omega"] / PERCENT**2, said["alpha[1]"], said["beta[1]"], said["mu"] / PERCENT)
