"""Shipped tests of a pair engine: ``pytest --pyargs hedgecheck.conformance --hedgecheck-engine bot:make``."""
