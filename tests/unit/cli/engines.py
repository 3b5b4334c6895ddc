"""Engines that are no engines, for the command line to be given."""

import os
from typing import Any

from hedgecheck.drive import BundledCore


class Quitter(BundledCore):
    """Ends the process it runs in."""

    def step(self, state: Any, event: Any) -> Any:
        """Does not return."""
        os._exit(3)


class Thrower(BundledCore):
    """Raises on everything but the opening prices."""

    def step(self, state: Any, event: Any) -> Any:
        """Raises."""
        if type(event).__name__ != "Price":
            raise ValueError("not today")
        return super().step(state, event)
