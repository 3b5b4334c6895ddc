"""Engines with one planted bug each."""
