"""HTML as values: the one place where text becomes markup, and so the one place that escapes.

A plain ``str`` is text and is escaped wherever it is put; only ``Html`` is taken as it is, and only the
functions here make it.
"""

import html
import re

VOID = frozenset({"input", "meta", "br"})
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class Html(str):
    """Markup that is safe to put in a page."""

    __slots__ = ()


Child = str | int | None
Attribute = str | int | bool | None


def legible(text: str) -> str:
    """``text`` with every character that XML or HTML forbid replaced by one that shows it was there."""
    return UNREADABLE.sub(_picture, text)


def escaped(text: str) -> Html:
    """``text`` as markup; what is markup already, unchanged."""
    return text if isinstance(text, Html) else Html(html.escape(legible(text)))


def joined(*parts: Child) -> Html:
    """The parts one after the other; None is nothing, an int is written with its thousands apart."""
    return Html("".join(_child(part) for part in parts))


def element(name: str, *children: Child, **attributes: Attribute) -> Html:
    """``<name attributes>children</name>``.

    An attribute's trailing underscore is dropped and other underscores become hyphens (``class_``,
    ``aria_label``); True writes the bare attribute, None and False leave it out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def copyable(label: str, text: str, anchor: str, *, kind: str = "command") -> Html:
    """A text in a box, with a button that copies it. ``anchor``: an id no other part of the page has."""
    return element(
        "div",
        element("pre", element("code", text, id=anchor), tabindex=0, role="region", aria_label=label),
        element("button", "Copy", type="button", class_="copy", data_copy=anchor, aria_label=f"Copy {label}"),
        class_=f"copyable {kind}",
    )


def plural(count: int, noun: str) -> str:
    """``1 step``, ``2 steps``, ``1,000 steps``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _child(part: Child) -> str:
    if part is None:
        return ""
    return f"{part:,}" if isinstance(part, int) else escaped(part)


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escaped(str(value))}"'


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "�"
