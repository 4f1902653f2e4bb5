"""Why the engine refused something, and why it put a fact aside, as an operator says it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from overlaykit.plan import Words

REASONS: Mapping[str, Words] = MappingProxyType(
    {
        "sold_out": Words("not enough left", "库存不够"),
        "no_stock_in_region": Words("not enough left for this region", "这个地区的仓库库存不够"),
        "allotment_exhausted": Words("the channel has sold its allotment", "这个渠道的配额已售完"),
        "not_on_sale": Words("the item is not on sale", "商品没有上架"),
        "drop_closed": Words("the drop is not open", "波次没有开启"),
        "buyer_limit": Words("more than this buyer may have", "超过每人限购"),
        "too_many_attempts": Words("this buyer tried too often", "这位买家尝试太频繁"),
        "session_closed": Words("the session is not live", "场次没有在直播"),
        "duplicate_order": Words("there is an order of this number already", "已经有这个订单号"),
        "duplicate_sku": Words("there is an item of this sku already", "已经有这个商品编码"),
        "link_taken": Words("another item has this link number", "链接号已被别的商品占用"),
        "levels_crossed": Words("critical would not be below low", "告急线要低于预警线"),
        "unknown_order": Words("there is no such order", "没有这个订单"),
        "unknown_sku": Words("there is no such item", "没有这个商品"),
        "unknown_item": Words("no item has this link or product", "没有这个链接号或款的商品"),
        "unknown_location": Words("there is no such location", "没有这个仓库"),
        "unknown_channel": Words("there is no such channel", "没有这个渠道"),
        "unknown_drop": Words("there is no such drop", "没有这个波次"),
        "unknown_reading": Words("this reading waits for nobody any more", "这次读数已经不用确认了"),
        "unknown_entry": Words("nothing was put aside with this entry", "这一条没有搁置的消息"),
        "nothing_aside": Words("no orders wait for it any more", "已经没有等它的订单了"),
        "unknown_task": Words("this task is not open any more", "这项待办已经不在了"),
        "unknown_alert": Words("this alert is over", "这条预警已经解除"),
        "unknown_countdown": Words("no countdown of this name runs", "没有这个名字的倒计时"),
        "belongs_to_drop": Words(
            "this countdown is a drop's: open or close the drop", "这个倒计时跟着波次走，请开启或结束波次"
        ),
        "wrong_state": Words("its state does not allow it now", "现在的状态不允许"),
        "expired": Words("the hold ended, and nothing is left to take again", "占用已到期，库存不够再占"),
        "nothing_left": Words("nothing of the order is left for it", "订单里已经没有可处理的商品"),
        "exceeds_order": Words("more than is left of the order", "超过订单里剩下的件数"),
        "is_bundle": Words("a bundle has no units of its own", "套装没有自己的库存"),
        "too_many_units": Words("more units than can be counted", "件数超过上限"),
        "insufficient": Words("fewer units stand there", "那里没有这么多件"),
        "stale": Words("the reading is too old", "读数太旧"),
        "changed": Words("another number stands there by now", "数字已经变了"),
        "in_future": Words("the reading is of a time to come", "读数的时间还没到"),
        "no_such_position": Words("the running order has no such position", "排序里没有这个位置"),
        "store_behind": Words("the store is being given back what it lost", "数据库正在补回记录"),
        "not_allowed": Words("the token may not do this", "这个令牌没有权限"),
        "no_plan_file": Words("the session's folder is not on this machine", "这台机器上没有场次文件夹"),
        "plan_error": Words("session.toml has problems", "session.toml 有问题"),
        "another_session": Words("session.toml is another session's", "session.toml 是另一场的"),
    }
)

QUARANTINED: Mapping[str, Words] = MappingProxyType(
    {
        "cancelled": Words("the order was cancelled before", "订单之前已取消"),
        "other_channel": Words("the order is another channel's", "订单是别的渠道的"),
    }
)


def of_reason(reason: str) -> Words:
    """The reason in words; one that is not known here stays as it is."""
    return REASONS.get(reason) or Words(reason, reason)


def of_quarantine(why: str) -> Words:
    """Why a fact was put aside; the same."""
    return QUARANTINED.get(why) or Words(why, why)
