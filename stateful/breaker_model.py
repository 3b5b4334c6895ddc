"""What has to become of breakers, worked out by other means than the core's: recounts, and fractions.

The model keeps lists of what was told: fills, cash moved, prices, answers. From these it works out anew
after each event where every breaker stands, and what people have to be told. It knows nothing of the engine's
books.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from core import messages
from core.messages import BreakerTimerId, CodeTimerId, RaiseAlert, StartTimer, StopTimer
from core.settings import BreakerRule, Settings

ONE = 10_000
COUNTING = ("consecutive_losses", "error_rate", "position_size")
BLIND = ("consecutive_losses", "error_rate", "custom", "manual")  # kinds that look at no prices
ERRORS = {messages.OrderRejected: True, messages.RequestOutcomeUnknown: True, messages.OrderAccepted: False}
ANSWERS = {"found": False, "not_found": False, "failed": True, "empty": True}


@dataclass
class Latch:
    """One breaker, as far as it matters what comes next."""

    rule: BreakerRule
    phase: str = "armed"
    link: int = 0
    is_good: bool = False
    trips: int = 0
    row: int = 0
    step: int = 0
    has_liquidated: bool = False


@dataclass
class Told:
    """Everything that was told, in order. ``fills``: signal, symbol, signed lots, price, fee."""

    cash: int
    fills: list[tuple[object, str, int, int, int]] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    prices: dict[str, int | None] = field(default_factory=dict)
    history: dict[str, list[int]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], int] = field(default_factory=dict)
    answers: list[bool] = field(default_factory=list)
    metrics: dict[str, int | None] = field(default_factory=dict)
    refused: int = 0
    ended: set[object] = field(default_factory=set)

    def held(self, symbol: str, signal: object = None) -> int:
        """Lots of a symbol, of one trade or of all."""
        return sum(lots for owner, name, lots, *_ in self.fills if name == symbol and signal in (None, owner))

    def symbols(self) -> set[str]:
        """Symbols that are held."""
        return {name for _, name, *_ in self.fills if self.held(name)}

    def brought(self, signal: object = None) -> int:
        """Cash that the fills of one trade, or of all, brought in."""
        return -sum(
            lots * price + fee for owner, _, lots, price, fee in self.fills if signal in (None, owner)
        )

    def equity(self) -> int | None:
        """Cash and what is held at its price; None while a held symbol has none."""
        if any(self.prices[symbol] is None for symbol in self.symbols()):
            return None
        worth = sum(self.held(symbol) * (self.prices[symbol] or 0) for symbol in self.symbols())
        return self.cash + sum(self.moved) + self.brought() + worth

    def worth(self, symbol: str) -> int:
        """The notional held of a symbol."""
        return abs(self.held(symbol)) * (self.prices.get(symbol) or 0)


class Model:
    """The breakers of a set of rules, over what was told."""

    def __init__(self, settings: Settings, cash: int) -> None:
        self.settings = settings
        self.told = Told(cash)
        self.latches = {rule.name: Latch(rule) for rule in settings.breakers}
        self.day, self.opening, self.moved_before, self.mark = 0, cash, 0, cash
        self.forgotten: dict[object, int] = {}
        self.rounds: dict[object, tuple[bool, int]] = {}
        self.said: list[object] = []
        self.liquidated = False
        self.seen: list[str] = []

    # ---- facts -------------------------------------------------------------------------------------

    def hear(self, event, commands, fills):
        """Takes down an event, and what the engine made of signals and trades."""
        told = self.told
        told.fills += fills
        told.ended |= {each.signal for each in commands if isinstance(each, messages.EndTrade)}
        match event:
            case messages.PriceMoved(symbol=symbol, price=price):
                told.prices[symbol] = price
                told.history.setdefault(symbol, []).append(price)
            case messages.PriceUnusable(symbol=symbol):
                told.prices[symbol] = None
            case messages.MetricReported(name=name, value=value) if name in self.latches:
                told.metrics[name] = value
            case messages.CorrelationReported(symbol_a=one, symbol_b=other, correlation=value):
                told.pairs[min(one, other), max(one, other)] = ONE if value is None else value
            case messages.CashMoved(amount=amount):
                told.moved.append(amount)
                self.mark += amount
            case messages.SignalReceived():
                refusals = [each.reason for each in commands if isinstance(each, messages.RefuseSignal)]
                if not refusals:
                    told.refused = 0
                told.refused += sum(reason in ("ORDER_SIZE", "POSITION_CAP") for reason in refusals)
            case messages.OrderStatusReported(answer=answer) if answer in ANSWERS:
                told.answers.append(ANSWERS[answer])
            case _ if type(event) in ERRORS:
                told.answers.append(ERRORS[type(event)])
        self._count_rounds()
        worth = told.equity()
        if worth is not None:
            self.mark = max(self.mark, worth)

    def _count_rounds(self):
        """A round that changed its result comes last: it closed anew."""
        told = self.told
        for signal in {owner for owner, *_ in told.fills}:
            flat = not any(told.held(symbol, signal) for symbol in told.prices)
            now = (signal in told.ended and flat, told.brought(signal) - self.forgotten.get(signal, 0))
            if self.rounds.get(signal, (False, 0)) != now:
                self.rounds.pop(signal, None)
                self.rounds[signal] = now

    # ---- where a breaker stands --------------------------------------------------------------------

    def reached(self, rule: BreakerRule) -> Fraction | None:
        """How much of its threshold a breaker has reached; None: it cannot be told, which is all of it."""
        told, worth = self.told, self.told.equity()
        if worth is None and rule.kind not in BLIND:
            return None
        share = Fraction(ONE, rule.threshold or ONE)
        match rule.kind:
            case "daily_loss":
                lost = self.opening + sum(told.moved) - self.moved_before - worth
                return share * Fraction(lost, self.opening)
            case "drawdown":
                return share * Fraction(self.mark - worth, self.mark)
            case "consecutive_losses":
                return Fraction(self.losses(), rule.threshold)
            case "volatility":
                return max([share * self.swing(symbol, rule.window) for symbol in told.history])
            case "liquidation_buffer":
                left = Fraction(worth - self.margins(), worth) if worth > 0 else Fraction(-1)
                return 1 / (share * left) if left > 0 else Fraction(2)
            case "correlation":
                return max([share * Fraction(each, worth) for each in self.clusters()], default=Fraction(0))
            case "position_size":
                held = [share * Fraction(told.worth(symbol), worth) for symbol in told.symbols()]
                counted = Fraction(told.refused, rule.window) if rule.window else Fraction(0)
                return max([*held, counted])
            case "error_rate":
                latest = told.answers[-rule.window :]
                full = len(latest) == rule.window
                return share * Fraction(sum(latest), rule.window) if full else Fraction(0)
            case "custom":
                value = told.metrics.get(rule.name, 0)
                return None if value is None else Fraction(value, rule.threshold)
        return Fraction(0)

    def losses(self) -> int:
        """Closed rounds that lost, counted back to the last one that gained."""
        count = 0
        for is_closed, profit in reversed(self.rounds.values()):
            if is_closed and profit > 0:
                break
            count += is_closed and profit < 0
        return count

    def margins(self) -> int:
        """What must stay behind the positions, each share rounded up."""
        known = self.settings.instruments
        return sum(-(-self.told.worth(each.symbol) * each.maintenance_bps // ONE) for each in known)

    def swing(self, symbol: str, window: int) -> Fraction:
        """The largest move between the last price and any of so many before it."""
        *earlier, present = self.told.history[symbol][-1 - window :]
        return max([abs(Fraction(present, each) - 1) for each in earlier], default=Fraction(0))

    def clusters(self) -> list[int]:
        """What is held in symbols that are linked, by joining pairs until nothing changes."""
        groups = [{each.symbol} for each in self.settings.instruments]
        for one in self.told.prices:
            for other in self.told.prices:
                if one < other and abs(self.told.pairs.get((one, other), ONE)) >= 7_000:
                    joined = [group for group in groups if one in group or other in group]
                    groups = [group for group in groups if group not in joined] + [set().union(*joined)]
        return [worth for group in groups if (worth := sum(map(self.told.worth, group)))]

    # ---- what becomes of it ------------------------------------------------------------------------

    def follow(self, event):
        """What people and timers do, and then what every breaker does by itself."""
        self.said, self.liquidated = [], False
        match event:
            case messages.BreakerTripRequested() if self.latches["manual"].phase != "tripped":
                self.trip(self.latches["manual"])
            case messages.BreakerResetRequested(breaker=name, code=code) if name in self.latches:
                self.reset(self.latches[name], code)
            case messages.TimerFired(timer=CodeTimerId(breaker=name, link=link)):
                if link == self.latches[name].link:
                    self.latches[name].is_good = False
            case messages.TimerFired(timer=BreakerTimerId(breaker=name, trip=trip) as timer):
                if trip == self.latches[name].trips:
                    self.time_is_up(self.latches[name], timer)
            case messages.SessionChanged(day=day) if day > self.day:
                self.day, worth = day, self.told.equity()
                if worth is not None:
                    self.opening, self.moved_before = worth, sum(self.told.moved)
            case messages.HighWaterMarkRebased() if (worth := self.told.equity()) is not None:
                self.mark = worth
            case messages.SettingsChanged(settings=changed):
                self.settings = changed
                for rule in changed.breakers:
                    self.latches[rule.name].rule = rule
        for name in sorted(self.latches):
            self.judge(self.latches[name])

    def judge(self, latch):
        reached = self.reached(latch.rule)
        is_breach = reached is None or reached >= 1
        if latch.phase == "tripped" or is_breach:
            if latch.phase != "tripped":
                self.trip(latch)
            is_known = latch.rule.kind == "liquidation_buffer" and is_breach and reached is not None
            if is_known and not latch.has_liquidated:
                latch.has_liquidated = self.liquidated = True
        elif latch.phase == "armed" and reached >= Fraction(4, 5):
            latch.phase = "warning"
            self.say("BREAKER_WARNING", latch, 8_000)
        elif latch.phase == "warning" and reached < Fraction(4, 5):
            latch.phase = "armed"
            self.seen.append("warning gone")

    def trip(self, latch):
        """Asks for the next code, and cools down where that is how it is set."""
        self.seen.append(f"{latch.rule.kind} tripped")
        latch.row = latch.row + 1 if latch.phase == "probation" else 1
        if latch.phase == "probation":
            self.said.append(StopTimer(self.timer(latch, "probation")))
            self.seen.append("tripped on probation")
        latch.phase, latch.trips, latch.step = "tripped", latch.trips + 1, 0
        self.ask(latch)
        if latch.rule.resets_itself:
            self.cool(latch)

    def ask(self, latch):
        latch.link, latch.is_good = latch.link + 1, True
        self.say("BREAKER_TRIPPED", latch, latch.link)
        lifetime = self.settings.protocol.code_lifetime
        self.said.append(StartTimer(CodeTimerId(latch.rule.name, latch.link), lifetime))

    def cool(self, latch):
        duration = latch.rule.cooldown * 2 ** (latch.row - 1)
        self.said.append(StartTimer(self.timer(latch, "cooldown"), duration))

    def reset(self, latch, code):
        """A person's reset. ``code`` is (name, link) where it is one of a chain."""
        if latch.phase != "tripped":
            return
        if not latch.is_good:
            self.ask(latch)
        elif code == (latch.rule.name, latch.link):
            self.seen.append("reset")
            self.said.append(StopTimer(CodeTimerId(latch.rule.name, latch.link)))
            if latch.rule.resets_itself:
                self.said.append(StopTimer(self.timer(latch, "cooldown")))
            self.forget(latch)
            if latch.rule.kind == "volatility":
                self.told.history = {symbol: known[-1:] for symbol, known in self.told.history.items()}
            self.come_back(latch)

    def forget(self, latch):
        """What is past counts no more."""
        if latch.rule.kind == "consecutive_losses":
            self.forgotten |= {
                each: self.told.brought(each) for each, (over, _) in self.rounds.items() if over
            }
            self.rounds = {each: was for each, was in self.rounds.items() if not was[0]}
        elif latch.rule.kind == "error_rate":
            self.told.answers = []
        elif latch.rule.kind == "position_size":
            self.told.refused = 0

    def time_is_up(self, latch, timer):
        if timer.purpose == "probation" and latch.phase == "probation":
            latch.step += 1
            if latch.step > 3:
                latch.phase, latch.step = "armed", 0
                self.say("BREAKER_ARMED", latch, ONE)
            else:
                self.try_out(latch)
        elif timer.purpose == "cooldown" and latch.phase == "tripped" and latch.rule.resets_itself:
            self.cooled_down(latch)

    def cooled_down(self, latch):
        """Counts of the past are over; what is measured now must be below the threshold."""
        reached = Fraction(0) if latch.rule.kind in COUNTING else self.reached(latch.rule)
        if latch.rule.kind == "position_size":
            self.told.refused, refused = 0, self.told.refused
            reached = self.reached(latch.rule)
            self.told.refused = refused
        if reached is None or reached >= 1:
            self.seen.append("cooled down in vain")
            self.cool(latch)
            return
        self.seen.append("reset itself")
        if latch.is_good:
            self.said.append(StopTimer(CodeTimerId(latch.rule.name, latch.link)))
        self.forget(latch)
        if not latch.rule.probation:
            self.say("BREAKER_ARMED", latch, ONE)
        self.come_back(latch)

    def come_back(self, latch):
        latch.phase, latch.has_liquidated = "armed", False
        if latch.rule.probation:
            latch.phase, latch.step = "probation", 1
            self.try_out(latch)

    def try_out(self, latch):
        self.say("BREAKER_PROBATION", latch, latch.step * ONE // 4)
        self.said.append(StartTimer(self.timer(latch, "probation"), latch.rule.probation))

    def say(self, kind, latch, number):
        self.seen.append(kind)
        self.said.append(RaiseAlert(kind, (latch.rule.name, number)))

    def timer(self, latch, purpose):
        return BreakerTimerId(latch.rule.name, purpose, latch.trips)

    @property
    def share(self) -> int:
        """The share of the limits that holds."""
        return min(
            [each.step * ONE // 4 for each in self.latches.values() if each.phase == "probation"] or [ONE]
        )

    @property
    def tripped(self) -> set[str]:
        """The breakers that are tripped."""
        return {name for name, latch in self.latches.items() if latch.phase == "tripped"}
