"""Engines of a user's own that cannot be loaded, called or told anything: the cause, and where it is."""

import sys
from pathlib import Path

import pytest

from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.targets import engine_of
from hedgecheck.world import universe_of

PLAIN = """
class Engine:
    name, stores_first = "mine", True
    def initial(self, scope): return ()
    def step(self, state, event): {step}
    def belief(self, state): return None
"""
BROKEN = {
    "raise RuntimeError('no licence')": ("cannot be loaded: RuntimeError: no licence", "line 1"),
    "def make(:": ("cannot be loaded: SyntaxError", "line 1"),
    "import nosuchpackage": ("No module named 'nosuchpackage'", "Install nosuchpackage, which it imports"),
    "x = 1": ("cannot be loaded", "importable from this folder"),
    "def make():\n    raise OSError('no server')": ("cannot be called: OSError: no server", "line 2"),
    "def make(a): pass": ("cannot be called: TypeError", "without arguments"),
    "def make(): return 3": ("has no initial, step, belief", "hedgecheck.world.Engine"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a user's module is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def written(folder: Path, number: int, source: str) -> str:
    """A module of that source, under a name of its own, for it is loaded once."""
    name = f"engine_of_{folder.name.replace('-', '_')}_{number}"
    (folder / f"{name}.py").write_text(source, encoding="utf-8")
    return f"{name}:make"


@pytest.mark.parametrize("source", BROKEN)
def test_engine_that_cannot_be_had_is_said_to_be_that_and_where(source: str, folder: Path) -> None:
    with pytest.raises(UsageError) as refused:
        engine_of(written(folder, 0, source))

    for words in BROKEN[source]:
        assert words in str(refused.value)


def test_module_that_is_not_there(folder: Path) -> None:
    with pytest.raises(UsageError, match="importable from this folder"):
        engine_of("nosuchmodule_of_mine:make")


@pytest.mark.parametrize("step", ["return state", "raise KeyError('AAA')"])
def test_engine_that_cannot_be_told_its_opening_prices(step: str, folder: Path) -> None:
    target = written(folder, 1, PLAIN.format(step=step) + "def make(): return Engine()\n")

    with pytest.raises(UsageError, match=r"fails when it is told Price.*a tuple of commands"):
        universe_of(scope_of(Small()), engine_of(target)).initial()
