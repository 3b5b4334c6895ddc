"""hedgecheck finds the interleaving that loses you money, before the market does."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hedgecheck import faults, invariants
    from hedgecheck.errors import (
        Diverged,
        Falsified,
        FixtureScope,
        HedgecheckError,
        NotApplicable,
        NothingHappened,
        PortabilityWarning,
        RealWorld,
        Unproven,
        UsageError,
    )
    from hedgecheck.report.verdict import Report as Verdict
    from hedgecheck.simulate.sim import Sim
    from hedgecheck.verifying import check, example, verify

# Where each public name is. Nothing is loaded before it is asked for: a test run pays for what it uses.
_HOMES = {
    **dict.fromkeys(
        (
            *("Diverged", "Falsified", "FixtureScope", "HedgecheckError", "NotApplicable"),
            *("NothingHappened", "PortabilityWarning", "RealWorld", "Unproven", "UsageError"),
        ),
        "hedgecheck.errors",
    ),
    **dict.fromkeys(("check", "example", "verify"), "hedgecheck.verifying"),
    "Sim": "hedgecheck.simulate.sim",
}
_MODULES = ("faults", "invariants")

__all__ = [
    "Diverged",
    "Falsified",
    "FixtureScope",
    "HedgecheckError",
    "NotApplicable",
    "NothingHappened",
    "PortabilityWarning",
    "RealWorld",
    "Sim",
    "Unproven",
    "UsageError",
    "Verdict",
    "check",
    "example",
    "faults",
    "invariants",
    "verify",
]


def __getattr__(name: str) -> Any:
    """A public name, loaded when it is first used."""
    if name in _MODULES:
        return import_module(f"hedgecheck.{name}")
    if name == "Verdict":
        return import_module("hedgecheck.report.verdict").Report
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hedgecheck' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
