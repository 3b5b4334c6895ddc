"""Mutants of the bundled core, judged by exhaustive search: ``hedgecheck explore --mutants core.trade``."""

from hedgecheck.mutants.commanding import command
from hedgecheck.mutants.running import Wanted, judge

__all__ = ["Wanted", "command", "judge"]
