"""What each parameter of a bot is given: an exchange, a part of the intent, or a placeholder to fill in."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from hedgecheck.beginning.choosing import Choice
from hedgecheck.beginning.reading import Parameter, Subject
from hedgecheck.beginning.roles import Role, is_signal, plain_type, role_of, words_of
from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt.markets import DEFAULT_LISTINGS, listings_from
from hedgecheck.values import frozen

OF_A_SIGNAL = {"signal_id", "id", "pair_x", "pair_y", "side_x", "side_y", "amount_x", "amount_y", "reduces"}
LISTED = {each.symbol for each in DEFAULT_LISTINGS}
TYPES = {
    "symbol": {"", "str"},
    "amount": {"", "float", "int", "Decimal"},
    "price": {"", "float", "int", "Decimal"},
    "side": {"", "str", "Literal"},
    "id": {"", "str"},
}
TWO_LEGS = re.compile(r"pair|leg|hedge", re.IGNORECASE)
COST_MIN = 50  # quote currency: also after a price shock more than the smallest order that a venue takes


@frozen
class Traded:
    """The symbols that a test trades, X and Y, and of each how much, in its base currency, and at what price;
    ``named``: those that the bot names."""

    symbols: tuple[str, str]
    amounts: tuple[float, float]
    prices: tuple[float, float]
    named: tuple[str, ...]


def traded(named: Iterable[str]) -> Traded:
    """What a bot trades that names these symbols; what it does not name is filled with the usual ones."""
    able = [each for each in named if _is_listable(each)] or ["BTC/USDT"]
    pair, colon, settle = able[0].partition(":")
    quote = pair.partition("/")[2]
    same = [each for each in able if each.partition(":")[0].endswith(f"/{quote}")]
    usual = [f"{base}/{quote}{colon}{settle}" for base in ("ETH", "BTC", "SOL") if base != quote]
    x, y, *_ = dict.fromkeys([*same, *usual])
    first, second = (float(listings_from([each])[0].price) for each in (x, y))
    amounts = _amount(first), _amount(second)
    return Traded((x, y), amounts, (first, second), tuple(same))


def _is_listable(symbol: str) -> bool:
    try:
        listings_from([symbol])
    except UsageError:
        return False
    return True


def _amount(price: float) -> float:
    amount = Decimal(1)
    while amount * Decimal(str(price)) < COST_MIN:
        amount *= 10
    return float(amount)


class Filling:
    """The arguments of one test. It gathers what they need on the way: imports, and what a person is to fill
    in."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self.traded = traded(choice.bot.symbols)
        self.imports: dict[str, set[str]] = {}  # names by module
        self.own: set[str] = set()  # names of the bot's file
        self.placeholders: dict[str, str] = {}  # what each is, by name
        self._waiting = list(choice.routine.parameters)
        self.has_two_legs = self._has_two_legs()

    def exchange(self, parameter: Parameter | None, among: tuple[Parameter, ...]) -> str:
        """An exchange; of several each a venue of its own, by the parameter's name."""
        several = sum(each.takes_exchange for each in among) > 1
        given = [f'"{parameter.name}"'] if several and parameter is not None else []
        markets = dict.fromkeys([*self.traded.named, *self.traded.symbols[: 1 + self.has_two_legs]])
        if not set(markets) <= LISTED:
            given.append(f"markets=[{', '.join(map(_text, markets))}]")
        return f"sim.exchange({', '.join(given)})"

    def outright(self, parameters: tuple[Parameter, ...], whose: str) -> list[str]:
        """Arguments where there is no intent."""

        def value(each: Parameter) -> str | None:
            if each.takes_exchange:
                return self.exchange(each, parameters)
            if each.is_optional:
                return None
            return self._outright(each) or self.placeholder(each, whose)

        return arguments(parameters, value)

    def of_intent(self, parameters: tuple[Parameter, ...], whose: str) -> list[str]:
        """Arguments made of ``signal``, and of ``exchange``."""
        roles = legs(parameters)

        def value(each: Parameter) -> str | None:
            if each.takes_exchange:
                return "exchange"
            role = roles.get(each.name)
            if each.is_optional and (role is None or role.kind in ("price", "id")):
                return None
            if role is None and each in self._waiting and is_signal(each.name, each.annotation):
                self._waiting.remove(each)  # a class may have a field like it
                return self.request(each)
            if role is None:
                return self._outright(each) or self.placeholder(each, whose)
            return self._of_signal(role, each.annotation)

        return arguments(parameters, value)

    def request(self, parameter: Parameter) -> str:
        """What the bot takes for a signal: ours where it reads no more of it than that has; else an object
        of its own class, a dict, or anything with the attributes that it reads."""
        reads = reads_of(self._choice, parameter)
        keys = [name for name, how in reads.items() if how == "key"]
        kind = self._class_of(parameter)
        if reads and not keys and set(reads) <= OF_A_SIGNAL:
            return "signal"
        if kind is not None:
            self.own.add(kind.name)
            return f"{kind.name}({', '.join(self.of_intent(kind.makes, kind.name))})"
        if not reads:
            return "signal"
        names = tuple(Parameter(each, "", False, True) for each in keys or reads)
        given = self.of_intent(names, parameter.name)
        if keys:
            pairs = (each.partition("=") for each in given)
            return "{" + ", ".join(f'"{name}": {value}' for name, _, value in pairs) + "}"
        self.imports.setdefault("types", set()).add("SimpleNamespace")
        return f"SimpleNamespace({', '.join(given)})"

    def _has_two_legs(self) -> bool:
        """Whether the bot takes two symbols; where it does not say, whether it speaks of pairs or legs."""
        routine = self._choice.routine
        symbols = [each.leg for each in legs(routine.parameters).values() if each.kind == "symbol"]
        for each in routine.parameters:
            if is_signal(each.name, each.annotation):
                kind = self._class_of(each)
                names = list(reads_of(self._choice, each))
                names += [field.name for field in kind.makes] if kind is not None else []
                roles = [role for role in map(role_of, names) if role is not None]
                symbols += [role.leg for role in roles if role.kind == "symbol"]
        if symbols:
            return "y" in symbols
        return self._choice.kind == "signal" and bool(TWO_LEGS.search(routine.source))

    def _class_of(self, parameter: Parameter) -> Subject | None:
        """The class of the bot's file that the annotation names, where it can be made."""
        kind = plain_type(parameter.annotation)
        return next(
            (
                each
                for each in self._choice.bot.subjects
                if each.name == kind and each.is_class and each.makes
            ),
            None,
        )

    def placeholder(self, parameter: Parameter, whose: str) -> str:
        """A name at the top of the file, for a person to give it a value."""
        name = "_".join(words_of(parameter.name)).upper()
        annotation = f", a {parameter.annotation}" if parameter.annotation else ""
        self.placeholders.setdefault(name, f"what {whose} needs as {parameter.name}{annotation}")
        return name

    def _outright(self, parameter: Parameter) -> str | None:
        words = words_of(parameter.name)
        if words[-1] in ("symbols", "pairs", "markets", "instruments"):
            return f"[{', '.join(map(_text, self.traded.symbols))}]"
        if words[-1] in ("folder", "directory", "storage") and plain_type(parameter.annotation) in (
            "",
            "Path",
        ):
            return 'sim.storage("bot")'
        if words[-1] in ("logger", "log"):
            self.imports.setdefault("logging", set())
            return 'logging.getLogger("bot")'
        if words[-1] == "name" and plain_type(parameter.annotation) in TYPES["symbol"]:
            return '"bot"'
        role = legs((parameter,)).get(parameter.name)
        if role is None or role.kind == "id":
            return None
        index = role.leg == "y"
        made = {
            "symbol": _text(self.traded.symbols[index]),
            "amount": _number(self.traded.amounts[index]),
            "price": _number(self.traded.prices[index]),
            "side": '"sell"' if index else '"buy"',
        }[role.kind]
        return self._typed(made, parameter.annotation)

    def _of_signal(self, role: Role, annotation: str) -> str:
        made = {
            "symbol": f"signal.pair_{role.leg}",
            "amount": f"signal.amount_{role.leg}",
            "side": f"signal.side_{role.leg}",
            "price": _number(self.traded.prices[role.leg == "y"]),
            "id": "signal.signal_id",
        }[role.kind]
        return self._typed(made, annotation)

    def _typed(self, made: str, annotation: str) -> str:
        if plain_type(annotation) != "Decimal":
            return made
        self.imports.setdefault("decimal", set()).add("Decimal")
        return f"Decimal(str({made}))"


def reads_of(choice: Choice, parameter: Parameter) -> dict[str, str]:
    """What the bot reads of this parameter: names, each an attribute or a key."""
    return {name: how for holder, name, how in choice.routine.reads if holder == parameter.name}


def legs(parameters: Iterable[Parameter]) -> dict[str, Role]:
    """The role of each parameter that has one; the second symbol is that of leg Y, whatever it is called."""
    found: dict[str, Role] = {}
    for each in parameters:
        role = role_of(each.name)
        if role is None or each.takes_exchange or plain_type(each.annotation) not in TYPES[role.kind]:
            continue
        if role in found.values() and role.kind in ("symbol", "amount", "side"):
            role = Role(role.kind, "y")
        found[each.name] = role
    return found


def arguments(parameters: Iterable[Parameter], value: Callable[[Parameter], Any]) -> list[str]:
    """The arguments of a call, by position as far as none is left out."""
    given, is_whole = [], True
    for each in parameters:
        made = value(each)
        if made is None:
            is_whole = False
        else:
            given.append(made if is_whole and not each.by_name_only else f"{each.name}={made}")
    return given


def _text(value: str) -> str:
    return f'"{value}"'


def _number(value: float) -> str:
    return f"{value:_}" if value >= 1_000 else f"{value}"
