"""Engines that are no engines, for the command line to be given."""

import os
from typing import Any

from hedgecheck.drive import BundledCore
from hedgecheck.messages import Intent, Returned


class Quitter(BundledCore):
    """Ends the process it runs in."""

    def step(self, state: Any, event: Any) -> Any:
        """Does not return."""
        os._exit(3)


class Thrower(BundledCore):
    """Raises on everything but the opening prices."""

    understands = ()

    def step(self, state: Any, event: Any) -> Any:
        """Raises."""
        if type(event).__name__ != "Price":
            raise ValueError("not today")
        return super().step(state, event)


class Refuser(BundledCore):
    """Refuses every signal: no order ever reaches the venue."""

    understands = ()

    def step(self, state: Any, event: Any) -> Any:
        """Says no."""
        return state, (Returned(event.id, False, "HALTED"),) if isinstance(event, Intent) else ()
