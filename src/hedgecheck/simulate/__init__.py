"""Deterministic asyncio around an unmodified bot: CPython's loop, virtual time, a venue, and a search.

``sim`` is what a test is given; ``loop``, ``agenda``, ``choices`` and ``execution`` make one execution;
``perform`` performs it, ``search`` looks for one that fails, ``shrink`` makes that small, ``failure`` shows
it.
"""
