"""The tree keeps the house's measures, and its parts keep apart."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LINES_MAX = 400
FUNCTION_LINES_MAX = 40
FORBIDDEN_IN_STATE = ("dict", "list", "set", "float")


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public_face(path: Path):
    """Functions of the module and methods of its classes; what is inside a function is nobody's face."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if not any(getattr(each, "id", "") == "overload" for each in node.decorator_list):
                    yield node
            else:
                waiting.append(node)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_module_fits_in_400_lines_and_says_what_it_decides(path: Path):
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= LINES_MAX
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_function_fits_on_a_screen(path: Path):
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
    ]

    assert long == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_public_function_has_a_docstring(path: Path):
    bare = [
        node.name
        for node in public_face(path)
        if not node.name.startswith("_") and not ast.get_docstring(node) and not _is_stub(node)
    ]

    assert bare == []


def _is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A protocol's member, or a method whose meaning its protocol tells."""
    return node.name in ("id", "name", "kind", "judged_after", "books", "hears", "belief", "is_at_rest") or (
        node.name in ("initial", "observe", "verdict", "body", "step")
    )


@pytest.mark.parametrize("path", sorted((ROOT / "src" / "core").glob("*.py")), ids=lambda path: path.name)
def test_core_records_hold_no_mutable_and_no_float(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = [
        f"{node.name}.{ast.unparse(field.target)}: {ast.unparse(field.annotation)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
        and any(
            isinstance(part, ast.Name) and part.id in FORBIDDEN_IN_STATE
            for part in ast.walk(field.annotation)
        )
    ]

    assert wrong == []


@pytest.mark.parametrize("path", sorted((ROOT / "src" / "core").glob("*.py")), ids=lambda path: path.name)
def test_core_records_are_frozen_and_slotted(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    decorators = {
        node.name: [ast.unparse(each) for each in node.decorator_list]
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }

    plain = {name for name, each in decorators.items() if each != ["frozen"]}
    assert plain <= {"_Copiers"}
