"""The report as one page: no network, nothing beside it, opened from disk."""

from hedgecheck.report.page.document import PANELS, page_of, to_html
from hedgecheck.report.page.panel import Panel, Section

__all__ = ["PANELS", "Panel", "Section", "page_of", "to_html"]
