"""The first test of a bot, as text."""

import os
import re
from pathlib import Path

from hedgecheck.beginning.choosing import Choice
from hedgecheck.beginning.filling import Filling, legs
from hedgecheck.beginning.places import Place
from hedgecheck.beginning.reading import Routine
from hedgecheck.beginning.roles import words_of
from hedgecheck.values import frozen

WIDTH = 100
SECONDS = 60  # of virtual time, for a bot that runs for ever
EXECUTIONS = 500
COMES_FIRST = ("connect", "initialize", "initialise", "init", "setup", "start")
SELLS = re.compile(r"sell|short", re.IGNORECASE)


@frozen
class Written:
    """A test: its text, what it gives the bot in a few words, and what a person is to fill in, by name."""

    text: str
    gives: str
    placeholders: tuple[tuple[str, str], ...]


def written(choice: Choice, place: Place) -> Written:
    """The test of this choice at this place."""
    page = _Page(choice)
    body, gives = page.body()
    return Written(page.text(body, place), gives, tuple(page.filling.placeholders.items()))


class _Page:
    """One test while it is written."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._subject = choice.subject
        self._routine = choice.routine
        self.filling = Filling(choice)
        self._is_async = choice.subject.is_async
        self._await = "await " if self._is_async else ""

    # ---- the whole ------------------------------------------------------------------------------------

    def text(self, body: list[str], place: Place) -> str:
        """The file."""
        name = "_".join(words_of(self._subject.name)).lower()
        head = f"{'async ' if self._is_async else ''}def test_{name}(sim):"
        about = f'"""{self._choice.title} under every fault. Written by hedgecheck init; it is yours now."""'
        lines = [about, "", *self._imports(place), ""]
        for constant, what in self.filling.placeholders.items():
            lines.append(f"{constant} = None  # {what}")
        lines += [""] if self.filling.placeholders else []
        lines += ["", f"@hedgecheck.verify(executions={EXECUTIONS})", head]
        return "\n".join([*lines, *(f"    {each}" if each else "" for each in body), ""])

    def _imports(self, place: Place) -> list[str]:
        known = {module: set(names) for module, names in self.filling.imports.items()}
        if place.roots:
            known |= {"sys": set(), "pathlib": {"Path"}}
        standard = [f"import {module}" for module in sorted(known) if not known[module]]
        for module in sorted(known):
            if known[module]:
                standard.append(f"from {module} import {', '.join(sorted(known[module]))}")
        own = f"from {place.module} import {', '.join(sorted({self._subject.name, *self.filling.own}))}"
        lines = [*standard, ""] if standard else []
        lines += ["import hedgecheck", ""]
        if not place.roots:
            return [*lines, own]
        paths = [f"sys.path.insert(0, str({_up(place.path.parent, each)}))" for each in place.roots]
        return [*lines, "# where the bot and what it imports are", *paths, "", f"{own}  # noqa: E402"]

    def body(self) -> tuple[list[str], str]:
        """The lines of the test function, and what it gives the bot."""
        kind = self._choice.kind
        if kind in ("signal", "arguments"):
            return self._delivers(), "one intent"
        if kind == "runs":
            return self._runs()
        return self._calls(), "one call"

    # ---- one intent -----------------------------------------------------------------------------------

    def _delivers(self) -> list[str]:
        routine = self._routine
        given = self.filling.of_intent(routine.parameters, self._choice.title)
        lines = []
        if "exchange" in given or any(each.endswith("=exchange") for each in given):
            lines.append(f"exchange = {self.filling.exchange(None, ())}")
        name = self._subject.name
        if self._subject.is_class:
            lines += self._made_bot()
            name = f"bot.{routine.name}"
        lines += ["", *self._signal(), *self._rule(), ""]
        if given == ["signal"]:
            return [*lines, f"{self._await}sim.deliver(signal, {name})"]
        return [*lines, *_nested(f"{self._await}sim.deliver", f"lambda signal: {name}", given, "signal")]

    def _signal(self) -> list[str]:
        what = self.filling.traded
        (x, y), (first, second) = what.symbols, what.amounts
        sells = ['side_x="sell"'] if self._sells() else []
        if self.filling.has_two_legs:
            given = [f'"{x}"', f'"{y}"', f"{first}", *([f"{second}"] if second != first else []), *sells]
            about = f"  # one intent: buy {first} {x.split('/')[0]}, sell {second} {y.split('/')[0]}"
        else:
            given = [f'"{x}"', f"amount_x={first}", *sells]
            about = f"  # one intent: {'sell' if sells else 'buy'} {first} {x.split('/')[0]}"
        line = f"signal = sim.signal({', '.join(given)})"
        return [line + ("" if sells and self.filling.has_two_legs else about)]

    def _sells(self) -> bool:
        sides = [each for each in legs(self._routine.parameters).values() if each.kind == "side"]
        return not sides and bool(SELLS.search(self._routine.name))

    # ---- no intent ------------------------------------------------------------------------------------

    def _calls(self) -> list[str]:
        lines = self._made_bot() if self._subject.is_class else []
        name = f"bot.{self._routine.name}" if self._subject.is_class else self._subject.name
        given = self.filling.outright(self._routine.parameters, self._choice.title)
        lines += [""] if lines else []
        return [*lines, *self._bound(), "", *_call(f"{self._awaits(self._routine)}{name}", given)]

    def _runs(self) -> tuple[list[str], str]:
        routine = self._routine
        if not self._is_async:
            return (self._polls(), f"{SECONDS} seconds") if routine.never_ends else (self._calls(), "one run")
        gives = f"{SECONDS} seconds"
        rest = [f"await sim.sleep({SECONDS})  # virtual seconds"]
        comes_up = routine.name == "start" and not routine.never_ends
        if self._subject.is_class and not routine.required and (comes_up or not routine.is_async):
            start = () if routine.name == "start" else (f'start="{routine.name}"',)
            made = f"lambda: {self._subject.name}"
            lines = _nested("await sim.process", made, self._made(), after=start)
            return [*self._bound(), "", *lines, *rest], gives
        self.filling.imports["asyncio"] = set()
        given = self.filling.outright(routine.parameters, self._choice.title)
        called, lines = self._subject.name, []
        if self._subject.is_class:
            called, lines = f"bot.{routine.name}", _call(f"bot = {self._subject.name}", self._made())
        lines += _nested("return asyncio.create_task", called, given)
        factory = ["async def comes_up():  # and again after each crash", *(f"    {each}" for each in lines)]
        return [*self._bound(), "", *factory, "", 'await sim.process(comes_up, start="")', *rest], gives

    def _polls(self) -> list[str]:
        """A synchronous bot that runs for ever, beside the test."""
        name, routine = self._subject.name, self._routine
        given = self.filling.outright(routine.parameters, self._choice.title)
        is_process = self._subject.is_class and not given
        if is_process:
            head, made = (
                "def comes_up():  # and again after each crash",
                _call(f"return {name}", self._made()),
            )
            start = "" if routine.name == "start" else f', start="{routine.name}"'
            beside = f"sim.background(lambda: sim.process(comes_up{start}))"
        else:
            bot = _call(f"bot = {name}", self._made()) if self._subject.is_class else []
            head, made = "def runs():", [*bot, *_call(f"bot.{routine.name}" if bot else name, given)]
            beside = "sim.background(runs)"
        factory = [head, *(f"    {each}" for each in made)]
        return [*self._bound(), "", *factory, "", beside, f"sim.sleep({SECONDS})  # virtual seconds"]

    # ---- parts ----------------------------------------------------------------------------------------

    def _made(self) -> list[str]:
        return self.filling.outright(self._subject.makes, self._subject.name)

    def _made_bot(self) -> list[str]:
        lines = _call(f"bot = {self._subject.name}", self._made())
        for each in self._subject.routines:
            comes_first = each.name in COMES_FIRST and not each.required and not each.never_ends
            if comes_first and each is not self._routine:
                lines.append(f"{self._awaits(each)}bot.{each.name}()")
        return lines

    def _awaits(self, routine: Routine) -> str:
        return "await " if routine.is_async else ""

    def _rule(self) -> list[str]:
        """A rule of the user's own, ready to be switched on."""
        x, amount = self.filling.traded.symbols[0], self.filling.traded.amounts[0]
        bound = f">= {-amount}" if self._sells() else f"<= {amount}"
        return [
            f'# sim.always(lambda ledger: ledger.position("{x}") {bound})  # in the place of the usual rules'
        ]

    def _bound(self) -> list[str]:
        x, amount = self.filling.traded.symbols[0], self.filling.traded.amounts[0]
        return [
            "# It decides by itself how much to trade. Held to the usual rules, or instead to what it may",
            "# hold at most, in the base currency:",
            f'# sim.always(lambda ledger: abs(ledger.position("{x}")) <= {amount})',
        ]


def _call(name: str, given: list[str]) -> list[str]:
    """A call on one line where it fits, else an argument on each."""
    line = f"{name}({', '.join(given)})"
    if "\n" not in line and (len(line) <= WIDTH - 8 or not given):
        return [line]
    return [f"{name}(", *(f"    {each}" for argument in given for each in f"{argument},".splitlines()), ")"]


def _nested(name: str, inner: str, given: list[str], *before: str, after: tuple[str, ...] = ()) -> list[str]:
    """A call whose argument is a call."""
    return _call(name, [*before, "\n".join(_call(inner, given)), *after])


def _up(folder: Path, root: Path) -> str:
    """The folder to import from, as seen from that of the test."""
    if folder.is_relative_to(root):
        return f"Path(__file__).parents[{len(folder.relative_to(root).parts)}]"
    return f'Path(__file__).parent / "{os.path.relpath(root, folder).replace(os.sep, "/")}"'
