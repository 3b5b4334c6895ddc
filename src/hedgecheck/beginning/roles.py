"""What a parameter or attribute of a bot is for, judged by its name and annotation alone.

The words are those of ccxt, FIX and the bots that people write. Nothing here knows of syntax trees.
"""

import re

from hedgecheck.values import frozen

EXCHANGES = {"exchange", "client", "venue", "broker", "api", "ccxt"}
SIGNALS = {"signal", "sig", "request", "req", "intent", "order", "opportunity", "trade"}
SYMBOLS = {"symbol", "pair", "market", "instrument", "ticker"}
AMOUNTS = {"amount", "quantity", "qty", "size", "volume", "lots"}
SIDES = {"side", "direction"}
IDS = {
    "id",
    "signal_id",
    "intent_id",
    "request_id",
    "trade_id",
    "order_id",
    "client_order_id",
    "idempotency_key",
}
SECOND = {"y", "b", "2", "second", "short", "hedge", "other"}  # words for leg Y
LEGS = SECOND | {"x", "a", "1", "first", "long"}
BOUNDS = {"max", "min", "default", "maximum", "minimum"}  # a bound of an amount is no amount
PLAIN = {"str", "int", "float", "bool", "bytes", "Decimal", "dict", "list"}
SIGNAL_TYPE = re.compile(r"(Signal|Request|Intent|Order|Opportunity|Trade)$")


@frozen
class Role:
    """What a name stands for in an intent: ``kind`` is symbol, amount, side, price or id; ``leg`` x or y."""

    kind: str
    leg: str = "x"


def words_of(name: str) -> list[str]:
    """The words of a name in snake or camel case, in lower case, with a number apart."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    apart = re.sub(r"([a-zA-Z])(\d+)$", r"\1_\2", apart)
    return [each for each in apart.lower().split("_") if each]


def role_of(name: str) -> Role | None:
    """What this name stands for in an intent, if anything."""
    words = words_of(name)
    if "_".join(words) in IDS:
        return Role("id")
    if not words or set(words) & BOUNDS:
        return None
    leg = "y" if len(words) > 1 and set(words) & SECOND else "x"
    meant = [each for each in words if each not in LEGS] or words
    for kind, known in (("price", {"price"}), ("amount", AMOUNTS), ("side", SIDES), ("symbol", SYMBOLS)):
        if meant[-1] in known:
            return Role(kind, leg)
    return None


def is_exchange(name: str, annotation: str) -> bool:
    """Whether a parameter takes an exchange."""
    if plain_type(annotation) in PLAIN:
        return False
    if re.search(r"\bccxt\b|Exchange\b", annotation):
        return "[" not in annotation.replace("Optional[", "")
    words = [each for each in words_of(name) if each not in LEGS and not each.isdigit()]
    return bool(words) and words[-1] in EXCHANGES


def is_signal(name: str, annotation: str) -> bool:
    """Whether a parameter takes what a strategy decided, whole."""
    kind = plain_type(annotation)
    if kind in PLAIN - {"dict"}:
        return False
    words = words_of(name)
    return bool(SIGNAL_TYPE.search(kind)) or (bool(words) and words[-1] in SIGNALS)


def plain_type(annotation: str) -> str:
    """The last name of an annotation without quotes, None, module and subscript: ``float`` of
    ``float | None``."""
    bare = annotation.strip("'\"").replace("Optional[", "").replace("typing.", "")
    first = next((each.strip() for each in bare.split("|") if each.strip() != "None"), "")
    return first.split("[")[0].rstrip("]").split(".")[-1]
