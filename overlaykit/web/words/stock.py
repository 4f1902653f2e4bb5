"""Items and their units."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "on_air": ("讲解中", "On air"),
    "link": ("链接", "Link"),
    "item": ("商品", "Item"),
    "price": ("价格", "Price"),
    "state": ("状态", "State"),
    "available": ("可售", "Available"),
    "held": ("占用", "Held"),
    "committed": ("已付待发", "Committed"),
    "sold": ("已售", "Sold"),
    "oversold": ("超卖", "Oversold"),
    "over_allotted": ("配额超出可售 {units} 件", "Over-allotted by {units}"),
    "on_hand": ("现货", "On hand"),
    "buffer": ("弹性库存", "Buffer"),
    "damaged": ("残次", "Damaged"),
    "incoming": ("在途", "Incoming"),
    "location": ("仓库", "Location"),
    "stale_item": ("数据源中断，数字可能不准", "Its source is silent: the number may be wrong"),
    "items": ("商品", "Items"),
    "state_upcoming": ("即将上架", "Upcoming"),
    "state_on_sale": ("在售", "On sale"),
    "state_low": ("库存偏低", "Low"),
    "state_critical": ("即将售罄", "Critical"),
    "state_sold_out": ("已售罄", "Sold out"),
    "state_presale": ("预售", "Presale"),
    "state_closed": ("已下架", "Closed"),
}
