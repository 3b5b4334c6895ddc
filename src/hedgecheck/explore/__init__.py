"""Explorers of the world: drawing scopes, watching invariants, fuzzing, shrinking, replaying."""
