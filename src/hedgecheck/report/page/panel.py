"""What a panel of the page is, and one that is rendered."""

from collections.abc import Callable

from hedgecheck.report.verdict import Report
from hedgecheck.values import frozen


@frozen
class Panel:
    """One section of the page. ``id``: its anchor, a word. ``render``: its content as HTML, made with
    ``markup.element`` so that texts are escaped; None: the panel is left out of this page."""

    id: str
    title: str
    render: Callable[[Report], str | None]


@frozen
class Section:
    """A panel as it stands on a page: ``id``, its anchor, a word; ``content``, HTML."""

    id: str
    title: str
    content: str
