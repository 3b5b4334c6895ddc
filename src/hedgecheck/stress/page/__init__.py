"""Results as pages: no network, nothing beside them, opened from disk."""

from hedgecheck.stress.page.document import batch_page, result_page

__all__ = ["batch_page", "result_page"]
