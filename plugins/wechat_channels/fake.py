"""A made-up 视频号小店 (synthetic): it takes orders, sells its stock, refunds, encrypts its events and answers its API.

It behaves as the documents say, where they say something. Nothing here was seen in a real shop.
"""

from __future__ import annotations

import base64
import json
import struct
import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from overlaykit.api import Headers, Reply, Request
from overlaykit.testing import Call, Delivered, FakePlatform, sign_hash_hex

APPID, APP_SECRET = "wx0123456789abcdef", "synthetic-app-secret"
TOKEN, ENCODING_AES_KEY = "syntheticToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
COAT, SCARF = "10000017524246/764787449", "10000017524247/764787450"
EVENTS = {
    "created": "channels_ec_order_new",
    "paid": "channels_ec_order_pay",
    "shipped": "channels_ec_order_deliver",
    "cancelled": "channels_ec_order_cancel",
}


class FakeChannels(FakePlatform):
    """One shop.

    stock    units that it still sells, by PRODUCT/SKU
    orders   what order/get says, by id
    tokens   access tokens that it takes; `expire` takes them away
    refuses  errcodes with which it answers the next calls
    closed   skus of which it refuses any number
    """

    def __init__(self, stock: Mapping[str, int] | None = None, *, port: int = 0) -> None:
        self.stock = dict(stock or {COAT: 20, SCARF: 5})
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.tokens = {"test-token"}
        self.refuses: list[int] = []
        self.closed: set[str] = set()
        self._ids = count(1)
        super().__init__(port)

    # What happens in the shop.

    def place(self, lines: Mapping[str, int], *, buyer: str = "openid-1", id: str = "") -> str:
        """A buyer orders; the id of the order. Units of its stock are gone from now on."""
        id = id or str(3705115058471200000 + next(self._ids))
        for sku, units in lines.items():
            self.stock[sku] -= units
        now = int(time.time())
        self.orders[id] = {
            "order_id": id,
            "openid": buyer,
            "status": 10,
            "create_time": now,
            "update_time": now,
            "order_detail": {
                "product_infos": [_product(sku, units) for sku, units in lines.items()],
                "pay_info": {"pay_time": 0},
                "delivery_info": {"delivery_product_info": []},
            },
        }
        return id

    def pay(self, id: str) -> None:
        self.orders[id]["order_detail"]["pay_info"]["pay_time"] = int(time.time())
        self._change(id, 20)

    def ship(self, id: str) -> None:
        """All of it, in one parcel."""
        detail = self.orders[id]["order_detail"]
        content = [
            {"product_id": each["product_id"], "sku_id": each["sku_id"], "product_cnt": each["sku_cnt"]}
            for each in detail["product_infos"]
        ]
        parcel = {"waybill_id": f"SF{id[-4:]}", "delivery_time": int(time.time()), "product_infos": content}
        detail["delivery_info"]["delivery_product_info"] = [parcel]
        self._change(id, 30)

    def cancel(self, id: str) -> None:
        for sku, units in self.lines(id).items():
            self.stock[sku] += units
        self._change(id, 250)

    def refund(self, id: str, *, sku: str = "", units: int = 0, type: str = "REFUND", after: str = "") -> str:
        """An after-sale of one sku that has given the money back; its id."""
        after, now = after or str(2000000000000 + next(self._ids)), int(time.time())
        sku = sku or next(iter(self.lines(id)))
        product, _, number = sku.partition("/")
        self.refunds[after] = {
            "after_sale_order_id": after,
            "order_id": id,
            "status": f"MERCHANT_{'RETURN' if type == 'RETURN' else 'REFUND'}_SUCCESS",
            "type": type,
            "product_info": {"product_id": product, "sku_id": number, "count": units or self.lines(id)[sku]},
            "update_time": now,
        }
        return after

    def lines(self, id: str) -> dict[str, int]:
        """Units by PRODUCT/SKU."""
        return {
            f"{each['product_id']}/{each['sku_id']}": each["sku_cnt"]
            for each in self.orders[id]["order_detail"]["product_infos"]
        }

    def expire(self) -> None:
        """No access token is good any more."""
        self.tokens.clear()

    # What it tells the room.

    def event(self, what: str, id: str, *, at: int | None = None, **more: Any) -> dict[str, Any]:
        """The event that `what` (a key of EVENTS) happened to an order, or `refunded` of an after-sale."""
        head = {
            "ToUserName": "gh_0123456789ab",
            "FromUserName": "OPENID",
            "CreateTime": int(time.time()) if at is None else at,
            "MsgType": "event",
        }
        if what == "refunded":
            about = {name: self.refunds[id][name] for name in ("after_sale_order_id", "order_id", "status")}
            return head | {"Event": "channels_ec_aftersale_update", "finder_shop_aftersale_status_update": about}
        info: dict[str, Any] = {"order_id": int(id)}
        if what == "cancelled":
            info["cancel_type"] = "1"
        return head | {"Event": EVENTS[what], "order_info": info | more}

    def tell(self, hook: str, event: Mapping[str, Any]) -> Delivered:
        """Pushes an event to the room's address, encrypted and signed."""
        request = sealed(json.dumps(event, ensure_ascii=False).encode())
        headers = dict(request.headers)
        return self.deliver(f"{hook}?{urlencode(request.query)}", request.body, headers)

    def probe(self, hook: str) -> Delivered:
        """What the back office sends when the address is set: the answer's body has to be the `echostr`."""
        return self.deliver(f"{hook}?{urlencode(question().query)}", b"", method="GET")

    # Its API.

    def answer(self, call: Call) -> Reply:
        doing: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "/cgi-bin/stable_token": self._token,
            "/channels/ec/order/get": lambda params: {"order": self.orders[params["order_id"]]},
            "/channels/ec/order/list/get": self._list,
            "/channels/ec/aftersale/getaftersaleorder": lambda params: {
                "after_sale_order": self.refunds[params["after_sale_order_id"]]
            },
            "/channels/ec/aftersale/getaftersalelist": self._refund_list,
            "/channels/ec/product/stock/update": self._set_stock,
        }
        if call.path not in doing:
            return _no(48001, "api unauthorized")
        if not call.path.startswith("/cgi-bin/") and call.query.get("access_token") not in self.tokens:
            return _no(42001, "access_token expired")
        if self.refuses:
            return _no(self.refuses.pop(0), "made-up refusal")
        try:
            return Reply(json={"errcode": 0, "errmsg": "ok"} | doing[call.path](call.json()))
        except KeyError as error:
            return _no(10020049, f"没有 {error}")

    def _token(self, params: dict[str, Any]) -> dict[str, Any]:
        if (params["appid"], params["secret"]) != (APPID, APP_SECRET):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        token = f"token-{next(self._ids)}"
        self.tokens.add(token)
        return {"access_token": token, "expires_in": 7200}

    def _list(self, params: dict[str, Any]) -> dict[str, Any]:
        begin, end = params["update_time_range"]["start_time"], params["update_time_range"]["end_time"]
        found = [order for order in self.orders.values() if begin <= order["update_time"] <= end]
        place = int(params.get("next_key") or 0)
        page = [order["order_id"] for order in found][place : place + params["page_size"]]
        after = place + len(page)
        return {"order_id_list": page, "has_more": after < len(found), "next_key": str(after)}

    def _refund_list(self, params: dict[str, Any]) -> dict[str, Any]:
        begin, end = params["begin_update_time"], params["end_update_time"]
        found = [id for id, known in self.refunds.items() if begin <= known["update_time"] <= end]
        place = int(params.get("next_key") or 0)
        page = found[place : place + 10]
        after = place + len(page)
        return {"after_sale_order_id_list": page, "has_more": after < len(found), "next_key": str(after)}

    def _set_stock(self, params: dict[str, Any]) -> dict[str, Any]:
        sku = f"{params['product_id']}/{params['sku_id']}"
        if sku not in self.stock or sku in self.closed:
            raise KeyError(sku)
        added = {1: self.stock[sku] + params["num"], 2: self.stock[sku] - params["num"], 3: params["num"]}
        self.stock[sku] = added[params["diff_type"]]
        return {}

    def _change(self, id: str, status: int) -> None:
        self.orders[id] |= {"status": status, "update_time": int(time.time())}


