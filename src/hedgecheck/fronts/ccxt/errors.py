"""ccxt's exceptions: the installed ccxt's own if there is one, else one of the same names and parents.

A bot says ``except ccxt.NetworkError``, so what is raised has to be a class of the ccxt that the bot imports.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from hedgecheck.errors import UsageError

# name -> parent, as in ccxt 4.5 (ccxt.base.errors); parents come before their children
PARENTS = {
    "BaseError": "Exception",
    "ExchangeError": "BaseError",
    "AuthenticationError": "ExchangeError",
    "PermissionDenied": "AuthenticationError",
    "AccountNotEnabled": "PermissionDenied",
    "AccountSuspended": "AuthenticationError",
    "ArgumentsRequired": "ExchangeError",
    "BadRequest": "ExchangeError",
    "BadSymbol": "BadRequest",
    "OperationRejected": "ExchangeError",
    "NoChange": "OperationRejected",
    "MarginModeAlreadySet": "NoChange",
    "MarketClosed": "OperationRejected",
    "ManualInteractionNeeded": "OperationRejected",
    "RestrictedLocation": "OperationRejected",
    "InsufficientFunds": "ExchangeError",
    "InvalidAddress": "ExchangeError",
    "AddressPending": "InvalidAddress",
    "InvalidOrder": "ExchangeError",
    "OrderNotFound": "InvalidOrder",
    "OrderNotCached": "InvalidOrder",
    "OrderImmediatelyFillable": "InvalidOrder",
    "OrderNotFillable": "InvalidOrder",
    "DuplicateOrderId": "InvalidOrder",
    "ContractUnavailable": "InvalidOrder",
    "NotSupported": "ExchangeError",
    "InvalidProxySettings": "ExchangeError",
    "ExchangeClosedByUser": "ExchangeError",
    "OperationFailed": "BaseError",
    "NetworkError": "OperationFailed",
    "DDoSProtection": "NetworkError",
    "RateLimitExceeded": "NetworkError",
    "ExchangeNotAvailable": "NetworkError",
    "OnMaintenance": "ExchangeNotAvailable",
    "InvalidNonce": "NetworkError",
    "ChecksumError": "InvalidNonce",
    "RequestTimeout": "NetworkError",
    "BadResponse": "OperationFailed",
    "NullResponse": "BadResponse",
    "CancelPending": "OperationFailed",
    "UnsubscribeError": "BaseError",
}


def _own_hierarchy() -> dict[str, type[Exception]]:
    """Classes of our own, one per name of ``PARENTS``."""
    made: dict[str, type[Exception]] = {"Exception": Exception}
    for name, parent in PARENTS.items():
        made[name] = type(name, (made[parent],), {"__doc__": f"ccxt's {name}.", "__module__": __name__})
    del made["Exception"]
    return made


OWN = _own_hierarchy()


@cache
def _installed() -> ModuleType | None:
    """The installed ccxt's errors, None without ccxt. Costs the import of ccxt, once."""
    return import_module("ccxt.base.errors") if find_spec("ccxt") is not None else None


@cache
def error_class(name: str) -> type[Exception]:
    """The ccxt exception of this name, to raise or to catch; UsageError if ccxt 4.5 has none such."""
    if name not in OWN:
        raise UsageError(f"ccxt has no exception named {name!r}. Take one of {', '.join(OWN)}.")
    # an older or newer ccxt may lack a name; ours then says what happened, if not to its except clauses
    found: type[Exception] = getattr(_installed(), name, OWN[name])
    return found
