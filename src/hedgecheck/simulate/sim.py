"""``sim``: what a test of a bot is given. The public face of the simulator."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import Context, copy_context
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from hedgecheck.errors import HedgecheckError, UsageError
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.markets import Listing, listings_from
from hedgecheck.messages import Intent, Restarted, Returned, Side, Signaled
from hedgecheck.simulate.beliefs import Beliefs, Said
from hedgecheck.simulate.drawing import draw
from hedgecheck.simulate.exchange import SimExchange, intent_of
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.judge import Predicate, Rule
from hedgecheck.simulate.ledger import Ledger, LedgerOrder
from hedgecheck.simulate.loop import Process, process_of
from hedgecheck.simulate.market import MILLION, Market, trade_everywhere
from hedgecheck.simulate.processes import Running
from hedgecheck.simulate.signals import Carrier, Signal, call_of, intending, last_read, signal_values
from hedgecheck.venue import Uniqueness


def _pass_on(end: "asyncio.Future[Any]", task: "asyncio.Future[Any]") -> None:
    """What came of a call, to whoever waits for it."""
    if not end.done():
        error = None if task.cancelled() else task.exception()
        if error is not None:
            end.set_exception(error)
        else:
            end.set_result(None if task.cancelled() else task.result())


def _died(end: "asyncio.Future[Any]") -> None:
    if not end.done():
        end.set_result(None)


if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Value = TypeVar("Value")
Decide = TypeVar("Decide", bound=Callable[..., Any])
DELIVERY_SECONDS = 0.0, 0.5
Markets = Mapping[str, Mapping[str, Any]] | Iterable[str] | None


class Sim:
    """One simulated world, for one execution of a test function."""

    def __init__(self, run: Execution) -> None:
        self._run = run
        self._markets: dict[str, Market] = {}
        self._terms: dict[str, tuple[Any, ...]] = {}
        self._clients = 0
        self._signals = 0
        self._intents: dict[str, Intent] = {}
        self._processes: list[Running] = []

    # ---- venues ---------------------------------------------------------------------------------------

    def exchange(
        self,
        name: str = "sim",
        *,
        account: Literal["margin", "spot"] = "margin",
        balances: dict[str, float] | None = None,
        markets: Markets = None,
        client_id_unique: Uniqueness = "open_orders",
    ) -> SimExchange:
        """A client of a venue, with ccxt's unified async API. Two names are two venues; the same name again
        is a second client of it. Raises ``UsageError`` for terms that make no sense."""
        market = self._markets.get(name)
        if market is None:
            market = self._open(name, account, balances, markets, client_id_unique)
        elif (balances, markets) != (None, None) and self._terms[name] != (account, balances, markets):
            raise UsageError(f"Exchange {name!r} is open already, on other terms. State them the first time.")
        self._clients += 1
        return SimExchange(market, self._clients)

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
            self.exchange()
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
            self.exchange()
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

    async def deliver(self, signal: Signal, fn: Callable[[Signal], Any], *, times: int = 1) -> Any:
        """Delivers an intent to ``fn`` that many times at once; a fault may deliver it once more. The result,
        or of several the list of them."""
        arrived = self._run.loop.create_future()

        def arrive() -> None:
            again = self._run.strike(f"delivery of {signal.id}", self._run.arsenal.of_delivery())
            if again is not None:
                self._run.say("test", f"delivers {signal.id} again", again)
            arrived.set_result(times + (again is not None))

        now, (lo, hi) = self._run.now, DELIVERY_SECONDS
        self._run.agenda.add(f"signal {signal.id}", now + lo, now + hi, arrive)
        count = await arrived
        results = await self._all([lambda: fn(signal)] * count, signal)
        return results[0] if times == 1 else results[:times]

    async def concurrently(self, *factories: Callable[[], Any]) -> list[Any]:
        """Calls each and waits for all. The results in order; an exchange's error is a result too. Raises
        ``UsageError`` for what is no function, such as a coroutine."""
        for each in factories:
            if not callable(each):
                raise UsageError(
                    f"sim.concurrently takes functions, not a {type(each).__name__}. Write "
                    "sim.concurrently(lambda: bot.trade(signal))."
                )
        return await self._all(list(factories), None)

    async def _all(self, factories: list[Callable[[], Any]], signal: Signal | None) -> list[Any]:
        ends = [self._start(each, signal) for each in factories]
        return list(await asyncio.gather(*ends))

    def _start(self, factory: Callable[[], Any], signal: Signal | None) -> Awaitable[Any]:
        """A call in a task of its own; in a process it dies with that, and its caller hears None."""
        loop, process = self._run.loop, self._processes[-1].process if self._processes else None
        if process is None:
            return loop.create_task(self._called(factory, signal))
        context = copy_context()
        context.run(process_of.set, process)
        task = loop.create_task(self._called(factory, signal), context=context)
        end: asyncio.Future[Any] = loop.create_future()
        task.add_done_callback(partial(_pass_on, end), context=Context())
        self._run.when_dies(process, partial(_died, end))
        return end

    async def _called(self, factory: Callable[[], Any], signal: Signal | None) -> Any:
        carrier = Carrier(is_call=True)
        call_of.set(carrier)
        if signal is not None:
            self.carries(signal)
        try:
            result = factory()
            if inspect.isawaitable(result):
                result = await result
        except error_class("BaseError") as error:
            self._run.say(self._run.flow(), f"raises {type(error).__name__}")
            self._run.ends_with(error)
            self._return(carrier, error)
            return error
        except (HedgecheckError, AssertionError):
            raise
        except Exception as error:  # a bot may raise anything: that is a finding
            self._run.crash(error)
            return error
        self._return(carrier, result)
        return result

    def _return(self, carrier: Carrier, result: Any) -> None:
        """What answers True or False has done all it will; anything else may go on in the background."""
        for signal in carrier.signals:
            if isinstance(result, bool | Exception):
                self._run.note(None, Returned(signal.id, result is True, ""))
            else:
                self._run.finished.append((signal.id, False, "it did not say"))

    # ---- processes --------------------------------------------------------------------------------------

    async def process(self, factory: Callable[[], Any], *, start: str = "start", stop: str = "stop") -> Any:
        """Makes a bot that may crash at any await and come up again, and starts it. ``start`` and ``stop``:
        the methods that bring it up and down, where it has them. Returns the bot."""
        running = Running(self._run, factory, start, stop)
        self._processes.append(running)
        return await running.come_up()

    async def crash(self, process: Any = None) -> None:
        """The process dies at once: nothing of it runs again, no ``finally`` either. None: all of them."""
        for running in self._processes:
            if process is None or running.bot is process:
                self._run.kill(running.process)

    async def crash_and_restart(self, factory: Callable[[], Any]) -> Any:
        """Everything but the test dies at once, and ``factory`` makes the bot anew, over what venues have.
        Raises ``UsageError`` where not the test function calls it."""
        task, process = asyncio.current_task(), process_of.get()
        if process is None or task is None or task.get_name() != "test":
            raise UsageError(
                "sim.crash_and_restart(...) is for the test function itself: whoever else calls it would die "
                "of it. Await it in the test, or start the bot with sim.process(...)."
            )
        process_of.set(Process("bot", came_back=True))
        self._run.kill(process)
        self._run.say("test", "the bot crashes, and comes up again")
        self._run.note(None, Restarted())
        made = factory()
        return await made if inspect.isawaitable(made) else made

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

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Lets that many virtual seconds pass; await it."""
        return asyncio.sleep(seconds)
