"""Defects by what they offend, one module per family; ``tests.canary.planted`` finds them here."""
