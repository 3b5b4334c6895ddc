"""Which class or function of a file is the bot, and which of its methods trades."""

import os
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from shlex import quote

from hedgecheck.beginning.reading import Bot, Parameter, Routine, Subject, read
from hedgecheck.beginning.roles import Role, is_signal, role_of
from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

TRADES = re.compile(
    r"(execute|trade|on_signal|on_intent|handle_signal|handle_intent|process_signal|submit|place|buy|sell"
    r"|open|enter|rebalance|hedge|arbitrage)(_|[A-Z]|$)"
)
OTHERWISE = re.compile(
    r"(cancel|close|exit|stop|shutdown|check|validate|can|should|is|has|log|notify|record|get|fetch|find"
    r"|load|save|parse|to|from|on_fill|on_order|on_trade|update|reconcile|calculate|compute|size|estimate"
    r"|wait)(_|[A-Z]|$)"
)
LOOP = re.compile(r"asyncio\.run\(|run_until_complete")  # a loop of its own, where the test has one
STARTS = ("run", "start", "main")
SKIPPED = {"build", "dist", "node_modules", "site-packages", "__pycache__", "venv", "env", "tests"}
DEPTH_MAX = 2  # folders below the one that is searched
LOOKED_FOR = (
    "Looked for a class or function with a parameter named exchange, client, venue, broker, api or ccxt, or "
    "annotated with ccxt or Exchange, and a method that trades (execute..., trade..., buy, sell, on_signal, "
    "one with a signal or a symbol and an amount) or starts (run, start, main). "
    "Name them: --class NAME --method NAME."
)


@frozen
class Choice:
    """What is tested: the routine of the subject of the bot. ``kind``: signal, arguments, nothing or runs, by
    what it is to be given."""

    bot: Bot
    subject: Subject
    routine: Routine
    kind: str
    score: int

    @property
    def title(self) -> str:
        """The bot's method, as it is called."""
        return f"{self.subject.name}.{self.routine.name}" if self.subject.is_class else self.subject.name


def choose(path: Path, class_name: str | None, method: str | None) -> Choice:
    """The bot in this file, or in this folder where one alone is. Raises ``UsageError`` where there is none
    or there are several, with the command for each."""
    bots = list(_bots_in(path)) if path.is_dir() else [read(path)]
    found = [each for bot in bots for each in _choices(bot, class_name, method)]
    if not found:
        raise UsageError(_nothing(path, bots, class_name, method))
    found = _alone(found)
    if len(found) > 1:
        lines = "\n".join(f"  {command(each)}" for each in found)
        raise UsageError(f"{path} has {len(found)} that may be the bot. Choose one:\n{lines}")
    (choice,) = found
    return choice


def command(choice: Choice) -> str:
    """The command line that chooses this."""
    words = ["hedgecheck", "init", quote(str(choice.bot.path))]
    if choice.subject.is_class:
        words += ["--class", choice.subject.name]
    return " ".join([*words, "--method", choice.routine.name])


def _bots_in(folder: Path) -> Iterator[Bot]:
    """Every file in a folder, at most two deep, that may hold a bot."""
    for where, folders, files in os.walk(folder):
        depth = len(Path(where).relative_to(folder).parts)
        folders[:] = sorted(each for each in folders if depth < DEPTH_MAX and _is_source(Path(where, each)))
        for name in sorted(files):
            is_test = name.startswith("test_") or name.endswith("_test.py")
            if not name.endswith(".py") or is_test or name in ("conftest.py", "setup.py"):
                continue
            try:
                yield read(Path(where, name))
            except UsageError:
                continue  # what is no Python is no bot


