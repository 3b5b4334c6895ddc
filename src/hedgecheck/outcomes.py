"""What is said of a request of whose fate nothing is known."""

from typing import Any, Literal

from hedgecheck.messages import CancelOrder, CreateOrder, FetchOrder, OutcomeUnknown, ReplaceOrder, Request

WORDS: dict[type[Any], Literal["create", "cancel", "fetch", "replace"]] = {
    CreateOrder: "create",
    CancelOrder: "cancel",
    FetchOrder: "fetch",
    ReplaceOrder: "replace",
}


def outcome_unknown(request: Request) -> OutcomeUnknown:
    """It may have happened, and may not."""
    return OutcomeUnknown(request.client_order_id, WORDS[type(request)])
