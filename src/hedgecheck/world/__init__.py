"""Engine x venue x wire as one pure value: ``enabled(world)``, ``apply(world, action) -> (world, records)``.

Time is left out: any armed timer may fire at any moment, so every duration and latency is covered. Requests
keep their order (one session); reports may be lost, overtaken or doubled, each at the price of one fault.
``apply`` of an action that is not possible changes nothing and records nothing.
"""

from hedgecheck.world.lanes import LanedUniverse, universe_of
from hedgecheck.world.model import Engine, Scope, World
from hedgecheck.world.rest import Settling, is_at_rest
from hedgecheck.world.universe import Universe

__all__ = [
    "Engine",
    "LanedUniverse",
    "Scope",
    "Settling",
    "Universe",
    "World",
    "is_at_rest",
    "universe_of",
]
