"""What a panel of the page is."""

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
