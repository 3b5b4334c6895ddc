"""What every ``sim`` has, whether its test is async or plain: venues, intents, rules, time that is told."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt.markets import Listing, listings_from
from hedgecheck.messages import Intent, Side, Signaled
from hedgecheck.simulate.beliefs import Beliefs, Said
from hedgecheck.simulate.drawing import draw
from hedgecheck.simulate.exchange import intent_of
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.ledger import Ledger, LedgerOrder
from hedgecheck.simulate.loop import process_of
from hedgecheck.simulate.market import MILLION, Market, book_everywhere, trade_everywhere
from hedgecheck.simulate.rules import Predicate, Rule
from hedgecheck.simulate.signals import Carrier, Signal, call_of, intending, last_read, signal_values
from hedgecheck.venue import Uniqueness

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Value = TypeVar("Value")
Decide = TypeVar("Decide", bound=Callable[..., Any])
Markets = Mapping[str, Mapping[str, Any]] | Iterable[str] | None


class Shared:
    """One simulated world, for one execution of a test function."""

    def __init__(self, run: Execution) -> None:
        self._run = run
        self._markets: dict[str, Market] = {}
        self._terms: dict[str, tuple[Any, ...]] = {}
        self._clients = 0
        self._signals = 0
        self._intents: dict[str, Intent] = {}

    # ---- venues ---------------------------------------------------------------------------------------

    def _client(
        self,
        name: str = "sim",
        account: str = "margin",
        balances: dict[str, float] | None = None,
        markets: Markets = None,
        client_id_unique: Uniqueness = "open_orders",
    ) -> tuple[Market, int]:
        """A venue, opened where it is not, and the number of one more client."""
        market = self._markets.get(name)
        if market is None:
            market = self._open(name, account, balances, markets, client_id_unique)
        elif (balances, markets) != (None, None) and self._terms[name] != (account, balances, markets):
            raise UsageError(f"Exchange {name!r} is open already, on other terms. State them the first time.")
        self._clients += 1
        return market, self._clients

    def _open(
        self, name: str, account: str, balances: Any, markets: Markets, client_id_unique: Uniqueness
    ) -> Market:
        if account not in ("margin", "spot"):
            raise UsageError(f"account={account!r}: there are 'margin' and 'spot'.")
        if client_id_unique not in ("open_orders", "session", "forever"):
            raise UsageError(
                f"client_id_unique={client_id_unique!r}: there are 'open_orders', 'session' and 'forever'."
            )
        listings = listings_from(markets)
        for each in listings:
            known = self._listings().get(each.symbol)
            if known is not None and (known.tick, known.lot) != (each.tick, each.lot):
                raise UsageError(f"{each.symbol} has another tick or lot at {name!r}. Make them the same.")
        if account == "spot" and balances is None:
            balances = {listings[0].quote: 1_000_000.0}
        is_first = not self._markets
        market = Market(self._run, name, listings, account, balances, client_id_unique, is_first=is_first)
        self._markets[name] = market
        self._terms[name] = (account, balances, markets)
        return market

    def _listings(self) -> dict[str, Listing]:
        found: dict[str, Listing] = {}
        for market in self._markets.values():
            found = {**market.desk.listings, **found}
        return found

    def price(self, symbol: str, value: float) -> None:
        """Sets the market price of a symbol, in its quote currency, at every venue that lists it. Raises
        ``UsageError`` for a symbol that none lists."""
        for market in self._listing_it(symbol):
            market.set_price(symbol, value)

    def shock(self, symbol: str, fraction: float) -> None:
        """Moves the price of a symbol by a fraction of it: -0.2 is 20 % down. Raises ``UsageError`` for a
        symbol that no venue lists."""
        for market in self._listing_it(symbol):
            market.shock(symbol, round(fraction * MILLION))

    def book(self, symbol: str, *, spread: float, depth: float | tuple[float, float]) -> None:
        """Gives a symbol an order book, or another one, at every venue that lists it: ``depth`` (base
        currency; a pair is bids and asks) at each of five prices of a side, a tick apart; ``spread`` (quote
        currency) around the market price. What takes from it walks it, and what it took is gone until the
        next call. Of a side of 0 nothing is traded. Without a book the market trades any amount at its price.
        Raises ``UsageError`` for what is no spread or depth, and for a symbol that no venue lists."""
        book_everywhere(self._listing_it(symbol), symbol, spread, depth)

    def trade_at(self, symbol: str, side: Side, price: float, amount: float) -> Decimal:
        """Somebody else trades up to ``amount`` (base currency) at ``price``: a "sell" fills the bids that
        rest at that price or above, a "buy" the asks at it or below, each at ``price``. The market's price
        stays what it was. Returns what was filled. Raises ``UsageError`` for what is no side, price or
        amount."""
        return trade_everywhere(self._listing_it(symbol), symbol, side, price, amount)

    def intends(self, decide: Decide, to_intent: Callable[[Any], Any]) -> Decide:
        """The bot's own decision function, so that what it decides is an intent: ``to_intent`` makes of its
        result None, or the arguments of ``sim.signal`` as a tuple or a dict. The intent is delivered to the
        call that decided, from then on. Raises ``UsageError`` for anything else."""
        return cast(Decide, intending(self, self._run.loop.stash, decide, to_intent))

    def _listing_it(self, symbol: str) -> list[Market]:
        if not self._markets:
            self._client()
        found = [each for each in self._markets.values() if symbol in each.desk.listings]
        if not found:
            raise UsageError(f"No exchange of this simulation lists {symbol}. Name it in markets=.")
        return found

    # ---- intents and calls ------------------------------------------------------------------------------

    def signal(
        self,
        pair_x: str,
        pair_y: str | None = None,
        amount_x: Any = 1.0,
        amount_y: Any = None,
        side_x: Side = "buy",
        side_y: Side = "sell",
        signal_id: str | None = None,
        reduces: bool = False,
    ) -> Signal:
        """A new intent. Amounts in the base currency; ``amount_y`` is ``amount_x`` unless said otherwise."""
        self._signals += 1
        name = signal_id or f"s{self._signals}"
        values = signal_values(pair_x, pair_y, amount_x, amount_y, side_x, side_y, name)
        self._run.judge.declare(two_legs=pair_y is not None)
        self._run.undelivered[name] = None
        return Signal(self, values, reduces=reduces)

    def carries(self, signal: Signal) -> None:
        """Whoever runs now has read the signal: it is delivered by this call."""
        if last_read.get() is signal:
            return
        last_read.set(signal)
        intent_of.set(signal.id)
        carrier = call_of.get()
        if carrier is None:
            carrier = Carrier(is_call=False)
            call_of.set(carrier)
        if signal not in carrier.signals:
            carrier.signals.append(signal)
            self._delivered(signal)
            if not carrier.is_call:
                self._run.finished.append((signal.id, False, "the test has ended"))

    def _delivered(self, signal: Signal) -> None:
        if not self._markets:
            self._client()
        intent = self._intents.get(signal.id)
        self._run.undelivered.pop(signal.id, None)
        if intent is None:
            listings = self._listings()
            intent = self._intents[signal.id] = signal.as_intent(listings)
            self._run.intents.append(intent)
            self._run.ledger.deliver(signal.in_ledger(listings))
        if self._run.story is not None:
            self._run.say(self._run.flow(), f"takes {signal!r}")
        self._run.note(None, Signaled(intent))

    def attribute(self, order_to_owner: Callable[[LedgerOrder], str | None]) -> None:
        """Says whose an order is that is sent where no signal was read, as by a worker that was there before:
        ``order_to_owner`` is given it as the ledger would list it, without an id, and returns the id of a
        signal, or a strategy's name, or None. Raises ``UsageError`` for anything else."""
        if not callable(order_to_owner):
            raise UsageError(f"sim.attribute({order_to_owner!r}): give a function of an order.")
        self._run.owner_of = order_to_owner

    def draw(self, strategy: "SearchStrategy[Value]") -> Value:
        """A value of a Hypothesis strategy, chosen by the execution: the same for the same token and version
        of Hypothesis, and made simple where the case is shrunk. Raises ``UsageError`` for what is no
        strategy, or has no value."""
        return draw(self._run, strategy)

    def storage(self, name: str) -> Path:
        """A directory that outlives a crash and is forgotten when the execution ends. A crash takes what was
        not flushed. Where F12 strikes it, it also takes all or half of what files that ``open`` has open
        grew by since their last ``os.fsync``; a file that was closed is whole, and what SQLite or
        ``os.write`` wrote is never lost, because their syncing is not seen. Of several processes each asks
        for a directory of its own, in its factory. Raises ``UsageError`` for anything but a plain name."""
        return self._run.storage.folder(name, process_of.get())

    # ---- rules ------------------------------------------------------------------------------------------

    def always(self, rule: Rule) -> None:
        """Never broken. A rule is one of ``hedgecheck.invariants``, or a function of the ledger: False or an
        AssertionError is broken, None or True is fine. Raises ``NotApplicable`` for a deadline rule."""
        self._run.judge.always(rule)

    def eventually(self, rule: Rule, within_seconds: float) -> None:
        """Broken for no longer than that, in virtual seconds, counted from when it last held and the last
        fault struck. Raises ``UsageError`` for seconds that are not above 0."""
        if not within_seconds > 0:
            raise UsageError(f"within_seconds={within_seconds!r}: it must be more than 0.")
        self._run.judge.eventually(rule, float(within_seconds))

    def sometimes(self, name: str, predicate: Predicate) -> None:
        """Something that at least one execution should get to see; the verdict is unknown where none does.
        ``predicate`` is a function of the ledger."""
        self._run.judge.sometimes(name, predicate)

    def believes(
        self, positions: Said, *, open_orders: Said | None = None, equity: Said | None = None
    ) -> None:
        """Says what the bot believes, so that at rest it is held against what is so: ``positions``, signed
        amounts by symbol in the base currency (I01); ``open_orders``, ids or client order ids (I02);
        ``equity``, what the account is worth in the quote currency, to the cent (I13). Each is a function
        that is called at every check, or a value. Of a bot that comes up again ask the one that is up.
        Raises ``UsageError`` for what is neither."""
        beliefs = Beliefs(self._markets, positions, open_orders)
        if equity is not None:
            beliefs.measures(equity)
        self._run.judge.believes(beliefs)

    @property
    def ledger(self) -> Ledger:
        """What really happened at the venues."""
        return self._run.ledger

    # ---- time -------------------------------------------------------------------------------------------

    def now(self) -> float:
        """Virtual seconds since the execution began."""
        return self._run.now
