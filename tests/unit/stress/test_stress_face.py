"""The public face of ``hedgecheck.stress``: every name is there, and costs nothing before it is used."""

import subprocess
import sys

import pytest

from hedgecheck import stress
from specs.generate import ROOT

SEED_NAMES = (
    *("ScenarioLoader", "ScenarioTransformer", "ExchangeSimulator", "ScenarioExecutor"),
    *("StressTestRunner", "ScenarioLibrary"),
)
ADAPTERS = (
    *("RuntimeEngineAdapter", "OrchestratorAdapter", "RiskGuardAdapter", "PortfolioBalancerAdapter"),
    *("SafetyGovernorAdapter", "MSCAdapter", "PolicyStoreAdapter", "EventBusAdapter"),
)


@pytest.mark.covers("SM-05", "SE-13")
@pytest.mark.parametrize("name", [*SEED_NAMES, *ADAPTERS])
def test_each_part_has_the_name_that_it_is_known_by(name: str):
    assert name in stress.__all__
    assert getattr(stress, name).__name__ == name


@pytest.mark.parametrize("name", stress.__all__)
def test_every_public_name_is_there(name: str):
    assert getattr(stress, name) is not None
    assert name in dir(stress)


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="has no attribute 'ScenarioRunner'"):
        _ = stress.ScenarioRunner


def test_to_import_it_loads_nothing_of_it():
    heavy = "('numpy', 'pydantic', 'hedgecheck.stress.')"
    program = f"import sys, hedgecheck.stress; print([m for m in sys.modules if m.startswith({heavy})])"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
