"""What each kind of fault does to a world, and where it can strike."""

from collections.abc import Callable
from typing import Any

from hedgecheck import faults, tape, venue
from hedgecheck.faults import Fault
from hedgecheck.messages import (
    REPLIES,
    Accepted,
    Arrived,
    BadPrice,
    BookShown,
    Canceled,
    CreateOrder,
    Expired,
    FetchOrder,
    Filled,
    Lost,
    OutcomeUnknown,
    Price,
    Rejected,
    Told,
)
from hedgecheck.outcomes import outcome_unknown
from hedgecheck.values import replace
from hedgecheck.venue import FillOrder, RefuseOrder
from hedgecheck.world import crossings, outside
from hedgecheck.world.model import Setting, Step, World, label, struck
from hedgecheck.world.ordinary import decide, deliver_intent

REPEATS_MAX = 4
REQUEST_OF = {  # by the kind of its answer; the others answer a cancel
    "Accepted": "create",
    "Rejected": "create",
    "Status": "fetch",
    "Replaced": "replace",
    "ReplaceRefused": "replace",
}
STREAMED = (Accepted, Rejected, Filled, Canceled, Expired)  # what a venue may say twice
DROPPED = (*STREAMED, Price, BookShown)
FALLS_BEHIND = {"Accepted": faults.late_ack, "Price": faults.asymmetric_latency}


def _index(world: World, about: str, kind: str) -> int:
    """Where the oldest message of that name is in flight; -1 where there is none."""
    for index, report in enumerate(world.inbound):
        if label(report) == (about, kind):
            return index
    return -1


def _repeat(setting: Setting, world: World, action: tape.Repeat) -> Step:
    if not 0 <= action.intent < len(world.signaled):
        return world, ()
    if not 0 < world.signaled[action.intent] <= REPEATS_MAX:
        return world, ()
    if world.faults_left <= 0:
        return world, ()
    intent = setting.scope.intents[action.intent]
    world, spent = struck(world, faults.simultaneous_signals, f"intent {intent.id} again")
    return deliver_intent(setting, world, action.intent, spent)


def _overtake(setting: Setting, world: World, action: tape.Overtake) -> Step:
    index = _index(world, action.about, action.kind)
    if index <= 0 or world.faults_left <= 0:
        return world, ()
    report = world.inbound[index]
    world, spent = struck(world, faults.reordered, f"{action.kind} of {action.about}")
    return setting.hear(world, faults.without(world.inbound, index), report, spent, Told(report))


def _duplicate(setting: Setting, world: World, action: tape.Duplicate) -> Step:
    index = _index(world, action.about, action.kind)
    if index < 0 or world.faults_left <= 0 or not isinstance(world.inbound[index], STREAMED):
        return world, ()
    report = world.inbound[index]
    world, spent = struck(world, faults.duplicated, f"{action.kind} of {action.about}")
    return setting.hear(world, faults.with_copy(world.inbound, index), report, spent, Told(report))


def _lose_request(setting: Setting, world: World, _action: tape.LoseRequest) -> Step:
    if not world.outbound or world.faults_left <= 0:
        return world, ()
    request = world.outbound[0]
    unknown = outcome_unknown(request)
    world, spent = struck(world, faults.response_lost, f"{unknown.request} {request.client_order_id}")
    world = replace(world, outbound=world.outbound[1:])
    return setting.tell(world, unknown, spent, Lost(request), unknown)


def _lose_reply(setting: Setting, world: World, action: tape.LoseReply) -> Step:
    index = _index(world, action.about, action.kind)
    if index < 0 or world.faults_left <= 0 or not isinstance(world.inbound[index], REPLIES):
        return world, ()
    request = REQUEST_OF.get(action.kind, "cancel")
    unknown = OutcomeUnknown(action.about, request)  # type: ignore[arg-type]
    world, spent = struck(world, faults.response_lost, f"{action.kind} of {action.about}")
    return setting.hear(world, faults.without(world.inbound, index), unknown, spent, unknown)