def _is_source(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name.endswith(".egg-info")
    return not hidden and folder.name not in SKIPPED and not (folder / "pyvenv.cfg").exists()


# ---- what fits --------------------------------------------------------------------------------------------


def _choices(bot: Bot, class_name: str | None, method: str | None) -> list[Choice]:
    """The best routine of each subject that takes an exchange, of the names given."""
    found = []
    for subject in bot.subjects:
        is_asked = class_name is None or (subject.name == class_name and subject.is_class)
        is_hidden = subject.name.startswith("_") and method != subject.name and class_name is None
        if not is_asked or is_hidden:
            continue
        fits = [_fit(bot, subject, each, method) for each in subject.routines]
        best = max(fits, key=lambda each: each.score, default=None)  # of equals the first
        if best is not None and best.score > 0:
            found.append(best)
    return found


def _fit(bot: Bot, subject: Subject, routine: Routine, method: str | None) -> Choice:
    kind = _kind(routine)
    takes_one = any(each.takes_exchange for each in (*subject.makes, *routine.parameters))
    if not takes_one or (method is not None and routine.name != method):
        return Choice(bot, subject, routine, kind, 0)
    score = _score(routine, kind)
    return Choice(bot, subject, routine, kind, max(score, 1) if method is not None else score)


def _kind(routine: Routine) -> str:
    required = routine.required
    if sum(is_signal(each.name, each.annotation) for each in required) == 1:
        return "signal"
    if {"symbol", "amount"} <= {role.kind for role in map(_role, required) if role is not None}:
        return "arguments"
    return "runs" if routine.never_ends or routine.name in STARTS else "nothing"


def _role(parameter: Parameter) -> Role | None:
    return role_of(parameter.name)


def _score(routine: Routine, kind: str) -> int:
    """How likely it is the one that trades; 0 where it is not."""
    name = routine.name
    if OTHERWISE.match(name) or name.startswith("_") or LOOP.search(routine.source):
        return 0
    if kind == "runs" and name in STARTS:
        score = 50 - STARTS.index(name)
    elif kind in ("signal", "arguments") and (routine.sends or TRADES.match(name)):
        score = {"signal": 100, "arguments": 90}[kind]
    elif TRADES.match(name):
        score = 80
    elif kind == "signal":
        score = 40
    else:
        return 0
    named = 5 if TRADES.match(name) else 0
    return score + named + (10 if routine.sends else 0) - len(routine.required)


def _alone(found: list[Choice]) -> list[Choice]:
    """Classes before functions, and none that another uses."""
    classes = [each for each in found if each.subject.is_class]
    found = classes if len(classes) == 1 or not found else found
    used = {name for each in found for name in each.subject.uses - {each.subject.name}}
    free = [each for each in found if each.subject.name not in used]
    return free or found


# ---- what is said where nothing fits ----------------------------------------------------------------------


def _nothing(path: Path, bots: Iterable[Bot], class_name: str | None, method: str | None) -> str:
    bots = list(bots)
    subjects = [subject for bot in bots for subject in bot.subjects]
    classes = [each for each in subjects if each.is_class]
    named = [each for each in classes if each.name == class_name]
    if class_name is not None and not named:
        return f"{path} has no class {class_name}.{_meant(class_name, [each.name for each in classes])}"
    methods = [each for subject in (named or subjects) for each in subject.routines]
    if method is not None and all(each.name != method for each in methods):
        whose = class_name or str(path)
        return f"{whose} has no method {method}.{_meant(method, [each.name for each in methods])}"
    ready = [each for each in named or classes if any(made.takes_exchange for made in each.makes)]
    if ready and method is None:
        known = ", ".join(each.name for each in ready[0].routines if not each.name.startswith("_"))
        return (
            f"{ready[0].name} takes an exchange, and none of its methods trades or starts by its name. "
            f"Name one: --class {ready[0].name} --method NAME. It has {known or 'none'}."
        )
    own = next((bot for bot in bots if bot.connects_at is not None), None)
    if own is not None:
        return (
            f"Nothing in {path} takes an exchange: {own.path}, line {own.connects_at}, makes one of its own. "
            "Let the class take it as a parameter, so that a test can give it another: "
            f"def __init__(self, exchange). {LOOKED_FOR}"
        )
    return f"Nothing in {path} takes an exchange and trades. {LOOKED_FOR}"


def _meant(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, 1)
    if close:
        return f" Is {close[0]} meant?"
    shown = [each for each in dict.fromkeys(known) if not each.startswith("_")]
    return f" There are {', '.join(shown)}." if shown else " There is none at all."
