"""What is left, and why a line is said, in words."""

from __future__ import annotations

from collections.abc import Mapping

from overlaykit.board import BoardItem
from overlaykit.model.sessions import Threshold
from overlaykit.plan import Words
from overlaykit.prompt.types import PromptState
from overlaykit.theming.formats import Formats

LANGUAGES = ("zh-CN", "en")
"""Languages in which a prompt says what is left and why."""

_LEFT: Mapping[PromptState, Words] = {
    "plenty": Words("Plenty", "充足"),
    "low": Words("{n} left", "还剩 {n} 件"),
    "critical": Words("Only {n} left", "只剩 {n} 件"),
    "sold_out": Words("Sold out", "已抢光"),
    "presale": Words("Presale: {n} left", "预售，还能订 {n} 件"),
    "unknown": Words("Number not known", "数字待核对"),
    "upcoming": Words("Not on sale yet", "未开卖"),
    "closed": Words("Off sale", "已下架"),
}
_LEFT_OF_VARIANT: Mapping[PromptState, Words] = {
    "presale": Words("presale {n}", "预售 {n} 件"),
    "sold_out": Words("gone", "没了"),
    "closed": Words("gone", "没了"),
    "unknown": Words("?", "待核对"),
    "upcoming": Words("not yet", "未开卖"),
}
_UNITS_OF_VARIANT = Words("{n}", "{n} 件")
_WHY: Mapping[str, Words] = {
    "plenty": Words("{n} left, above {level}", "剩 {n} 件，高于 {level}"),
    "low": Words("{n} left, at most {level}", "剩 {n} 件，不超过 {level}"),
    "critical": Words("{n} left, at most {level}", "剩 {n} 件，不超过 {level}"),
    "sold_out": Words("Nothing is left to sell", "可售 0 件"),
    "others": Words(", {n} of other variants", "，其他款式还有 {n} 件"),
    "held": Words(", {n} not paid yet", "，{n} 件待付款"),
    "presale": Words("Sold before it is here", "现货之外的预售"),
    "ships": Words(", ships {day}", "，{day}发货"),
    "ends": Words(", sold out about {time} at this pace", "，照现在的速度 {time} 左右卖完"),
    "away": Words("The room does not reach its store: numbers may be old", "连不上数据，数字可能不是最新"),
    "stale": Words("The source of its number is silent", "数据源没有更新，数字可能不准"),
    "planned": Words("The session is not open yet", "还没开播"),
    "upcoming": Words("It is not on sale yet", "还没开卖"),
    "over": Words("The session is over", "直播已结束"),
    "closed": Words("It is off sale", "已下架"),
    "off_sale": Words("What is on air is off sale", "在讲的已下架"),
    "nothing": Words("Nothing is on air", "没有在讲的商品"),
    "frozen": Words("; numbers are frozen", "；数字已冻结"),
}


def language_of(locale: str) -> str:
    """The one of LANGUAGES that is nearest to a locale."""
    return "zh-CN" if locale.lower().startswith("zh") else "en"


class Wording:
    """Words in one language. `formats` writes numbers, money and times in it."""

    def __init__(self, language: str, formats: Formats) -> None:
        self._language = language
        self._formats = formats

    def left(self, state: PromptState, available: int) -> str:
        """What is left of the item on air, of which there are `available`: 只剩 12 件."""
        return self._say(_LEFT[state], n=self._formats.number(available))

    def left_of_variant(self, state: PromptState, available: int) -> str:
        """The same in the fewest words: 12 件, 没了."""
        return self._say(_LEFT_OF_VARIANT.get(state, _UNITS_OF_VARIANT), n=self._formats.number(available))

    def units(self, available: int) -> str:
        """A number of pieces: 12 件."""
        return self.left_of_variant("plenty", available)

    def money(self, price: str | None) -> str | None:
        """¥899."""
        return None if price is None else self._formats.money(price)

    def why_numbers(self, state: PromptState, item: BoardItem, low: Threshold, critical: Threshold) -> str:
        """Why an item that is sold, or sold out, stands as it does."""
        n = self._formats.number(item.available)
        match state:
            case "sold_out":
                held = self._why("held", n=self._formats.number(item.held)) if item.held else ""
                return self._why("sold_out") + held
            case "presale":
                ships = self._why("ships", day=self._formats.day(item.ship_by)) if item.ship_by else ""
                return self._why("presale") + ships
        level = self._level(critical if state == "critical" else low)
        return self._why(state, n=n, level=level)

    def why_others(self, available: int | None) -> str:
        """What is added where other variants are on air, too, of which so many units are left; nothing where that is not known."""
        return self._why("others", n=self._formats.number(available)) if available else ""

    def why_sells_out(self, at: str) -> str:
        """What is added when its end is in sight."""
        return self._why("ends", time=self._formats.clock(at))

    def why(self, reason: str) -> str:
        """A reason without numbers: away, stale, planned, upcoming, over, closed, off_sale, nothing, frozen."""
        return self._why(reason)

    def no_line(self, key: str, why: Words) -> str:
        """That a line of the script could not be filled in."""
        said = Words("script.{key} could not be filled in: {why}", "话术 {key} 填不出来：{why}")
        return self._say(said, key=key, why=why.within(self._language))

    def _level(self, threshold: Threshold) -> str:
        if threshold.units is not None:
            return self.units(threshold.units)
        return f"{round((threshold.share or 0.0) * 100, 2):g}%"

    def _why(self, reason: str, **values: object) -> str:
        return self._say(_WHY[reason], **values)

    def _say(self, words: Words, **values: object) -> str:
        return words.within(self._language).format(**values)
