"""Risk gates in plain floats, as users write them: a right one, and others that differ in one thing."""

import math

from hedgecheck.machines import GateLimits

LIMITS = GateLimits(position=0.2, gross=1.0, net=0.6, order=0.1)


class Gate:
    """Counts every order as filled at worst, and each that it lets in against those after it."""

    def decide(self, portfolio, intents):
        """A bool for each intent."""
        answers, working = [], self.resting(portfolio)
        for order in intents:
            fits = self.may_trade(portfolio, order) and self.fits(portfolio, working, order)
            answers.append(fits)
            working = self.after(working, order) if fits else working
        return answers

    def resting(self, portfolio):
        """The orders that may still fill."""
        return portfolio.working

    def after(self, working, order):
        """Those, with one that was let in."""
        return (*working, order)

    def may_trade(self, portfolio, order):
        """Whether anything may be sent at all."""
        return not portfolio.halted and self.is_usable(portfolio, order)

    def is_usable(self, portfolio, order):
        """Whether there is a number wherever there ought to be one."""
        amounts = [each.amount for each in (*portfolio.working, order)]
        numbers = [*amounts, *(price for _, price in portfolio.prices)]
        held = [amount for _, amount in portfolio.positions]
        are_numbers = all(
            each is not None and math.isfinite(each) for each in (portfolio.equity, *held, *numbers)
        )
        return are_numbers and min(numbers) > 0

    def fits(self, portfolio, working, order):
        """Whether no limit would be passed."""
        prices = dict(portfolio.prices)
        spans = self.spans(portfolio, (*working, order))
        ends = [(low * prices[symbol], high * prices[symbol]) for symbol, (low, high) in spans.items()]
        worst = {symbol: max(abs(low), abs(high)) * prices[symbol] for symbol, (low, high) in spans.items()}
        return (
            self.within(worst[order.symbol], LIMITS.position, portfolio)
            and self.within(sum(worst.values()), LIMITS.gross, portfolio)
            and self.within(-sum(low for low, _ in ends), LIMITS.net, portfolio)
            and self.within(sum(high for _, high in ends), LIMITS.net, portfolio)
            and self.within(order.amount * prices[order.symbol], LIMITS.order, portfolio)
        )

    def spans(self, portfolio, working):
        """The least and the most that may be held of each symbol."""
        held = dict(portfolio.positions)
        found = {}
        for symbol, _ in portfolio.prices:
            mine = [each for each in working if each.symbol == symbol]
            bought = sum(each.amount for each in mine if each.side == "buy")
            sold = sum(each.amount for each in mine if each.side == "sell")
            found[symbol] = held.get(symbol, 0.0) - sold, held.get(symbol, 0.0) + bought
        return found

    def within(self, value, part, portfolio):
        """Whether a value is within a part of the equity."""
        return value <= part * max(0.0, portfolio.equity)


class IgnoresRestingOrders(Gate):
    """Looks at positions, and at nothing that is on its way there."""

    def resting(self, portfolio):
        return ()


class SeesEachOrderAlone(Gate):
    """Holds each of several orders against what was there before all of them."""

    def after(self, working, order):
        return working


class LetsUnusableNumbersThrough(Gate):
    """Compares without asking whether there is a number: nothing is more than NaN."""

    def is_usable(self, portfolio, order):
        amounts = [each.amount for each in (*portfolio.working, order)]
        every = [portfolio.equity, *amounts, *(price for _, price in portfolio.prices)]
        return not any(each is None or math.isinf(each) or each < 0 for each in every)

    def within(self, value, part, portfolio):
        return not value > part * max(0.0, portfolio.equity)


class RoundsAtTheBoundary(Gate):
    """Compares percentages with two decimals."""

    def within(self, value, part, portfolio):
        equity = portfolio.equity
        return equity > 0 and round(100 * value / equity, 2) <= 100 * part


class IgnoresTheHalt(Gate):
    """Trades on while trading is halted."""

    def may_trade(self, portfolio, order):
        return self.is_usable(portfolio, order)


class NetsAgainstOrders(Gate):
    """Takes what may be sold for sold when it counts what may be bought."""

    def spans(self, portfolio, working):
        held, found = dict(portfolio.positions), {}
        for symbol, _ in portfolio.prices:
            signs = (
                (1 if each.side == "buy" else -1) * each.amount for each in working if each.symbol == symbol
            )
            end = held.get(symbol, 0.0) + sum(signs)
            found[symbol] = end, end
        return found


class RefusesEverything(Gate):
    """Is on the safe side."""

    def decide(self, portfolio, intents):
        return [False] * len(intents)


class ChangesItsMind(Gate):
    """Keeps what it let in, and remembers it the next time it is asked."""

    def __init__(self):
        self.let_in = ()

    def resting(self, portfolio):
        return (*portfolio.working, *self.let_in)

    def decide(self, portfolio, intents):
        answers = super().decide(portfolio, intents)
        self.let_in = tuple(each for each, answer in zip(intents, answers, strict=True) if answer)
        return answers


class AnswersOnce(Gate):
    """Gives one answer for the whole batch."""

    def decide(self, portfolio, intents):
        return [all(super().decide(portfolio, intents))]
