"""Every engine of the two packages, by the name of its module, in sorted order."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from tests.schedules.engines import broken, correct


def _modules(package: ModuleType) -> dict[str, ModuleType]:
    names = sorted(found.name for found in iter_modules(package.__path__))
    return {name: import_module(f"{package.__name__}.{name}") for name in names}


BROKEN: dict[str, ModuleType] = _modules(broken)
CORRECT: dict[str, ModuleType] = _modules(correct)
