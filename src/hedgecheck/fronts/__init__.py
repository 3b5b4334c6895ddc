"""The shapes in which users' code meets the simulated venue: one package per client library."""