def _fill_fee_in_base(setting: Setting, world: World, action: tape.FillFeeInBase) -> Step:
    order = venue.find(world.venue, action.order)
    if order is None or world.faults_left <= 0 or action.amount <= 0:
        return world, ()
    if action.amount != venue.fillable(world.venue, order):
        return world, ()
    world, spent = struck(world, faults.base_fee, f"{action.order}: {action.amount} lots")
    return decide(world, FillOrder(action.order, action.amount, fee_in_base=True), (spent,))


def _misanswer(setting: Setting, world: World, action: tape.Misanswer) -> Step:
    if not world.outbound or world.faults_left <= 0:
        return world, ()
    request = world.outbound[0]
    answer = _false_answers(setting, world).get(action.answer)
    if answer is None:
        return world, ()
    order = request.client_order_id
    world, spent = struck(world, faults.query_unreliable, f"query of {order}: {action.answer}")
    if action.answer == "not_found":
        denied = dict(world.denied)
        denied[order] = denied.get(order, 0) + 1
        world = replace(world, denied=tuple(sorted(denied.items())))
    world = replace(world, outbound=world.outbound[1:], inbound=(*world.inbound, answer))
    return world, (spent, Arrived(request))


def _false_answers(setting: Setting, world: World) -> dict[str, Any]:
    request = world.outbound[0] if world.outbound else None
    if not isinstance(request, FetchOrder):
        return {}
    order = request.client_order_id
    may_hide = dict(world.denied).get(order, 0) < setting.scope.denials
    return dict(faults.false_answers(venue.status_of(world.venue, order), may_hide))


def _delay(setting: Setting, world: World, action: tape.Delay) -> Step:
    index = _index(world, action.about, action.kind)
    fault = FALLS_BEHIND.get(action.kind)
    if index < 0 or fault is None or world.faults_left <= 0:
        return world, ()
    name = action.about, action.kind
    same = [each for each in world.inbound if label(each) == name]  # of prices the newest is shown, late
    kept = tuple(each for each in world.inbound if label(each) != name)
    late = (*(each for each in world.late if label(each) != name), same[-1])
    world, spent = struck(world, fault, f"{action.kind} of {action.about}")
    return replace(world, inbound=kept, late=late), (spent,)


def _drop(setting: Setting, world: World, action: tape.Drop) -> Step:
    index = _index(world, action.about, action.kind)
    if index < 0 or world.faults_left <= 0 or not isinstance(world.inbound[index], DROPPED):
        return world, ()
    world, spent = struck(world, faults.event_dropped, f"{action.kind} of {action.about}")
    return replace(world, inbound=faults.without(world.inbound, index)), (spent,)


def _refuse(setting: Setting, world: World, action: tape.Refuse) -> Step:
    request = world.outbound[0] if world.outbound else None
    if (
        not isinstance(request, CreateOrder)
        or world.faults_left <= 0
        or action.reason not in _reasons(setting, request)
    ):
        return world, ()
    decision = RefuseOrder(request.client_order_id, action.reason)
    world, spent = struck(world, faults.venue_reject, f"{request.client_order_id}: {action.reason}")
    return decide(replace(world, outbound=world.outbound[1:]), decision, (spent, Arrived(request)))


def _corrupt(setting: Setting, world: World, action: tape.Corrupt) -> Step:
    prices = dict(world.venue.prices)
    if action.symbol not in prices or action.raw not in setting.scope.bad_prices or world.faults_left <= 0:
        return world, ()
    world, spent = struck(world, faults.bad_data, f"{action.symbol} price {action.raw}")
    messages = (BadPrice(action.symbol, action.raw), Price(action.symbol, prices[action.symbol]))
    late = tuple(each for each in world.late if label(each) != label(messages[1]))
    return replace(world, inbound=(*world.inbound, *messages), late=late), (spent,)


# ---- where it can strike -----------------------------------------------------------------------------


def _losses(_setting: Setting, world: World) -> list[tape.Action]:
    lost: list[tape.Action] = [tape.LoseRequest()] if world.outbound else []
    replies = {label(report): None for report in world.inbound if isinstance(report, REPLIES)}
    return lost + [tape.LoseReply(*name) for name in replies]


def _overtakings(_setting: Setting, world: World) -> list[tape.Action]:
    names = {label(report): None for report in world.inbound[1:]}
    return [tape.Overtake(*name) for name in names if _index(world, *name) > 0]


