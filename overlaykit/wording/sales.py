"""Orders and units in words: what was asked for, or what it did."""

from __future__ import annotations

from overlaykit.model import commands as c
from overlaykit.model.commands import Command
from overlaykit.wording.speech import Speech
from overlaykit.wording.voice import BUCKETS


def tell_order(speech: Speech, command: Command) -> str | None:
    say, voice = speech.say, speech.voice
    match command:
        case c.OrderReserve():
            return say(
                "订单 {order} 占用 {lines}{on}",
                "Order {order} holds {lines}{on}",
                "order {order} wants {lines}{on}",
                order=command.order,
                lines=voice.lines(command.lines),
                on=voice.on(command.channel),
            )
        case c.OrderRecord():
            paid = say("已付款", "paid") if command.paid else say("未付款", "not paid yet")
            return say(
                "平台订单 {order}{on}：{lines}，{paid}",
                "Order {order}, sold by the platform{on}: {lines}, {paid}",
                order=command.order,
                lines=voice.lines(command.lines),
                on=voice.on(command.channel),
                paid=paid,
            )
        case c.OrderCommit(order=order):
            return say("订单 {order} 付款", "Order {order} is paid", "payment of order {order}", order=order)
        case c.OrderRelease(order=order, lines=None):
            return say("订单 {order} 取消", "Order {order} is cancelled", "cancelling order {order}", order=order)
        case c.OrderRelease(order=order, lines=lines):
            units = voice.lines(lines or ())
            return say(
                "订单 {order} 取消 {units}",
                "Order {order} gives back {units}",
                "order {order} giving back {units}",
                order=order,
                units=units,
            )
        case c.OrderShip(order=order, lines=lines):
            units = f" {voice.lines(lines)}" if lines else ""
            return say(
                "订单 {order} 发货{units}",
                "Order {order} ships{units}",
                "shipping{units} of order {order}",
                order=order,
                units=units,
            )
        case c.OrderRefund(order=order, lines=lines, restock=restock):
            back = (
                say("，退回库存", ", units back in stock")
                if restock
                else say("，不退回库存", ", units do not come back")
            )
            return say(
                "订单 {order} 退款{units}{back}",
                "Order {order} is refunded{units}{back}",
                "refunding order {order}{units}{back}",
                order=order,
                units=f" {voice.lines(lines)}" if lines else "",
                back=back,
            )
    return None


def tell_stock(speech: Speech, command: Command) -> str | None:
    say, voice = speech.say, speech.voice
    match command:
        case c.StockCount():
            return say(
                "{item} 盘点：{basis} {n} 件{at}{because}",
                "{item}: a count says {n} {basis}{at}{because}",
                item=voice.item(command.sku),
                basis=voice.pick(BUCKETS[command.basis]),
                n=command.quantity,
                at=voice.at(command.location),
                because=voice.because(command.reason),
            )
        case c.StockConfirm(reading=reading, accept=True):
            return say(
                "采用第 {n} 条的读数", "The reading of entry {n} is taken", "taking the reading of entry {n}", n=reading
            )
        case c.StockConfirm(reading=reading):
            return say(
                "不采用第 {n} 条的读数",
                "The reading of entry {n} is dismissed",
                "dismissing the reading of entry {n}",
                n=reading,
            )
        case c.StockAdjust():
            return say(
                "{item} {bucket} {delta} 件{at}{because}",
                "{item}: {bucket} {delta}{at}{because}",
                item=voice.item(command.sku),
                bucket=voice.pick(BUCKETS[command.bucket]),
                delta=voice.signed(command.delta),
                at=voice.at(command.location),
                because=voice.because(command.reason),
            )
        case c.StockTransfer():
            return say(
                "{units} 从{origin}移到{to}{at}{because}",
                "{units} moved from {origin} to {to}{at}{because}",
                "moving {units} from {origin} to {to}{at}{because}",
                units=voice.of(command.quantity, command.sku),
                origin=_side(speech, command.from_),
                to=_side(speech, command.to),
                at=voice.at(command.location),
                because=voice.because(command.reason),
            )
        case c.AllotmentSet(quantity=None):
            return say(
                "{item} 在{channel}不再设配额",
                "{item} has no allotment on {channel} any more",
                "ending the allotment of {item} on {channel}",
                item=voice.item(command.sku),
                channel=voice.channel(command.channel),
            )
        case c.AllotmentSet():
            return say(
                "{item} 在{channel}的配额设为 {n} 件",
                "{channel} may sell {n} of {item}",
                item=voice.item(command.sku),
                channel=voice.channel(command.channel),
                n=command.quantity,
            )
        case c.DropRelease(drop=drop):
            return say("放出{drop}", "{drop} is opened", "opening {drop}", drop=voice.drop(drop))
        case c.DropClose(drop=drop):
            return say("结束{drop}", "{drop} is ended", "ending {drop}", drop=voice.drop(drop))
    return None


def _side(speech: Speech, place: str) -> str:
    kind, _, name = place.partition(":")
    return speech.voice.place(name) if name else speech.voice.pick(BUCKETS[kind])
