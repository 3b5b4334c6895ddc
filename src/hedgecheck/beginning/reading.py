"""What stands in a bot's file: its classes, their methods, its functions, read as text.

Nothing is imported or run. It says what is there and what calls what; which of it trades is for ``choosing``.
"""

import ast
import re
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

from hedgecheck.beginning.roles import is_exchange
from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

Function = ast.FunctionDef | ast.AsyncFunctionDef
QUOTES = "USDT|USDC|USD|BUSD|FDUSD|EUR|GBP|JPY|BTC|ETH"
SYMBOL = re.compile(rf"[A-Z0-9]{{2,12}}/({QUOTES})(:({QUOTES}))?")
SENDS = re.compile(r"create_?(\w+_)?orders?(_ws)?$|create\w*Orders?$")  # ccxt's methods that send an order
LEFT_ALONE = {"create_task", "ensure_future", "Thread", "start_soon"}  # what is started there runs beside


@frozen
class Parameter:
    """One parameter: its name, what its annotation says as text, and whether it may be left out."""

    name: str
    annotation: str
    is_optional: bool
    by_name_only: bool

    @property
    def takes_exchange(self) -> bool:
        """Whether it takes an exchange."""
        return is_exchange(self.name, self.annotation)


@frozen
class Routine:
    """A function or method. ``never_ends``: as far as can be read it runs until somebody stops it;
    ``sends``: it, or what it calls on itself, sends an order; ``reads``: the attributes or keys read of each
    name in its class."""

    name: str
    parameters: tuple[Parameter, ...]
    is_async: bool
    never_ends: bool
    sends: bool
    source: str
    reads: tuple[tuple[str, str, str], ...]  # name, attribute or key, "attribute" or "key"

    @property
    def required(self) -> tuple[Parameter, ...]:
        """What must be given, other than an exchange."""
        return tuple(each for each in self.parameters if not each.is_optional and not each.takes_exchange)


@frozen
class Subject:
    """A class, or a function that is alone its only routine; ``makes``: its constructor's parameters;
    ``uses``: the names that it calls."""

    name: str
    is_class: bool
    is_async: bool
    makes: tuple[Parameter, ...]
    routines: tuple[Routine, ...]
    uses: frozenset[str]


@frozen
class Bot:
    """A file. ``symbols``: those named in it as text, in order; ``runs_at``: the line where importing it
    starts something; ``connects_at``: the line where it makes an exchange of its own; ``imports``: the first
    name of each module that it imports; ``climbs``: how many folders its relative imports go up."""

    path: Path
    subjects: tuple[Subject, ...]
    symbols: tuple[str, ...]
    runs_at: int | None
    connects_at: int | None
    imports: frozenset[str]
    climbs: int


def read(path: Path) -> Bot:
    """The bot in this file. Raises ``UsageError`` where there is none, or where it is no Python."""
    if not path.exists():
        raise UsageError(f"There is no file {path}. Name the file of your bot.")
    try:
        with tokenize.open(path) as file:
            text = file.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the bot's own code, which nobody asked about
            tree = ast.parse(text)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(f"{path}{line}: {error.msg}. It must be Python that this Python reads.") from error
    except (ValueError, OSError) as error:
        raise UsageError(f"{path} cannot be read as Python: {error}. Name the file of your bot.") from error
    classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
    subjects = [_class(each, classes, text) for each in classes.values()]
    subjects += [_function(each, text) for each in tree.body if isinstance(each, Function)]
    return Bot(
        path,
        tuple(subjects),
        _symbols(tree),
        _runs_at(tree),
        _connects_at(tree),
        *_imports(tree),
    )


# ---- classes and functions --------------------------------------------------------------------------------


def _class(node: ast.ClassDef, classes: dict[str, ast.ClassDef], text: str) -> Subject:
    members = _members(node, classes)
    routines = [
        _routine(each, members, text)
        for name, each in members.items()
        if not name.startswith("__") and not _decorated(each, "property|setter|staticmethod|classmethod")
    ]
    made = members.get("__init__")
    makes = _parameters(made)[1:] if made is not None else _fields(node)
    is_async = any(isinstance(each, ast.AsyncFunctionDef) for each in members.values())
    return Subject(node.name, True, is_async, makes, tuple(routines), _called(node))


def _function(node: Function, text: str) -> Subject:
    routine = _routine(node, {node.name: node}, text)
    if not _decorated(node, "."):
        return Subject(node.name, False, routine.is_async, (), (routine,), _called(node))
    return Subject(node.name, False, routine.is_async, (), (), _called(node))  # a fixture, command or test


def _members(node: ast.ClassDef, classes: dict[str, ast.ClassDef], depth: int = 0) -> dict[str, Function]:
    """Methods by name, also those of bases in the same file."""
    found: dict[str, Function] = {}
    for base in reversed(node.bases):
        if isinstance(base, ast.Name) and base.id in classes and depth < len(classes):
            found |= _members(classes[base.id], classes, depth + 1)
    return found | {each.name: each for each in node.body if isinstance(each, Function)}


def _fields(node: ast.ClassDef) -> tuple[Parameter, ...]:
    """What a dataclass is made of, in order."""
    if not _decorated(node, "dataclass|define|frozen"):
        return ()
    return tuple(
        Parameter(each.target.id, ast.unparse(each.annotation), each.value is not None, False)
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and "ClassVar" not in ast.unparse(each.annotation)
    )


