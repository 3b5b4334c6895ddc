"""Five strategies on one account, against a venue that fills what it likes, through crashes and rebalancing.

The machine keeps the account of each strategy itself, from the fills that it made and from what it was told
of capital that moved, and knows nothing of the engine's books. It judges after each rule: each strategy has
its own recount, all together are the account, none is long where another is short, and no unit comes or goes
with capital that moves. An order that a crash kept from leaving is found by nobody.
"""

from collections import Counter, defaultdict

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import engine, messages
from core.messages import Fill, SignalId
from core.settings import MANUAL, Instrument, Limits, Protocol, Settings, Strategy
from stateful.counted import Counted, counted, judge, run

CASH = 1_000_003
NAMES = ("deep_value", "mean_reversion", "momentum", "pairs", "squeeze")
SYMBOLS = ("AAA", "BBB", "CCC")
WIDE = dict.fromkeys(
    ("position_bps", "gross_bps", "heat_bps", "strategy_bps", "net_bps", "leverage_bps", "cluster_bps"), 10**6
)
FEW = Protocol(query_attempts=4, flatten_attempts=2)
BUDGETS = st.sampled_from([(2_000,) * 5, (3_333, 3_333, 1_111, 1_111, 1_111), (1_000, 500, 2_500, 100, 1)])
WANTS = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from([("AAA", "BBB"), ("AAA", "CCC"), ("CCC", "BBB"), ("BBB", "AAA"), ("AAA", "")]),
    st.sampled_from([1, 10, 300, 900, 5_000]),
    st.sampled_from([None, 100]),
)
SHARES = st.sampled_from(
    [(2_000,) * 5, (10_000, 0, 0, 0, 0), (0, 0, 0, 0, 10_000), (0, 3_333, 3_333, 3_333, 0), (1, 7, 0, 0, 11)]
)
BPS = st.sampled_from([10_000, 5_000])
INDEX = st.integers(0, 1 << 16)
PARTS = st.sampled_from([1, 1, 2, 3])
PRICES = st.sampled_from([100, 101, 97, 60, 140])


