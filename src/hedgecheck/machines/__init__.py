"""Hypothesis state machines over the world: what users know, with its own way of mixing and shrinking."""

from hedgecheck.machines.world import LeanMachine, WorldMachine, explore, machine_for

__all__ = ["LeanMachine", "WorldMachine", "explore", "machine_for"]
