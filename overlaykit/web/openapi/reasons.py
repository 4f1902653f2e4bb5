"""Why a command is refused, for those who write programs against the API: each reason and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "sold_out": "not enough is left of an item, or of a drop it is bought from",
        "no_stock_in_region": "not enough is left at the locations that serve the line's region",
        "allotment_exhausted": "the channel has sold its allotment of the item",
        "not_on_sale": "the item is not open",
        "drop_closed": "the drop is not open, is another item's, or the item sells in presale",
        "buyer_limit": "more than this buyer may have of the item, of the drop, or in this span of time",
        "too_many_attempts": "this buyer tried too often; takes no entry, and the id stays unused (alone: 429)",
        "session_closed": "the session is neither live nor frozen",
        "duplicate_order": "there is an order of this id",
        "duplicate_sku": "there is an item of this sku",
        "link_taken": "an item that is no variant of the same product has this link number",
        "levels_crossed": "critical would not be less than low, one of them being the item's or the plan's",
        "unknown_order": "there is no such order, or none that this command could concern",
        "unknown_sku": "there is no such item",
        "unknown_item": "no item has this link or product",
        "unknown_location": "the plan has no such location",
        "unknown_channel": "the plan has no such channel",
        "unknown_drop": "the plan has no such drop",
        "unknown_reading": "no reading of this entry waits for a confirmation, or a newer one took its place",
        "unknown_entry": "no quarantined fact has this entry",
        "nothing_aside": "no orders of the channel wait for want of this platform's sku",
        "unknown_task": "no task of this id is open",
        "unknown_alert": "there is no such alert, or it is over",
        "unknown_countdown": "there is no countdown of this name to extend",
        "belongs_to_drop": "the countdown says when a drop opens or closes, and goes with it (drop.release, drop.close)",
        "wrong_state": "the order or drop is not in a state in which this can be done",
        "expired": "the hold ended, and what it held cannot be taken again",
        "nothing_left": "nothing is left of the order that this could concern",
        "exceeds_order": "more of a sku than is left of it in the order",
        "is_bundle": "a bundle has no stock, allotment or mode of its own",
        "too_many_units": "an item would have more than 10¹² units in all, those owed and those sold among them",
        "insufficient": "fewer units stand there than this takes away",
        "stale": "the reading is older than the last one, or more than two hours old",
        "changed": "another number stands there than `expected`",
        "in_future": "the reading is of a time to come",
        "no_such_position": "the running order has no such position",
        "store_behind": "the store has lost entries that were acknowledged; nothing was decided (alone: 503)",
        "not_allowed": "the token's scope may not send this command (alone: 403)",
        "no_plan_file": "plan.reload: the session's folder is not on the machine that was asked",
        "plan_error": "plan.reload: the file has problems; `errors` says which",
        "another_session": "plan.reload: the file is another session's",
    }
)

QUARANTINED: Mapping[str, str] = MappingProxyType(
    {
        "cancelled": "the order was cancelled or given back before",
        "other_channel": "the order is another channel's",
    }
)


def described(title: str, reasons: Mapping[str, str]) -> str:
    """A Markdown list of them."""
    return "\n".join([title, "", *(f"- `{name}`: {meaning}" for name, meaning in reasons.items())])
