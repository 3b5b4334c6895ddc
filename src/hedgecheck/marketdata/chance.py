"""Where chance comes from: one root seed, and a source of its own for each name under it.

What is drawn under one name does not change what is drawn under another: a market with jumps has the
diffusion of the market without them. The same seed gives the same bytes on one platform with one version of
numpy; numpy may change its distributions from one version to the next (NEP 19).
"""

from collections.abc import Callable
from hashlib import blake2b

import numpy as np

from hedgecheck.arrays import whole

Source = Callable[[str], np.random.Generator]


def source(seed: int) -> Source:
    """The sources under a seed, by name. ``UsageError`` for a seed that is negative or no whole number."""
    root = whole("seed", seed, 0)

    def named(name: str) -> np.random.Generator:
        digest = blake2b(name.encode(), digest_size=16).digest()
        key = tuple(int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(root, spawn_key=key)))

    return named
