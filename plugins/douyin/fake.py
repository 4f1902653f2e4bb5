"""A made-up 抖店 (synthetic): it takes orders, sells its stock, refunds, signs its messages and answers its API.

It behaves as the documents say, where they say something. Nothing here was seen in a real shop.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from overlaykit.api import Reply
from overlaykit.testing import Call, Delivered, FakePlatform, sign_hash_hex, sign_hmac_hex

APP_KEY, APP_SECRET = "7000000000000000001", "synthetic-secret"
SHOP = "4463798"
PRODUCT = "3473196049974326300"
TAGS = {"created": 100, "paid": 101, "shipped": 102, "cancelled": 106, "refunded": 206}


class FakeDouyin(FakePlatform):
    """One shop.

    stock    units that it still sells, by merchant's code (商家编码)
    orders   what order.orderDetail says, by id
    tokens   access tokens that it takes; `expire` takes them away
    closed   codes of which it refuses any number
    refuses  codes of errors that it answers the next calls with: [60000] is "too many"
    """

    def __init__(self, stock: Mapping[str, int] | None = None, *, port: int = 0) -> None:
        self.stock = dict(stock or {"coat-m": 20, "scarf": 5})
        self.skus = {code: 1_000 + number for number, code in enumerate(self.stock)}
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.tokens = {"test-token"}
        self.closed: set[str] = set()
        self.refuses: list[tuple[int, str]] = []
        self._ids = count(1)
        super().__init__(port)

    # What happens in the shop.

    def place(self, lines: Mapping[str, int], *, buyer: str = "buyer-1", id: str = "") -> str:
        """A buyer orders; the id of the order. Units of its stock are gone from now on."""
        id = id or str(4781320682406000000 + next(self._ids))
        rows = [self._row(f"{id}{number:02}", code, units) for number, (code, units) in enumerate(lines.items())]
        for code, units in lines.items():
            self.stock[code] -= units
        now = int(time.time())
        self.orders[id] = {
            "order_id": id,
            "shop_id": int(SHOP),
            "order_status": 1,
            "doudian_open_id": buyer,
            "create_time": now,
            "update_time": now,
            "pay_time": 0,
            "sku_order_list": rows,
            "logistics_info": [],
        }
        return id

    def pay(self, id: str) -> None:
        self._change(id, order_status=105, pay_time=int(time.time()))

    def cancel(self, id: str) -> None:
        for row in self.orders[id]["sku_order_list"]:
            self.stock[row["code"]] += row["item_num"]
        self._change(id, order_status=4, cancel_reason="不想要了")

    def ship(self, id: str) -> None:
        """All of it, in one parcel."""
        rows = self.orders[id]["sku_order_list"]
        content = [{"sku_order_id": row["order_id"], "product_count": row["item_num"]} for row in rows]
        parcel = {"delivery_id": f"sf_{id[-4:]}", "ship_time": int(time.time()), "product_info": content}
        self._change(id, order_status=3, logistics_info=[parcel])

    def refund(self, id: str, *, kind: int = 2, lines: Mapping[str, int] | None = None, after: str = "") -> str:
        """A refund that is finished at once, of `lines` or of all; the id of the after-sale. `kind`: aftersale_type."""
        after = after or str(7300000000000000000 + next(self._ids))
        rows = {row["order_id"]: row["item_num"] for row in self.orders[id]["sku_order_list"]}
        if lines:
            codes = {row["order_id"]: row["code"] for row in self.orders[id]["sku_order_list"]}
            rows = {row: lines[code] for row, code in codes.items() if code in lines}
        self.refunds[after] = {"order": id, "kind": kind, "rows": rows, "at": int(time.time())}
        self._change(id)
        return after

    def expire(self) -> None:
        """No access token is good any more."""
        self.tokens.clear()

    # What it tells the room.

    def message(self, what: str, id: str, *, delivery: str = "") -> dict[str, Any]:
        """The message that `what` (a key of TAGS) happened to an order, or `refunded` of an after-sale."""
        if what == "refunded":
            known = self.refunds[id]
            data: dict[str, Any] = {
                "p_id": int(known["order"]),
                "s_id": int(next(iter(known["rows"]))),
                "shop_id": int(SHOP),
                "aftersale_id": id,
                "aftersale_type": known["kind"],
                "success_time": known["at"],
            }
        else:
            rows = self.orders[id]["sku_order_list"]
            data = {"p_id": int(id), "s_ids": [int(row["order_id"]) for row in rows], "shop_id": int(SHOP)}
            data |= {"order_status": self.orders[id]["order_status"], "cancel_time": int(time.time())}
        return {
            "tag": str(TAGS[what]),
            "msg_id": delivery or f"{id}:{TAGS[what]}:{next(self._ids)}",
            "data": json.dumps(data, ensure_ascii=False),
        }

    def tell(self, hook: str, *messages: Mapping[str, Any]) -> Delivered:
        """Pushes messages to the room's address, signed."""
        body = json.dumps(list(messages), ensure_ascii=False).encode()
        return self.deliver(hook, body, signed(body))

    def probe(self, hook: str) -> Delivered:
        """What the platform's console sends when the address is set."""
        return self.tell(hook, {"tag": "0", "msg_id": "0", "data": time.strftime("%Y-%m-%d %H:%M:%S")})

    # Its API.

    def answer(self, call: Call) -> Reply:
        method = call.path.lstrip("/").replace("/", ".")
        doing: dict[str, Callable[[dict[str, Any]], Any]] = {
            "token.create": self._token,
            "token.refresh": self._token,
            "order.orderDetail": lambda params: {"shop_order_detail": self.orders[params["shop_order_id"]]},
            "order.searchList": self._search,
            "afterSale.Detail": lambda params: self._refund_detail(params["after_sale_id"]),
            "afterSale.List": self._refund_list,
            "sku.syncStock": self._set_stock,
        }
        if method not in doing:
            return _no(70000, "isp.api-service-off", "API不存在或API已下线")
        wrong = _wrong_signature(call, method)
        if wrong:
            return _no(40003, "isv.signature-invalid", wrong)
        if not method.startswith("token.") and call.query.get("access_token") not in self.tokens:
            return _no(40003, "isv.access-token-expired", "access_token已过期")
        if self.refuses:
            return _no(*self.refuses.pop(0), "made-up refusal")
        try:
            data = doing[method](call.json())
        except KeyError as error:
            return _no(50002, "isv.business-failed:1", f"没有 {error}")
        return Reply(json={"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "data": data})

    def _token(self, _: dict[str, Any]) -> dict[str, Any]:
        token = f"token-{next(self._ids)}"
        self.tokens.add(token)
        return {
            "access_token": token,
            "expires_in": 604_800,
            "refresh_token": f"refresh-{token}",
            "shop_id": int(SHOP),
        }

    def _search(self, params: dict[str, Any]) -> dict[str, Any]:
        begin, end, page, size = (params[name] for name in ("update_time_start", "update_time_end", "page", "size"))
        found = [order for order in self.orders.values() if begin <= order["update_time"] <= end]
        found.sort(key=lambda order: order["update_time"])
        return {"page": page, "total": len(found), "shop_order_list": found[page * size : (page + 1) * size]}

    def _refund_list(self, params: dict[str, Any]) -> dict[str, Any]:
        begin, end = params["update_start_time"], params["update_end_time"]
        found = [(id, known) for id, known in self.refunds.items() if begin <= known["at"] <= end]
        page = found[params["page"] * params["size"] :][: params["size"]]
        return {
            "total": len(found),
            "items": [
                {
                    "aftersale_info": {
                        "aftersale_id": id,
                        "aftersale_type": known["kind"],
                        "refund_status": 3,
                        "update_time": known["at"],
                    },
                    "order_info": {"shop_order_id": known["order"]},
                }
                for id, known in page
            ],
        }

    def _refund_detail(self, id: str) -> dict[str, Any]:
        known = self.refunds[id]
        rows = [{"sku_order_id": int(row), "after_sale_item_count": units} for row, units in known["rows"].items()]
        return {
            "process_info": {
                "after_sale_info": {
                    "after_sale_id": id,
                    "after_sale_type": known["kind"],
                    "refund_status": 3,
                    "update_time": known["at"],
                }
            },
            "order_info": {"shop_order_id": int(known["order"]), "sku_order_infos": rows},
        }

    def _set_stock(self, params: dict[str, Any]) -> dict[str, Any]:
        codes = {sku: code for code, sku in self.skus.items()}
        code = params["code"] if "code" in params else codes[params["sku_id"]]
        if code not in self.stock or code in self.closed:
            raise KeyError(code)
        self.stock[code] = params["stock_num"]
        return {}

    def _row(self, id: str, code: str, units: int) -> dict[str, Any]:
        return {
            "order_id": id,
            "code": code,
            "out_sku_id": f"9{self.skus[code]}",
            "sku_id": self.skus[code],
            "product_id": int(PRODUCT),
            "product_id_str": PRODUCT,
            "item_num": units,
            "origin_amount": 9_900,
        }

    def _change(self, id: str, **changes: Any) -> None:
        self.orders[id].update(changes, update_time=int(time.time()))


def signed(body: bytes) -> dict[str, str]:
    """The headers of a message with this body."""
    return {"app-id": APP_KEY, "event-sign": sign_hash_hex("md5", [APP_KEY, body, APP_SECRET])}


def _wrong_signature(call: Call, method: str) -> str | None:
    query = call.query
    names = {"app_key": APP_KEY, "method": method, "param_json": call.text(), "timestamp": query["timestamp"], "v": "2"}
    text = "".join(f"{name}{value}" for name, value in names.items())
    expected = sign_hmac_hex("sha256", APP_SECRET, f"{APP_SECRET}{text}{APP_SECRET}")
    if query["sign"] != expected or query["app_key"] != APP_KEY or query["method"] != method:
        return "签名校验失败"
    keys = list(call.json())
    return None if keys == sorted(keys) else "param_json 的键没有排序"


def _no(code: int, sub_code: str, text: str) -> Reply:
    return Reply(json={"code": code, "msg": text, "sub_code": sub_code, "sub_msg": text, "data": None})
