"""Steps one trade of the state: asks the gate for it, and books what its fills changed."""

from core import portfolio, positions
from core.admission import ask
from core.messages import TradeEvent
from core.positions import Book
from core.state import State, Step
from core.trade import Trade, is_resolved, wants
from core.trade import step as step_trade
from core.values import replace


def step_one(state: State, index: int, event: TradeEvent) -> Step:
    """Steps one trade and books what its fills changed."""
    before = state.trades[index]
    question = wants(before, event)
    allowed = question is None or ask(state, before, question) is None
    after, commands = step_trade(before, event, allowed)
    if after is before:
        return state, commands
    stays = () if after.phase == "closed" else (after,)
    trades = (*state.trades[:index], *stays, *state.trades[index + 1 :])
    recovering = state.recovering and not all(is_resolved(trade) for trade in trades)
    booked = _booked(state, before, after)
    return replace(booked, trades=trades, recovering=recovering), commands


def _booked(state: State, before: Trade, after: Trade) -> State:
    """The state with what changed in one trade's fills in the account's book, and in its strategy's."""

    def with_fills(book: Book) -> Book:
        for index, order in enumerate(after.orders):  # orders keep their place, new ones come last
            earlier = known[index] if index < len(known) else None
            if order is not earlier and order.fills:
                book = positions.book_order(book, earlier, order, state.settings)
        return book

    known = before.orders
    book = with_fills(state.book)
    if book is state.book or not state.accounts:
        return replace(state, book=book)
    accounts = portfolio.booked(state.accounts, after.signal.strategy, with_fills)
    return replace(state, book=book, accounts=accounts)
