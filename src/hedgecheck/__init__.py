"""hedgecheck finds the interleaving that loses you money, before the market does."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hedgecheck import faults, invariants, machines
    from hedgecheck.errors import (
        Diverged,
        Falsified,
        FixtureScope,
        HedgecheckError,
        NotApplicable,
        NothingHappened,
        PackageMissing,
        PortabilityWarning,
        RealWorld,
        Unproven,
        UsageError,
    )
    from hedgecheck.report.verdict import Report as Verdict
    from hedgecheck.simulate.blocking import PlainExchange
    from hedgecheck.simulate.ledger import Ledger, LedgerOrder
    from hedgecheck.simulate.plain import PlainSim
    from hedgecheck.simulate.rules import invariant
    from hedgecheck.simulate.signals import Signal
    from hedgecheck.simulate.sim import Sim
    from hedgecheck.simulate.userfaults import Message, fault
    from hedgecheck.verifying.checking import check
    from hedgecheck.verifying.comparing import compare
    from hedgecheck.verifying.decorator import example, verify

# Where each public name is. Nothing is loaded before it is asked for: a test run pays for what it uses.
_HOMES = {
    **dict.fromkeys(
        (
            *("Diverged", "Falsified", "FixtureScope", "HedgecheckError", "NotApplicable"),
            *(
                "NothingHappened",
                "PackageMissing",
                "PortabilityWarning",
                "RealWorld",
                "Unproven",
                "UsageError",
            ),
        ),
        "hedgecheck.errors",
    ),
    **dict.fromkeys(("example", "verify"), "hedgecheck.verifying.decorator"),
    "check": "hedgecheck.verifying.checking",
    "compare": "hedgecheck.verifying.comparing",
    "PlainExchange": "hedgecheck.simulate.blocking",
    "PlainSim": "hedgecheck.simulate.plain",
    "Sim": "hedgecheck.simulate.sim",
    "Signal": "hedgecheck.simulate.signals",
    **dict.fromkeys(("Ledger", "LedgerOrder"), "hedgecheck.simulate.ledger"),
    **dict.fromkeys(("Message", "fault"), "hedgecheck.simulate.userfaults"),
    "invariant": "hedgecheck.simulate.rules",
}
_MODULES = ("faults", "invariants", "machines")

__all__ = [
    "Diverged",
    "Falsified",
    "FixtureScope",
    "HedgecheckError",
    "Ledger",
    "LedgerOrder",
    "Message",
    "NotApplicable",
    "NothingHappened",
    "PackageMissing",
    "PlainExchange",
    "PlainSim",
    "PortabilityWarning",
    "RealWorld",
    "Signal",
    "Sim",
    "Unproven",
    "UsageError",
    "Verdict",
    "check",
    "compare",
    "example",
    "fault",
    "faults",
    "invariant",
    "invariants",
    "machines",
    "verify",
]


def _public(name: str) -> Any:
    """A public name, loaded when it is first used."""
    if name in _MODULES:
        return import_module(f"hedgecheck.{name}")
    if name == "Verdict":
        return import_module("hedgecheck.report.verdict").Report
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hedgecheck' has no attribute {name!r}")


if not TYPE_CHECKING:  # to a type checker a module with this has every name
    __getattr__ = _public


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
