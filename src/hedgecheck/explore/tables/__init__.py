"""Exhaustive search at scale: the product of the tables of single trades.

One trade is run alone, with everything its neighbours could do to it, on the real engine (``alone``). States
that nothing around them can tell apart become one (``classes``). All trades together are a product of those
classes, searched in whole arrays (``product``) or state by state (``reference``); what the gate answers there
is asked of the real engine, with the trades put together (``company``). Scopes that are too large are walked
through by chance (``walking``).
"""

from hedgecheck.explore.tables.searching import TableSearch, search
from hedgecheck.explore.tables.walking import walk

__all__ = ["TableSearch", "search", "walk"]
