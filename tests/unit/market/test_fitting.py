"""A GARCH fitted to what it made, and to twenty years of the S&P 500."""

import numpy as np
import pytest

from hedgecheck import UsageError
from hedgecheck.errors import PackageMissing
from hedgecheck.marketdata import Garch, fit_garch, generate
from hedgecheck.prices import daily


def test_what_a_garch_made_is_fitted_by_that_garch():
    made = generate(bars=20_000, seed=1, model=Garch(omega=4e-6, alpha=0.12, beta=0.8, mean=5e-4))

    found = fit_garch(made.close[:, 0])

    assert found.omega == pytest.approx(4e-6, rel=0.2)
    assert found.alpha == pytest.approx(0.12, rel=0.1)
    assert found.beta == pytest.approx(0.8, rel=0.05)
    assert found.mean == pytest.approx(5e-4, abs=1e-4)


def test_defaults_are_those_of_the_s_and_p_500():
    found = fit_garch([float(each.adjusted_close) for each in daily("sp500")])

    assert found.omega == pytest.approx(Garch().omega, rel=0.05)
    assert found.alpha == pytest.approx(Garch().alpha, rel=0.02)
    assert found.beta == pytest.approx(Garch().beta, rel=0.01)


@pytest.mark.parametrize(
    ("closes", "said"),
    [
        ([100.0] * 249, "249 bars where 250 are needed"),
        ([100.0] * 300, "do not move"),
        ([100.0] * 299 + [np.nan], "no finite number at bar 299"),
        ([100.0] * 299 + [0.0], "not above 0 at bar 299"),
        ([[100.0] * 300], "2 dimensions"),
        (["a"] * 300, "is no number"),
    ],
)
def test_series_that_cannot_be_fitted_is_refused_with_its_cause(closes, said):
    with pytest.raises(UsageError) as error:
        fit_garch(closes)

    assert said in str(error.value)


def test_series_that_is_wild_from_one_day_on_has_no_such_model():
    wild = np.random.default_rng(1).standard_normal(600) * np.repeat([0.0001, 0.05], 300)

    with pytest.raises(UsageError, match="No stationary GARCH"):
        fit_garch(100 * np.exp(np.cumsum(wild)))


def test_without_the_package_its_pip_line_is_said(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("hedgecheck.packages.import_module", missing)

    with pytest.raises(PackageMissing, match=r"pip install 'hedgecheck\[stress\]'"):
        fit_garch(generate(bars=300).close[:, 0])