def encrypted(
    message: bytes, *, appid: str = APPID, key: str = ENCODING_AES_KEY, random: bytes = b"0123456789abcdef"
) -> str:
    """The encrypted text of a message."""
    secret = base64.b64decode(f"{key}=")
    plain = random + struct.pack(">I", len(message)) + message + appid.encode()
    padding = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()).decode()


def signature(*parts: str, token: str = TOKEN) -> str:
    return sign_hash_hex("sha1", sorted([token, *parts]))


def sealed(message: bytes, *, at: int = 1794400000, xml: bool = False) -> Request:
    """A message as the platform sends it, in an envelope of JSON or XML."""
    stamp, nonce, text = str(at), "415670741", encrypted(message)
    body = json.dumps({"ToUserName": "gh_0123456789ab", "Encrypt": text})
    if xml:
        body = f"<xml><ToUserName><![CDATA[gh_0]]></ToUserName><Encrypt><![CDATA[{text}]]></Encrypt></xml>"
    query = {
        "signature": signature(stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": "OPENID",
        "encrypt_type": "aes",
        "msg_signature": signature(stamp, nonce, text),
    }
    kind = "text/xml" if xml else "application/json"
    return Request(query=query, headers=Headers({"content-type": kind}), body=body.encode())


def question(echostr: str = "4375120948345356249") -> Request:
    """What the platform asks when the address is set."""
    query = {"signature": signature("1794400000", "1514711492"), "timestamp": "1794400000", "nonce": "1514711492"}
    return Request(method="GET", query=query | {"echostr": echostr})


def _product(sku: str, units: int) -> dict[str, Any]:
    product, _, number = sku.partition("/")
    return {
        "product_id": product,
        "sku_id": number,
        "sku_code": f"code-{number}",
        "out_sku_id": f"out-{number}",
        "sku_cnt": units,
        "sale_price": 9_900,
    }


def _no(errcode: int, text: str) -> Reply:
    return Reply(json={"errcode": errcode, "errmsg": text})
