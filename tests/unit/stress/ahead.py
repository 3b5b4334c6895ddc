"""Whether a transformation knows what it cannot know yet."""

from hedgecheck.stress.transforming import transformed, unstressed
from tests.unit.stress.markets import first_bars, followed, same


def sees_ahead(transformation, market, other, cut, seed=0):
    """Whether anything before bar ``cut`` depends on what came from there on: on the bars of another market,
    or on whether there are any."""
    whole, another, ended = (
        transformed(unstressed(each), [transformation], seed)
        for each in (market, followed(market, cut, other), first_bars(market, cut))
    )
    return any(
        not same(whole.truth, each.truth, slice(cut))
        or not same(whole.feed, each.feed, slice(cut))
        or said(whole, cut) != said(each, cut)
        for each in (another, ended)
    )


def said(stressed, cut):
    """What was done before bar ``cut``, or begins there; where it ends may be said later."""
    return (
        [(each.kind, each.symbol, each.bar) for each in stressed.injected if each.bar < cut],
        [(type(each), each.window.start) for each in stressed.plan if each.window.start < cut],
    )