class PortfolioMachine(Counted):
    """Strategies, the venue, the market and people do as they like; each rule is one thing that one does."""

    refusals = ("STRATEGY_BUDGET", "OPPOSING_POSITION", "NETTED", "KEY_BUSY")
    moves = ("moved", "owed", "followed", "told again")
    awaited = (*refusals, *moves, "hedged", "unfilled")

    @initialize(
        shares=BUDGETS, conflicts=st.sampled_from(["net", "refuse"]), bps=st.sampled_from([10_000, 5_000])
    )
    def open_the_account(self, shares, conflicts, bps):
        """The strategies have their budgets, and nothing has happened."""
        instruments = tuple(Instrument(symbol, quantity_step=1) for symbol in SYMBOLS)
        strategies = tuple(Strategy(*each) for each in zip(NAMES, shares, strict=True))
        limits = Limits(**WIDE, collar_bps=10**6, trades_in_flight=20, budget_bps=bps)
        chosen = Settings(
            instruments, limits, FEW, breakers=(MANUAL,), strategies=strategies, conflicts=conflicts
        )
        self.state = engine.initial(chosen, CASH)
        self.shares = dict(zip(NAMES, shares, strict=True))
        self.given, self.payments = {name: CASH * share / 10_000 for name, share in self.shares.items()}, 0
        self.sent, self.left, self.fills = {}, {}, defaultdict(tuple)
        self.cancels, self.queries, self.timers = [], [], []
        self.cash, self.fees, self.lots = Counter(), Counter(), Counter()
        self.assigned, self.paid, self.sequence = Counter(), 0, Counter()
        self.worth, self.is_rebalanced = None, False
        for symbol in SYMBOLS:
            self.drive(messages.PriceMoved(symbol, 100))

    # ---- the engine's turn ---------------------------------------------------------------------------

    def before_rule(self):
        self.is_rebalanced = False

    def drive(self, event):
        """One event reaches the engine, and what it commands is done."""
        self.state, commands = engine.step(self.state, event)
        self.take(commands, event)

    def take(self, commands, event):
        for command in commands:
            match command:
                case messages.SubmitOrder():
                    self.sent[command.order], self.left[command.order] = command, command.quantity
                case messages.CancelOrder():
                    self.cancels.append(command.order)
                case messages.QueryOrder():
                    self.queries.append(command.order)
                case messages.StartTimer():
                    self.timers.append(command.timer)
                case messages.StopTimer() if command.timer in self.timers:
                    self.timers.remove(command.timer)
                case messages.AssignCapital():
                    self.assign(command, event)
                case messages.RefuseSignal():
                    self.see(command.reason)
                case messages.EndTrade():
                    self.see(command.outcome)
                case messages.RaiseAlert(kind="REBALANCING_OWED"):
                    self.see("owed")

    def assign(self, command, event):
        kind = {messages.RebalanceRequested: "moved", messages.Restarted: "told again"}
        self.see(kind.get(type(event), "followed"))
        self.assigned[command.strategy] = command.amount

    # ---- strategies ----------------------------------------------------------------------------------

    def wanted(self, want):
        name, (symbol_a, symbol_b), lots, limit = want
        self.sequence[name] += 1
        signal = SignalId(name, self.sequence[name])
        side_a, side_b = ("buy", "sell") if symbol_a < symbol_b else ("sell", "buy")
        if name == "squeeze":  # which is against everybody
            side_a, side_b = side_b, side_a
        other = lots if symbol_b else 0
        return messages.SignalReceived(signal, symbol_a, side_a, lots, symbol_b, side_b, other, limit)

    @counted(want=WANTS)
    def a_strategy_wants_a_pair(self, want):
        self.drive(self.wanted(want))

    @counted(wants=st.lists(WANTS, min_size=2, max_size=5))
    def strategies_want_pairs_at_one_moment(self, wants):
        self.drive(messages.SignalsReceived(tuple(self.wanted(each) for each in wants)))

    # ---- the venue -----------------------------------------------------------------------------------

    @counted(
        when=lambda self: any(self.left.values()),
        index=INDEX,
        part=st.sampled_from([1, 1, 2, 3]),
        price=PRICES,
    )
    def market_fills_an_order(self, index, part, price):
        working = [order for order, left in self.left.items() if left]
        order = working[index % len(working)]
        lots = max(1, self.left[order] // part)
        self.left[order] -= lots
        fee = index % 3
        fill = Fill(f"{len(self.fills[order])}", lots, price, fee)
        self.fills[order] += (fill,)
        self.book(self.sent[order], lots, price, fee)
        self.drive(messages.OrderFilled(order, fill))

    def book(self, sent, lots, price, fee):
        name, direction = sent.order.signal.strategy, 1 if sent.side == "buy" else -1
        self.cash[name] -= direction * lots * price + fee
        self.fees[name] += fee
        self.lots[name, sent.symbol] += direction * lots

    @counted(when=lambda self: self.cancels)
    def venue_cancels_an_order(self):
        order = self.cancels.pop(0)
        if self.left.get(order):
            self.left[order] = 0
            self.drive(messages.OrderCanceled(order, sum(each.quantity for each in self.fills[order])))

    @counted(when=lambda self: self.queries)
    def venue_answers_a_question(self):
        order = self.queries.pop(0)
        if order not in self.sent:
            self.drive(messages.OrderStatusReported(order, "not_found"))
            return
        fills = self.fills[order]
        filled = sum(each.quantity for each in fills)
        over = "closed" if filled == self.sent[order].quantity else "canceled"
        self.drive(messages.OrderStatusReported(order, "found", "open" if self.left[order] else over, fills))

    @counted(when=lambda self: self.timers, index=INDEX)
    def a_timer_fires(self, index):
        self.drive(messages.TimerFired(self.timers.pop(index % len(self.timers))))

    # ---- the market, people, and the process ---------------------------------------------------------

    @counted(symbol=st.sampled_from(SYMBOLS), price=PRICES)
    def a_price_moves(self, symbol, price):
        self.drive(messages.PriceMoved(symbol, price))

    @counted(symbol=st.sampled_from(SYMBOLS))
    def a_price_is_none_for_a_while(self, symbol):
        self.drive(messages.PriceUnusable(symbol))
        self.drive(messages.RebalanceRequested())
        self.drive(messages.PriceMoved(symbol, 100))

    @counted(shares=SHARES)
    def capital_is_shared_anew(self, shares):
        self.worth, self.is_rebalanced = engine.equity(self.state), True
        self.drive(messages.RebalanceRequested(tuple(zip(NAMES, shares, strict=True))))

    @counted(amount=st.sampled_from([10_001, -10_001, 3]))
    def cash_is_paid_in_or_out(self, amount):
        self.paid, self.payments = self.paid + amount, self.payments + 1
        for name, share in self.shares.items():
            self.given[name] += amount * share / 10_000
        self.drive(messages.CashMoved(amount))

    @counted(shares=SHARES, want=WANTS)
    def the_process_dies_before_its_commands_leave(self, shares, want):
        for event in (messages.RebalanceRequested(tuple(zip(NAMES, shares, strict=True))), self.wanted(want)):
            self.state, _ = engine.step(self.state, event)
        self.timers, self.queries = [], []
        self.drive(messages.Restarted())

    # ---- what holds ----------------------------------------------------------------------------------

    @judge
    def each_strategy_has_what_was_traded_for_it_and_given_to_it(self):
        accounts = {each.strategy: each for each in self.state.accounts}
        for name in NAMES:
            account = accounts[name]
            given = account.book.cash - account.assigned - self.cash[name]
            assert abs(given - self.given[name]) < 1 + self.payments, f"{name} has got {given}"
            assert account.book.fees == self.fees[name]
            for symbol in SYMBOLS:
                held = [each.lots for each in account.book.positions if each.symbol == symbol]
                assert sum(held) == self.lots[name, symbol]

    @judge
    def all_together_are_the_account(self):
        books = [each.book for each in self.state.accounts]
        assert (
            sum(each.cash for each in books) == self.state.book.cash == CASH + self.paid + self.cash.total()
        )
        assert sum(each.fees for each in books) == self.state.book.fees == self.fees.total()
        worth, shown = engine.equity(self.state), engine.health(self.state).strategies
        if worth is not None and all(each.capital is not None for each in shown):
            assert sum(each.capital for each in shown) == worth
            made = sum(each.realised + each.unrealised for each in shown)
            assert worth == CASH + self.paid + made - self.fees.total()

    @judge
    def capital_is_told_as_it_is_and_none_is_made(self):
        assert {each.strategy: each.assigned for each in self.state.accounts if each.assigned} == {
            name: amount for name, amount in self.assigned.items() if amount
        }
        assert self.assigned.total() == 0

    @judge
    def rebalancing_changes_nothing_of_what_there_is(self):
        if self.is_rebalanced:
            assert engine.equity(self.state) == self.worth

    @judge
    def no_strategy_is_long_where_another_is_short(self):
        for symbol in SYMBOLS:
            lots = [self.lots[name, symbol] for name in NAMES]
            assert min(lots) >= 0 or max(lots) <= 0

    @judge
    def who_owes_has_nothing_to_spare(self):
        shown = {each.name: each for each in engine.health(self.state).strategies}
        for each in self.state.owed:
            has = shown[each.giver]
            assert each.amount > 0
            assert (
                has.capital is None or has.capital <= has.needed or None in dict(self.state.prices).values()
            )


def test_strategies_share_an_account_and_each_has_its_own():
    run(PortfolioMachine, steps=40)
