"""States that a portfolio can be in, and that are awkward to get to: what is held, and what is under way.

Everything is int: lots, ticks, and for equity ticks times lots. Long lots are positive, short ones negative.
"""

from hedgecheck.errors import UsageError
from hedgecheck.machines import GateOrder, GatePortfolio
from hedgecheck.messages import Side
from hedgecheck.values import frozen

EQUITY = 1_000_000
PRICE = 100
TENTH = EQUITY // 10 // PRICE  # so many lots are a tenth of the equity


@frozen
class Holding:
    """What is held of a symbol for a strategy, and what it was bought or sold at."""

    symbol: str
    lots: int
    entry_ticks: int = PRICE
    strategy: str = "s1"


@frozen
class Resting:
    """An order that may still fill, all of it."""

    symbol: str
    side: Side
    lots: int
    strategy: str = "s1"


@frozen
class PositionScenario:
    """A state of a portfolio, and ``why`` it is there. Prices by symbol; ``correlations`` in basis points."""

    name: str
    why: str
    equity: int
    prices: tuple[tuple[str, int], ...]
    holdings: tuple[Holding, ...] = ()
    working: tuple[Resting, ...] = ()
    correlations: tuple[tuple[str, str, int], ...] = ()
    halted: bool = False

    def gate(self, lot: float = 1.0, tick: float = 1.0) -> GatePortfolio:
        """The same for a risk gate of one's own: amounts in lots of such a size, prices in such ticks."""
        held: dict[str, int] = {}
        for each in self.holdings:
            held[each.symbol] = held.get(each.symbol, 0) + each.lots
        return GatePortfolio(
            self.equity * lot * tick,
            tuple([(symbol, ticks * tick) for symbol, ticks in self.prices]),
            tuple([(symbol, lots * lot) for symbol, lots in held.items()]),
            tuple([GateOrder(each.symbol, each.side, each.lots * lot) for each in self.working]),
            self.halted,
        )

    @property
    def opposes(self) -> bool:
        """Whether something is held long and short at once, or may come to be."""
        signs = [(each.symbol, each.lots > 0) for each in self.holdings]
        signs += [(each.symbol, each.side == "buy") for each in self.working]
        return any((symbol, not is_long) in signs for symbol, is_long in signs)


def _scenario(
    name: str,
    why: str,
    holdings: tuple[Holding, ...] = (),
    working: tuple[Resting, ...] = (),
    prices: tuple[tuple[str, int], ...] = (),
    equity: int = EQUITY,
    correlations: tuple[tuple[str, str, int], ...] = (),
    *,
    halted: bool = False,
) -> PositionScenario:
    """A scenario in which a symbol costs 100 ticks, unless a price says otherwise."""
    names = {"AAA", "BBB", *(each.symbol for each in holdings), *(each.symbol for each in working)}
    every = tuple(sorted({**dict.fromkeys(sorted(names), PRICE), **dict(prices)}.items()))
    return PositionScenario(name, why, equity, every, holdings, working, correlations, halted)


def _pairs(strategies: int, lots: int) -> tuple[Holding, ...]:
    """A hedged pair for each strategy, in symbols of its own."""
    legs = [(f"L{each}", lots, f"s{each}") for each in range(strategies)]
    legs += [(f"S{each}", -lots, f"s{each}") for each in range(strategies)]
    return tuple([Holding(symbol, signed, PRICE, strategy) for symbol, signed, strategy in legs])


_TECH = ("TECH1", "TECH2", "TECH3", "TECH4")
POSITION_SCENARIOS = (
    _scenario("empty", "an account that has not traded"),
    _scenario("one_long", "a tenth in one symbol", (Holding("AAA", TENTH),)),
    _scenario("one_short", "a tenth short in one symbol", (Holding("AAA", -TENTH),)),
    _scenario("hedged_pair", "a tenth long against a tenth short", _pairs(1, TENTH)),
    _scenario(
        "broken_hedge",
        "the second leg was filled for three fifths of the first",
        (Holding("AAA", TENTH), Holding("BBB", -TENTH * 3 // 5)),
    ),
    _scenario(
        "five_strategies", "five strategies hold a hedged pair each, half invested", _pairs(5, TENTH // 2)
    ),
    _scenario(
        "at_position_limit", "a fifth in one symbol: one lot more is too much", (Holding("AAA", 2 * TENTH),)
    ),
    _scenario(
        "drifted_over_limit",
        "bought for a fifth, worth two fifths since: over the limit without an order",
        (Holding("AAA", 4 * TENTH, 50),),
    ),
    _scenario("at_gross_limit", "five pairs, all of the equity invested, the net nothing", _pairs(5, TENTH)),
    _scenario(
        "one_cluster",
        "four symbols that move as one, a tenth in each",
        tuple([Holding(symbol, TENTH) for symbol in _TECH]),
        correlations=tuple([(a, b, 9_000) for a in _TECH for b in _TECH if a < b]),
    ),
    _scenario(
        "all_under_way",
        "nothing is held, and orders for two fifths may fill at any time",
        working=(Resting("AAA", "buy", 2 * TENTH), Resting("BBB", "sell", 2 * TENTH, "s2")),
    ),
    _scenario(
        "turning_round",
        "a sale rests that is twice what is held: filled, it is a short position",
        (Holding("AAA", TENTH),),
        (Resting("AAA", "sell", 2 * TENTH),),
    ),
    _scenario(
        "both_sides_resting",
        "a maker's quotes: either side may fill alone",
        working=(Resting("AAA", "buy", TENTH), Resting("AAA", "sell", TENTH)),
    ),
    _scenario(
        "same_symbol_twice",
        "two strategies hold the same symbol, together a fifth",
        (Holding("AAA", TENTH), Holding("AAA", TENTH, PRICE, "s2")),
    ),
    _scenario(
        "losing",
        "a tenth has lost half of its value",
        (Holding("AAA", TENTH, 200),),
        equity=900_000,
    ),
    _scenario("wiped_out", "more is lost than there was", (Holding("AAA", TENTH, 1_200),), equity=-100_000),
    _scenario(
        "penny_and_dear",
        "prices five orders of magnitude apart",
        (Holding("DEAR", 1, 100_000), Holding("PENNY", 100_000, 1, "s2")),
        prices=(("DEAR", 100_000), ("PENNY", 1)),
    ),
    _scenario("fifty_symbols", "twenty-five pairs of a hundredth each", _pairs(25, TENTH // 10)),
    _scenario("halted", "a pair is held, and trading is halted", _pairs(1, TENTH), halted=True),
)


def position_scenario(name: str) -> PositionScenario:
    """The scenario of that name; ``UsageError`` for a name that there is not."""
    for each in POSITION_SCENARIOS:
        if each.name == name:
            return each
    said = ", ".join(each.name for each in POSITION_SCENARIOS)
    raise UsageError(f"There is no position scenario {name!r}. There are {said}.")