def _duplications(_setting: Setting, world: World) -> list[tape.Action]:
    names = {label(report): None for report in world.inbound if isinstance(report, STREAMED)}
    return [tape.Duplicate(*name) for name in names]


def _misanswers(setting: Setting, world: World) -> list[tape.Action]:
    return [tape.Misanswer(name) for name in _false_answers(setting, world)]


def _partial_fills(_setting: Setting, world: World) -> list[tape.Action]:
    actions: list[tape.Action] = []
    for order in world.venue.orders:
        amount = venue.fillable(world.venue, order)
        if amount:
            market = venue.market_of(world.venue, order.request.symbol)
            assert market is not None, "Invariant: an accepted order's symbol is listed"
            parts = faults.partial_amounts(amount, market.lot)
            actions += [tape.Fill(order.request.client_order_id, part) for part in parts]
    return actions


def _repetitions(_setting: Setting, world: World) -> list[tape.Action]:
    return [tape.Repeat(index) for index, count in enumerate(world.signaled) if 0 < count <= REPEATS_MAX]


def _shocks(setting: Setting, world: World) -> list[tape.Action]:
    return [tape.Move(symbol, ppm) for symbol, _ in world.venue.prices for ppm in setting.scope.moves]


def _base_fees(setting: Setting, world: World) -> list[tape.Action]:
    if not setting.scope.house.fee_bps:
        return []
    return [
        tape.FillFeeInBase(order.request.client_order_id, amount)
        for order in world.venue.orders
        if order.request.side == "buy" and (amount := venue.fillable(world.venue, order))
    ]


def _late_acks(_setting: Setting, world: World) -> list[tape.Action]:
    return [tape.Delay(*label(each)) for each in world.inbound if isinstance(each, Accepted)]


def _late_prices(_setting: Setting, world: World) -> list[tape.Action]:
    names = {label(each): None for each in world.inbound if isinstance(each, Price)}
    return [tape.Delay(*name) for name in names]


def _drops(_setting: Setting, world: World) -> list[tape.Action]:
    names = {label(each): None for each in world.inbound if isinstance(each, DROPPED)}
    return [tape.Drop(*name) for name in names]


def _rejections(setting: Setting, world: World) -> list[tape.Action]:
    if not world.outbound or not isinstance(world.outbound[0], CreateOrder):
        return []
    return [tape.Refuse(reason) for reason in _reasons(setting, world.outbound[0])]


def _reasons(setting: Setting, request: CreateOrder) -> list[str]:
    """Reduce-only is a reason only where it was asked for."""
    return [each for each in setting.scope.rejections if request.reduce_only or each != "REDUCE_ONLY"]


def _bad_prices(setting: Setting, world: World) -> list[tape.Action]:
    return [tape.Corrupt(symbol, raw) for symbol, _ in world.venue.prices for raw in setting.scope.bad_prices]


OPTIONS: dict[Fault, Callable[[Setting, World], list[tape.Action]]] = {
    **crossings.OPTIONS,
    **outside.OPTIONS,
    faults.response_lost: _losses,
    faults.reordered: _overtakings,
    faults.duplicated: _duplications,
    faults.query_unreliable: _misanswers,
    faults.partial_fill: _partial_fills,
    faults.simultaneous_signals: _repetitions,
    faults.price_shock: _shocks,
    faults.base_fee: _base_fees,
    faults.late_ack: _late_acks,
    faults.asymmetric_latency: _late_prices,
    faults.event_dropped: _drops,
    faults.venue_reject: _rejections,
    faults.bad_data: _bad_prices,
}

HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {
    **crossings.HANDLERS,
    **outside.HANDLERS,
    tape.Repeat: _repeat,
    tape.Overtake: _overtake,
    tape.Duplicate: _duplicate,
    tape.LoseRequest: _lose_request,
    tape.LoseReply: _lose_reply,
    tape.FillFeeInBase: _fill_fee_in_base,
    tape.Misanswer: _misanswer,
    tape.Delay: _delay,
    tape.Drop: _drop,
    tape.Refuse: _refuse,
    tape.Corrupt: _corrupt,
}
