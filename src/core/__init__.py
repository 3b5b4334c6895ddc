"""The pure-functional risk and execution core: ``engine.step(state, event) -> (state, commands)``."""
