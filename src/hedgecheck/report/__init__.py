"""Verdicts for machines and for people."""

from hedgecheck.report.text import show
from hedgecheck.report.verdict import Counterexample, ExplorerResult, Report

__all__ = ["Counterexample", "ExplorerResult", "Report", "show"]
