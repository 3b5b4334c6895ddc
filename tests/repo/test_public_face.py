"""Whatever a user may name says what it does, what its types are, and what it raises."""

import ast
import inspect
import textwrap

import hedgecheck
from hedgecheck import errors
from specs.public_face import SECTIONS, functions, parameters, source_of

FUNCTIONS = dict(functions())
CLASSES = {item for _, _, items in SECTIONS for item in items if isinstance(item, type)}
TOLD = {item for _, _, items in SECTIONS for item in items}


def test_function_has_a_docstring_and_every_type():
    nodes = {name: source_of(function) for name, function in FUNCTIONS.items()}

    assert [name for name, function in FUNCTIONS.items() if not function.__doc__] == []
    assert [name for name, node in nodes.items() if node.returns is None] == []
    every = [(name, each) for name, node in nodes.items() for each in parameters(node)]
    assert [(name, each.arg) for name, each in every if each.annotation is None] == []


def test_function_says_which_errors_of_the_kit_it_raises():
    silent = [
        (name, error)
        for name, function in FUNCTIONS.items()
        for error in raised_in(function)
        if hasattr(errors, error) and error not in (function.__doc__ or "")
    ]

    assert silent == []


def raised_in(function):
    """The names of what a function itself raises."""
    for each in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(each, ast.Raise) and isinstance(each.exc, ast.Call):
            yield ast.unparse(each.exc.func)


def test_class_and_error_has_a_docstring():
    public = {getattr(hedgecheck, name) for name in hedgecheck.__all__}
    kinds = CLASSES | {each for each in public if isinstance(each, type)}

    made = [each.__name__ for each in kinds if (each.__doc__ or "").startswith(f"{each.__name__}(")]
    assert made == []  # that is what a dataclass writes of itself
    assert [each.__name__ for each in kinds if not each.__doc__] == []


def test_reference_tells_of_every_public_name():
    modules = {"faults", "invariants", "machines"}
    public = {name: getattr(hedgecheck, name) for name in set(hedgecheck.__all__) - modules}
    wrong = [each for each in public.values() if isinstance(each, type) and issubclass(each, Exception)]

    assert [name for name, each in public.items() if each not in TOLD and each not in wrong] == []
