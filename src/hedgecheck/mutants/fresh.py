"""The bundled core imported anew, as its files have it or with one module's source in the place of its file.

All of the core is made again, not patched: every alias, default, decorator and remembered answer is that of
the new source. Only for a process that ends with it: what was imported before is left behind.
"""

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, FrameType, ModuleType
from typing import Any

from hedgecheck.mutants.mutant import Mutant
from hedgecheck.world import Engine

DRIVE = "hedgecheck.drive"
KNOWERS = (DRIVE, "hedgecheck.dividing")  # nothing else imports core
Line = tuple[str, int]
"""A module, and a line of its source from 1."""


def core_with(mutant: Mutant | None) -> Engine:
    """The bundled core as an engine, made anew; raises what the mutant raises on being imported."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "core" or each in KNOWERS]:
        del sys.modules[name]
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    engine: Engine = importlib.import_module(DRIVE).bundled_core()
    return engine


class _Finder:
    """Finds one module, with a mutant's source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See ``importlib.abc.MetaPathFinder``."""
        mutant = self._mutant
        if name != mutant.module:
            return None
        return spec_from_file_location(name, mutant.path, loader=_Loader(name, mutant.path, mutant.source))


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """The code of that source, in the place of what is in the file or its cache."""
        code: CodeType = compile(self._source, self.path, "exec", dont_inherit=True)
        return code


class Noted:
    """An engine of which the lines are noted that it runs when it is asked something. Nobody else runs any:
    its states are nobody's to look into."""

    def __init__(self, engine: Engine, modules: Mapping[str, str], lines: set[Line]) -> None:
        self._engine, self._modules, self._lines = engine, modules, lines

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._engine, name)
        if not callable(found):
            return found

        def asked(*arguments: Any) -> Any:
            with noting(self._modules, self._lines):
                return found(*arguments)

        return asked


@contextmanager
def noting(modules: Mapping[str, str], lines: set[Line]) -> Iterator[None]:
    """Notes every line that is run of these modules, by their files."""

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        module = modules.get(frame.f_code.co_filename)
        if module is None:
            return None

        def ran(frame: FrameType, event: str, argument: Any) -> Any:
            lines.add((module, frame.f_lineno))
            return ran

        lines.add((module, frame.f_lineno))
        return ran

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield
    finally:
        sys.settrace(before)
