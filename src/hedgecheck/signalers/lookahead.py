"""Whether a strategy knows what it cannot know yet."""

from dataclasses import fields, replace

import numpy as np

from hedgecheck.signalers.history import History, Signaler


def look_ahead(signaler: Signaler, history: History) -> int | None:
    """The first bar whose signal depends on what came after it, or None: the history is ended at every bar
    from which on there are signals, and what was signaled must be what is signaled of the whole.

    Raises the ``UsageError`` of the signaler for a history that it refuses.
    """
    whole = signaler.signals(history)
    every = [each.name for each in fields(history) if getattr(history, each.name) is not None]
    for bars in range(max(1, signaler.bars_min), np.size(history.close)):
        ended = replace(history, **{name: getattr(history, name)[:bars] for name in every})
        part = signaler.signals(ended)
        differs = part.targets != whole.targets[:bars]
        differs |= part.hedge_ratio != whole.hedge_ratio[:bars]
        if differs.any():
            return int(np.argmax(differs))
    return None
