"""Random portfolios, rebalanced: ``python -m tests.quality.rebalancing --portfolios 1000000``.

Of each: value is preserved to the minor unit; targets are reached within one, as far as capital is free at
once and wholly when all is; and after no transfer has anybody less than its open trades need.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from core.portfolio import Targets
from core.portfolio_rebalancing import Capital, Transfers, rebalance, released

WHOLE = 10_000


def wrong_with(capitals: tuple[Capital, ...], targets: Targets) -> str:
    """What is wrong with how these are rebalanced, in words; nothing where nothing is."""
    moved, owed = rebalance(capitals, targets)
    money = {each.strategy: each.money for each in capitals}
    total, floors = sum(money.values()), {each.strategy: min(each.money, each.needed) for each in capitals}
    broken = _walked(money, floors, moved)
    if broken:
        return broken
    held_back = {each.giver for each in owed}
    for each in capitals:
        if each.strategy in held_back and money[each.strategy] > max(each.needed, floors[each.strategy]):
            return f"{each.strategy} owes, and has {money[each.strategy]} where it needs {each.needed}"
    free = tuple([replace(each, money=money[each.strategy], needed=0) for each in capitals])
    followed, left = released(free, owed)
    broken = _walked(money, dict.fromkeys(money, -(10**18)), followed)
    if broken or left:
        return broken or f"{left} is owed when nothing is in use"
    for name, share in (("", WHOLE - sum([each for _, each in targets])), *targets):
        if abs(money[name] * WHOLE - total * share) >= WHOLE:
            return f"{name} comes to {money[name]} of {total}, its share is {share} bps"
    return "" if sum(money.values()) == total else f"{total} became {sum(money.values())}"


def _walked(money: dict[str, int], floors: dict[str, int], moved: Transfers) -> str:
    """Makes the transfers one by one, and says which one takes what is needed or moves nothing."""
    for each in moved:
        money[each.giver] -= each.amount
        money[each.receiver] += each.amount
        if each.amount <= 0 or each.giver == each.receiver:
            return f"{each} moves nothing"
        if money[each.giver] < floors[each.giver]:
            return f"after {each} its giver has {money[each.giver]}, and needs {floors[each.giver]}"
    return ""


def portfolio(random: Random) -> tuple[tuple[Capital, ...], Targets]:
    """Two to nine strategies and the reserve: some in debt, some wholly in use, small and large sums."""
    size, count = random.choice((10, 10_000, 10**9, 10**15)), random.randint(2, 9)
    names = ["", *"abcdefghi"[:count]]
    capitals = []
    for name in names:
        money = random.randint(-size // 10, size)
        capitals.append(
            Capital(name, money, random.choice((0, 0, money // 2, abs(money), random.randint(0, size))))
        )
    cuts = sorted([random.randint(0, WHOLE) for _ in range(count)])
    shares = [cut - before for before, cut in zip([0, *cuts], cuts, strict=False)]
    return tuple(capitals), tuple(zip(names[1:], shares, strict=True))


def first_wrong(portfolios: int, seed: int) -> str:
    """What is wrong with the first of so many random portfolios that something is wrong with."""
    random = Random(f"portfolios {seed}")
    for number in range(portfolios):
        capitals, targets = portfolio(random)
        if sum([each.money for each in capitals]) > 0:
            wrong = wrong_with(capitals, targets)
            if wrong:
                return f"portfolio {number} of seed {seed}: {wrong}"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebalances so many random portfolios, and says how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.rebalancing", description=__doc__)
    parser.add_argument("--portfolios", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    wrong = first_wrong(chosen.portfolios, chosen.seed)
    print(wrong or f"{chosen.portfolios} portfolios rebalanced in {time.perf_counter() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
