"""What one order must be by what was told, asked and done: recounted from a log, and not by a table."""

from core import messages

LIVE = ("pending_new", "new", "partially_filled")
ENDINGS = [messages.OrderCanceled, messages.OrderExpired, messages.OrderRejected]
ENDS = dict(zip(ENDINGS, ("canceled", "expired", "rejected"), strict=True))
CONTRADICTIONS = {  # what can no longer be true of an order in these phases, whatever the table says
    "accepted": ("rejected",),
    "rejected": ("partially_filled", "filled", "canceled", "expired"),
    **{"canceled": ("expired", "rejected"), "expired": ("canceled", "rejected")},
}


def is_valid(fill):
    return fill.quantity > 0 and fill.price > 0 and 0 <= fill.fee_lots <= fill.quantity


class Recount:
    """What an order must be by what was told, asked and done, one entry after the other."""

    def __init__(self, quantity):
        self.quantity, self.by_trade_id = quantity, {}
        self.owed = self.questions = self.answers = self.row = 0
        self.pending, self.doubted, self.confirmed, self.anomaly = "none", False, False, None
        self.replacing, self.resized = None, False

    @property
    def filled(self):
        return sum(self.by_trade_id.values())

    @property
    def most(self):
        return max(self.quantity, self.replacing or 0)

    def asks_to_replace(self, quantity):
        self.pending, self.replacing = "replace", quantity
        self.resized = self.resized or quantity != self.quantity

    def becomes(self, quantity):
        self.resized = self.resized or quantity != self.quantity
        self.quantity, self.replacing = max(quantity, self.filled), None
        self.answered("replace")

    def answered(self, request):
        self.pending = "none" if self.pending == request else self.pending

    def hear(self, event, phase):
        self.anomaly = None
        self.confirmed = self.confirmed and phase not in LIVE  # what was confirmed was another end
        match event:
            case messages.OrderFilled():
                self.anomaly = self._trade(event.fill)
            case messages.FillCorrected():
                self.anomaly = self._correction(event.fill, phase)
            case messages.OrderStatusReported():
                self._answer(event, phase)
            case messages.CancelRejected():
                self.answered("cancel")
            case messages.ReplaceRejected():
                self.replacing = None
                self.answered("replace")
            case messages.OrderCanceled() | messages.OrderExpired():
                self._end(event, phase)
            case messages.OrderAccepted() | messages.OrderRejected():
                self._word(ENDS.get(type(event), "accepted"), phase)
            case messages.OrderReplaced():
                self._replacement(event.quantity, phase)
            case _:
                self._lost(event.request, phase)

    def _trade(self, fill):
        if not is_valid(fill):
            return "INVALID_VALUE"
        if fill.trade_id in self.by_trade_id:
            return "DUPLICATE_FILL"
        self.by_trade_id[fill.trade_id] = fill.quantity
        self.owed = max(0, self.owed - fill.quantity)
        self._spoken_of()
        return "OVERFILL" if self.filled > self.most else None

    def _correction(self, fill, phase):
        if fill.quantity and not is_valid(fill):
            return "INVALID_VALUE"
        if fill.trade_id not in self.by_trade_id:
            return "UNKNOWN_FILL"
        self.by_trade_id[fill.trade_id] = fill.quantity
        if phase == "rejected" and not self.filled:
            return "UNEXPECTED_REPORT"
        return "OVERFILL" if self.filled > self.most else None

    def _word(self, word, phase):
        """The venue says where the order is; what contradicts its past is no news of it."""
        if phase not in CONTRADICTIONS[word]:
            self._spoken_of()
            return True
        self.anomaly = self.anomaly or "UNEXPECTED_REPORT"
        return False

    def _end(self, event, phase):
        if not 0 <= event.cumulative <= self.most:
            self.anomaly = "INVALID_VALUE"
        elif self._word(ENDS[type(event)], phase):
            self.pending = "none"
            self.owed = max(self.owed, event.cumulative - self.filled)

    def _replacement(self, quantity, phase):
        if quantity <= 0:
            self.anomaly = "INVALID_VALUE"
        elif phase == "rejected":
            self.anomaly = "UNEXPECTED_REPORT"
        else:
            self._spoken_of()
            self.becomes(quantity)

    def _answer(self, event, phase):
        asked = self.answers < self.questions
        self.answers += asked
        if event.answer == "found":
            self._found(event, phase)
        elif not asked:
            self.anomaly = "UNEXPECTED_REPORT"
        else:
            self.row = min(self.row + 1, 3) if event.answer == "not_found" else 0
            if self.row == 3:
                self.pending, self.doubted, self.confirmed = "none", False, True

    def _found(self, event, phase):
        for fill in event.fills:
            told = self._trade(fill)
            self.anomaly = told if told in ("INVALID_VALUE", "OVERFILL") else self.anomaly
            phase = self.after_money(phase)
        phase = self._sized(event, phase)
        word = {"open": "accepted", "closed": "expired"}.get(event.status, event.status)
        if {word, phase} <= {"canceled", "expired"}:
            word = phase  # venues have two words for one end
        if event.status == "closed" and self.filled >= self.quantity:
            self._spoken_of()
        elif not self._word(word, phase):
            return
        if event.status != "open":
            self.pending, self.confirmed = "none", True

    def _sized(self, event, phase):
        """What stands open stands for more than is filled; a size that nothing hangs on is no news."""
        told, hangs = event.quantity, self.replacing is not None or self.resized
        is_stale = event.status == "open" and told and told <= self.filled
        if event.status not in ("open", "closed") or not hangs or self.confirmed or is_stale:
            return phase
        if told and not told == self.quantity == self.replacing:
            self.becomes(told)
            return self.after_size(phase)
        if self.replacing is not None:
            self.answered("replace")
        return phase

    def after_size(self, phase):
        """What it stands for now decides whether it is filled; a refusal stays one without money."""
        is_bare = not self.filled and phase in ("pending_new", "new", "filled", "absent")
        return (
            "new"
            if is_bare
            else phase
            if phase == "rejected" and not self.filled
            else self.after_money(phase)
        )

    def after_money(self, phase):
        """Money decides where an order is, but a remainder that is gone is gone."""
        if self.filled >= self.quantity:
            return "filled"
        return phase if phase in ("canceled", "expired") or not self.filled else "partially_filled"

    def _lost(self, request, phase):
        if request == "submit":
            self.doubted = self.doubted or phase == "pending_new"
        elif request == "query":
            self.answers, self.row = min(self.answers + 1, self.questions), 0
        elif request == self.pending:
            self.pending = "none"

    def _spoken_of(self):
        self.row, self.doubted = 0, False
