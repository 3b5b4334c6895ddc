"""The API reference, made of the signatures and docstrings of the public face."""

import ast
import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import hedgecheck
from hedgecheck import faults, invariants, pytest_plugin
from specs.public_face import (
    OF,
    SECTIONS,
    alias,
    exchange_methods,
    fields_of,
    functions,
    members,
    name_of,
    names_in,
    parameters,
    source_of,
)

WIDTH = 100
HEAD = """# API reference

Made from signatures and docstrings by `python -m specs`. How to use it is told in
[Verify your bot](../how-to/verify-your-bot.md). Unless said otherwise a name is one of `hedgecheck`;
amounts are in the base currency, prices in the quote currency, and seconds inside of a test are virtual."""


def reference() -> str:
    """All of it as markdown."""
    parts = [HEAD]
    for title, intro, items in SECTIONS:
        parts += [
            f"## {title}",
            *([intro] if intro else []),
            *(text for each in items for text in told(each)),
        ]
        parts += list(AFTER.get(title, lambda: ())())
    parts += ["## Errors", errors(), "## Options of pytest", options(), "## Types by name", types()]
    return "\n\n".join(parts) + "\n"


def told(item: Any) -> Iterator[str]:
    """One function, or a class with what it has."""
    name = name_of(item)
    yield f"### {name}"
    if not isinstance(item, type):
        yield block(signature(name, item))
        yield prose(item)
        return
    fields = [" ".join(known(ast.unparse(each)).split()) for each in fields_of(item)]
    if fields:
        yield block("\n".join(fields))
    yield prose(item)
    rows = []
    for name, function, is_property in members(item):
        member = f"{OF.get(item, '')}{name}"
        if is_property:
            rows.append(f"**`{member}`** `-> {annotation(source_of(function).returns)}`  \n{prose(function)}")
        else:
            rows.append(f"{block(signature(member, function))}\n\n{prose(function)}")
    yield from rows


def block(code: str) -> str:
    """Lines of Python."""
    return f"```python\n{code}\n```"


def prose(item: Any) -> str:
    """A docstring as markdown: its paragraphs, one line each."""
    paragraphs = (inspect.getdoc(item) or "").split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs).replace("``", "`")


# Names as users know them, and quotes as the formatter leaves them.
OUTSIDE = {"kinds.": "faults.", "st.SearchStrategy": "SearchStrategy", "Report": "Verdict", "'": '"'}


def known(text: str) -> str:
    """A piece of source in the names that users know."""
    for inside, outside in OUTSIDE.items():
        text = text.replace(inside, outside)
    return text


def annotation(node: ast.expr | None) -> str:
    """What a parameter or a result is."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return "" if node is None else known(str(node.value) if is_text else ast.unparse(node))


def signature(name: str, function: FunctionType) -> str:
    """The call of a function, on one line where it fits."""
    node = source_of(function)
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    defaults = [*([None] * (len(positional) - len(args.defaults))), *args.defaults]
    said = [parameter(each, value) for each, value in zip(positional, defaults, strict=True)]
    if args.posonlyargs:
        said.insert(len(args.posonlyargs), "/")
    if args.vararg:
        said.append(f"*{parameter(args.vararg, None)}")
    elif args.kwonlyargs:
        said.append("*")
    said += [parameter(each, value) for each, value in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    said += [f"**{parameter(args.kwarg, None)}"] if args.kwarg else []
    said = [each for each in said if each != "self"]
    waits = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
    end = f") -> {annotation(node.returns)}"
    line = f"{waits}{name}({', '.join(said)}{end}"
    return line if len(line) <= WIDTH else f"{waits}{name}(\n    " + ",\n    ".join(said) + f",\n{end}"


def parameter(node: ast.arg, default: ast.expr | None) -> str:
    """One parameter with what it is, and what it is where it is not said."""
    kind = f": {annotation(node.annotation)}" if node.annotation is not None else ""
    equals = (" = " if kind else "=") + known(ast.unparse(default)) if default is not None else ""
    return f"{node.arg}{kind}{equals}"


# ---- tables ------------------------------------------------------------------------------------------------


def table(*rows: tuple[str, ...]) -> str:
    """A table of markdown; the first row is its head."""
    head, *others = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *others]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def rules() -> Iterator[str]:
    """The kit's own rules."""
    named = [each for each in vars(invariants).values() if hasattr(type(each), "verdict")]
    rows = [
        (each.id, f"`{each.name}`", "at rest" if each.kind == "rest" else each.kind, prose(type(each)))
        for each in named
    ]
    yield "### hedgecheck.invariants"
    yield table(("id", "name", "judged", "rule"), *(tuple(" ".join(c.split()) for c in row) for row in rows))


def kinds() -> Iterator[str]:
    """The kit's own faults."""
    yield "### hedgecheck.faults"
    yield (
        "`faults.ALL` are those that may strike any bot; with a `sim.process` also `faults.CRASHES`, which "
        "are `restart` and `storage_error`. `|` puts faults and plans together."
    )
    own = [(name, each) for name, each in vars(faults).items() if isinstance(each, faults.Fault)]
    rows = [(each.id, f"`{name}`", each.site, each.heals) for name, each in own]
    yield table(("id", "name", "strikes", "heals because"), *rows)


def exchange() -> Iterator[str]:
    """What ``sim.exchange()`` gives."""
    yield "### The exchange"
    yield (
        "What `sim.exchange()` gives has ccxt's unified async methods, with ccxt's structures and errors; "
        "each has its camelCase name too."
    )
    rows = [(f"`{name}`", prose(each).split("\n\n")[0]) for name, each in exchange_methods()]
    yield table(("method", "what it does"), *rows)


AFTER = {"Inside a test": exchange, "Rules": rules, "Faults": kinds}


def errors() -> str:
    """Every public error, with its cause and its cure."""
    public = [getattr(hedgecheck, name) for name in sorted(hedgecheck.__all__)]
    kinds = [each for each in public if isinstance(each, type) and issubclass(each, (Exception, Warning))]
    rows = [(f"`{each.__name__}`", " ".join(prose(each).split())) for each in kinds]
    return table(("error", "cause and cure"), *rows)


class _Parser:
    """Hears which options the plugin adds."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []

    def getgroup(self, name: str) -> "_Parser":
        """Itself."""
        return self

    def addoption(self, name: str, *, help: str, metavar: str = "", action: str = "") -> None:
        """An option of the command line."""
        self.rows.append((f"`{name} {metavar}`".replace(" `", "`"), help))

    def addini(self, name: str, help: str) -> None:
        """A setting of pytest's."""
        self.rows.append((f"`{name}` in pytest's settings", help))


def options() -> str:
    """What the plugin adds to pytest."""
    parser = _Parser()
    pytest_plugin.pytest_addoption(parser)
    return table(("option", "what it asks for"), *parser.rows)


def types() -> str:
    """What the names of types in the signatures stand for, where they are no classes."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, ast.AST | None]] = []
    for _, function in functions():
        node = source_of(function)
        said = (node.returns, *(each.annotation for each in parameters(node)))
        waiting += [(function.__module__, each) for each in said]
    for module, node in waiting:
        for name in names_in(node):
            other = alias(module, name)
            if other is not None and other[1] not in found:
                found[other[1]] = known(ast.unparse(other[2]))
                waiting.append((other[0], other[2]))
    return table(("name", "stands for"), *((f"`{name}`", f"`{found[name]}`") for name in sorted(found)))
