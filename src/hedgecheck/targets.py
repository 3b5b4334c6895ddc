"""What a TARGET on the command line means: ``core``, ``module:factory``, or (later) ``path::test``."""

import importlib
import sys
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from hedgecheck.drive import bundled_core
from hedgecheck.errors import UsageError
from hedgecheck.world import Engine

CORE = "core"


def engine_of(target: str) -> Engine:
    """The engine a target names.

    Raises ``UsageError`` where there is no such thing, or where it is no engine.
    """
    if target == CORE:
        return bundled_core()
    if "::" in target:
        raise UsageError(f"{target!r} is a pytest test. Run it with pytest; it verifies itself.")
    factory = loaded(target)
    if hasattr(factory, "_hedgecheck_test"):
        raise UsageError(
            f"{target!r} is a test that hedgecheck.verify made. Replay it with pytest: "
            "pytest --hedgecheck-replay TOKEN path::test."
        )
    try:
        engine = factory()
    except Exception as error:
        raise UsageError(
            f"{target!r} cannot be called: {_what(error)}. A factory is called without arguments."
        ) from error
    missing = [name for name in ("initial", "step", "belief") if not callable(getattr(engine, name, None))]
    if missing:
        raise UsageError(
            f"{target!r} makes a {type(engine).__name__}, which has no {', '.join(missing)}. "
            "An engine is what hedgecheck.world.Engine describes."
        )
    return engine  # type: ignore[no-any-return]


def loaded(target: str) -> Any:
    """What ``module:name`` names. Raises ``UsageError`` for what names nothing, or breaks when loaded."""
    module_name, colon, attribute = target.partition(":")
    if not colon or not attribute:
        raise UsageError(f"{target!r} is no target. A target is 'core' or 'module:factory'.")
    module = imported(module_name, target)
    try:
        return getattr(module, attribute)
    except AttributeError as error:
        raise UsageError(
            f"{target!r} cannot be loaded: {error}. Is it importable from this folder?"
        ) from error


def imported(module_name: str, target: str = "") -> ModuleType:
    """A module, of this folder too; ``target`` is what of it is wanted. Raises ``UsageError`` where it cannot
    be imported."""
    target = target or module_name
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        is_itself = error.name == module_name or module_name.startswith(f"{error.name}.")
        cure = (
            "Is it importable from this folder?" if is_itself else f"Install {error.name}, which it imports."
        )
        raise UsageError(f"{target!r} cannot be loaded: {error}. {cure}") from error
    except ImportError as error:
        raise UsageError(
            f"{target!r} cannot be loaded: {error}. Is it importable from this folder?"
        ) from error
    except Exception as error:
        raise UsageError(f"{target!r} cannot be loaded: {_what(error)}. Mend it.") from error


def _what(error: Exception) -> str:
    """An error of the user's own code, and where it was raised."""
    frames = extract_tb(error.__traceback__)
    at = f"{error.filename}, line {error.lineno}" if isinstance(error, SyntaxError) else ""
    at = at or f"{frames[-1].filename}, line {frames[-1].lineno}"
    return f"{type(error).__name__}: {error} ({at})"


def described(target: str) -> str:
    """The target as it is shown to people."""
    return "bundled core (not your bot)" if target == CORE else target
