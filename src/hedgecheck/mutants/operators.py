"""What mutmut makes of a source: each function, changed in one place after the other. It is asked for no more
than that, and nothing is run. The only module that knows its insides, which are not its public face.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from libcst import ClassDef, FunctionDef, IndentedBlock
from mutmut.mutation.file_mutation import create_mutations, deep_replace, group_by_top_level_node
from mutmut.mutation.trampoline_templates import mangle_function_name


def changed(path: Path, source: str) -> Iterator[tuple[str, str]]:
    """mutmut's name of each mutant in the module, and all of the source with it."""
    tree, mutations, *_ = create_mutations(str(path), source)
    groups = group_by_top_level_node(mutations)
    begins = sum(len(tree.code_for_node(each)) for each in tree.header)
    for statement in tree.body:
        ends = begins + len(tree.code_for_node(statement))
        for function, owner in _functions(statement):
            mangled = mangle_function_name(name=function.name.value, class_name=owner)
            for number, each in enumerate(groups.get(function, ()), start=1):
                after: Any = deep_replace(statement, each.original_node, each.mutated_node)
                text = source[:begins] + tree.code_for_node(after) + source[ends:]
                yield f"{mangled}__mutmut_{number}", text
        begins = ends


def _functions(statement: Any) -> Iterator[tuple[Any, str | None]]:
    """The functions of a statement of a module, each with the class it is in."""
    if isinstance(statement, FunctionDef):
        yield statement, None
    elif isinstance(statement, ClassDef) and isinstance(statement.body, IndentedBlock):
        for each in statement.body.body:
            if isinstance(each, FunctionDef):
                yield each, statement.name.value
