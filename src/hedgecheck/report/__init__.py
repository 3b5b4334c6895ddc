"""Verdicts for machines and for people."""

from hedgecheck.report.text import show
from hedgecheck.report.verdict import Counterexample, ExplorerResult, Frame, Goal, Looked, Report, Transition

__all__ = ["Counterexample", "ExplorerResult", "Frame", "Goal", "Looked", "Report", "Transition", "show"]
