"""The report as one page: no network, nothing beside it, opened from disk."""

from hedgecheck.report.page.document import PANELS, to_html
from hedgecheck.report.page.panel import Panel

__all__ = ["PANELS", "Panel", "to_html"]