def _decorated(node: Function | ast.ClassDef, names: str) -> bool:
    return any(re.search(names, ast.unparse(each)) for each in node.decorator_list)


def _parameters(node: Function) -> tuple[Parameter, ...]:
    """The parameters, ``self`` too; not ``*args`` and ``**kwargs``."""
    given = [*node.args.posonlyargs, *node.args.args]
    optional = len(given) - len(node.args.defaults)
    found = [_parameter(each, index >= optional, False) for index, each in enumerate(given)]
    for each, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        found.append(_parameter(each, default is not None, True))
    return tuple(found)


def _parameter(node: ast.arg, is_optional: bool, by_name_only: bool) -> Parameter:
    annotation = ast.unparse(node.annotation) if node.annotation is not None else ""
    return Parameter(node.arg, annotation, is_optional, by_name_only)


def _routine(node: Function, members: dict[str, Function], text: str) -> Routine:
    is_method = members.get(node.name) is node and bool(node.args.args) and node.args.args[0].arg == "self"
    reached = _reached(node, members)
    never_ends = any(_never_ends(each) for each in _reached(node, members, waited_for=True))
    sends = any(SENDS.search(name) for each in reached for name in _called(each))
    reads = tuple(read for each in members.values() for read in _reads(each))
    source = ast.get_source_segment(text, node) or ""
    parameters = _parameters(node)[1 if is_method else 0 :]
    is_async = isinstance(node, ast.AsyncFunctionDef)
    return Routine(node.name, parameters, is_async, never_ends, sends, source, reads)


# ---- what calls what --------------------------------------------------------------------------------------


def _reached(node: Function, members: dict[str, Function], *, waited_for: bool = False) -> list[Function]:
    """The routine and those that it calls on itself, in turn; with ``waited_for`` not what it lets run
    beside it."""
    found, waiting = [node], [node]
    while waiting:
        for call in _calls(waiting.pop(), leaves_alone=waited_for):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            of_itself = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "self"
            called = members.get(name) if of_itself else None
            if called is not None and called not in found:
                found.append(called)
                waiting.append(called)
    return found


def _calls(node: ast.AST, *, leaves_alone: bool = False) -> Iterator[ast.Call]:
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.Call):
            yield each
            if leaves_alone and _name_of(each) in LEFT_ALONE:
                continue
        yield from _calls(each, leaves_alone=leaves_alone)


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _called(node: ast.AST) -> frozenset[str]:
    return frozenset(_name_of(each) for each in _calls(node))


def _never_ends(node: Function) -> bool:
    """A loop on what is always true or on what somebody else sets, or a wait for what runs beside."""
    for each in ast.walk(node):
        if isinstance(each, ast.While) and _goes_on(each.test):
            return True
        if isinstance(each, ast.AsyncFor) and "watch" in ast.unparse(each.iter):
            return True
        if isinstance(each, ast.Await) and not isinstance(each.value, ast.Call):
            return True
        if isinstance(each, ast.Call) and _name_of(each) in ("gather", "wait", "TaskGroup", "run_forever"):
            return True
    return False


def _goes_on(test: ast.expr) -> bool:
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    return ast.unparse(test).startswith("self.") and not isinstance(test, ast.Compare)


def _reads(node: Function) -> Iterator[tuple[str, str, str]]:
    """What is read of each name: ``signal.symbol``, ``signal["symbol"]``, ``signal.get("symbol")``."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.attr != "get":
            yield each.value.id, each.attr, "attribute"
        key: ast.expr | None = None
        if isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name):
            holder, key = each.value.id, each.slice
        elif isinstance(each, ast.Call) and _name_of(each) == "get" and each.args:
            of = each.func.value if isinstance(each.func, ast.Attribute) else None
            holder, key = (of.id, each.args[0]) if isinstance(of, ast.Name) else ("", None)
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield holder, key.value, "key"


# ---- the file as a whole ----------------------------------------------------------------------------------


def _symbols(tree: ast.Module) -> tuple[str, ...]:
    texts = [
        (each.lineno, each.col_offset, each.value)
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return tuple(dict.fromkeys(text for *_, text in sorted(texts) if SYMBOL.fullmatch(text)))


def _imports(tree: ast.Module) -> tuple[frozenset[str], int]:
    """The first name of each module that is imported absolutely, and the folders that relative ones climb."""
    names, climbs = set(), 0
    for each in ast.walk(tree):
        if isinstance(each, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in each.names}
        elif isinstance(each, ast.ImportFrom) and each.level:
            climbs = max(climbs, each.level)
        elif isinstance(each, ast.ImportFrom):
            names.add((each.module or "").partition(".")[0])
    return frozenset(names), climbs


def _runs_at(tree: ast.Module) -> int | None:
    """Where the file starts its bot when it is imported."""
    own = {each.name for each in tree.body if isinstance(each, Function)}
    for each in tree.body:
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            name = ast.unparse(each.value.func)
            if name in own or name == "asyncio.run" or name.endswith("run_until_complete"):
                return each.lineno
    return None


def _connects_at(tree: ast.Module) -> int | None:
    lines = [each.lineno for each in _calls(tree) if re.match(r"ccxt(\.\w+)+$", ast.unparse(each.func))]
    return min(lines, default=None)
