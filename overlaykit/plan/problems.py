"""What is wrong with a plan, said so that an operator can mend it: place, expectation, nearest valid name, two languages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from overlaykit.errors import PlanError
from overlaykit.words import Words

SHOWN = 40
"""Problems that a PlanError's message spells out; its `problems` holds all of them."""

CHINESE_NAMES = {
    "编号": "id",
    "场次": "id",
    "标题": "title",
    "名称": "title",
    "商品": "title",
    "商品名称": "title",
    "商品标题": "title",
    "副标题": "subtitle",
    "链接": "link",
    "链接号": "link",
    "几号链接": "link",
    "序号": "link",
    "编码": "sku",
    "商品编码": "sku",
    "货号": "sku",
    "款号": "product",
    "产品": "product",
    "款": "product",
    "规格": "variant",
    "款式": "variant",
    "颜色尺码": "variant",
    "价格": "price",
    "售价": "price",
    "直播价": "price",
    "现价": "price",
    "原价": "list_price",
    "划线价": "list_price",
    "吊牌价": "list_price",
    "成本": "cost",
    "成本价": "cost",
    "库存": "opening",
    "现货": "opening",
    "开场库存": "opening",
    "数量": "quantity",
    "弹性库存": "buffer",
    "预留": "buffer",
    "在途": "incoming",
    "限购": "buyer_limit",
    "每人限购": "buyer_limit",
    "预售上限": "presale_limit",
    "在售": "on_sale",
    "上架": "on_sale",
    "图片": "image",
    "主图": "image",
    "别名": "aliases",
    "参数": "facts",
    "属性": "facts",
    "套装": "bundle",
    "组合": "bundle",
    "低库存": "low",
    "告急": "critical",
    "仓库": "location",
    "渠道": "channel",
    "波次": "drop",
    "倒计时": "countdown",
    "规则": "rule",
    "话术": "script",
    "时区": "timezone",
    "语言": "locale",
    "币种": "currency",
    "主题": "theme",
    "开播": "starts",
    "开播时间": "starts",
    "限制": "limits",
    "预警": "alert",
    "应急": "emergency",
    "数据源": "source",
    "通知": "notifier",
}
"""What operators call the keys; also the Chinese column headers of an item table."""


class Unfit(Exception):
    """A value that does not fit; `words` say why when that is more than "not as expected"."""

    def __init__(self, words: Words | None = None) -> None:
        super().__init__(words.en if words else "unfit")
        self.words = words


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to mend.

    file      name of the file, as the author knows it
    line      1-based line of a text file or row of a table; None when it cannot be told for certain
    section   such as `[location.hz]` or `[[item]] 3 (coat)`; None at the top of the file
    key       such as `opening.hz`, or the column's header in a table
    what      what is wrong
    expected  what should stand there
    nearest   the nearest valid name, when one is near
    table     whether `line` is a row and `key` a column
    """

    file: str
    line: int | None = None
    section: str | None = None
    key: str | None = None
    what: Words
    expected: Words | None = None
    nearest: str | None = None
    table: bool = False

    def text(self, locale: str = "en") -> str:
        """The problem in one line, in Chinese for a locale that starts with zh, else in English."""
        return self._chinese() if locale.lower().startswith("zh") else self._english()

    def _english(self) -> str:
        place = [self.file]
        if self.line:
            place.append(f"{'row' if self.table else 'line'} {self.line}")
        if self.section:
            place.append(self.section)
        if self.key:
            place.append(f"column {self.key}" if self.table else self.key)
        said = [f"{', '.join(place)}: {self.what.en}"]
        if self.expected:
            said.append(f"expected {self.expected.en}")
        if self.nearest:
            said.append(f"did you mean `{self.nearest}`?")
        return "; ".join(said)

    def _chinese(self) -> str:
        place = [self.file]
        if self.line:
            place.append(f"第 {self.line} 行")
        if self.section:
            place.append(self.section)
        if self.key:
            place.append(f"「{self.key}」列" if self.table else self.key)
        said = [f"{'，'.join(place)}：{self.what.zh}"]
        if self.expected:
            said.append(f"应为：{self.expected.zh}")
        if self.nearest:
            said.append(f"是不是想写 `{self.nearest}`？")
        return "；".join(said)


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The valid name that was most likely meant; a Chinese name of a key counts as that key."""
    names = list(known)
    meant = CHINESE_NAMES.get(name.strip())
    if meant in names:
        return meant
    folded = {candidate.casefold(): candidate for candidate in reversed(names)}
    close = difflib.get_close_matches(name.casefold()[:80], folded, n=1, cutoff=0.6)
    if close:
        return folded[close[0]]
    chinese = [said for said, key in CHINESE_NAMES.items() if key in names]
    alike = difflib.get_close_matches(name.strip()[:80], chinese, n=1, cutoff=0.5)  # two characters, one of them wrong
    return CHINESE_NAMES[alike[0]] if alike else None


def names_in(known: Iterable[str], *, most: int = 24) -> Words:
    """`one of a, b, c` in both languages, cut short when there are many."""
    names = list(known)
    shown = ", ".join(names[:most]) + (f" … ({len(names)})" if len(names) > most else "")
    if not names:
        return Words("nothing: none is defined", "无（还没有定义任何一个）")
    return Words(f"one of {shown}", f"以下之一：{shown}")


def plan_error(problems: Sequence[Problem], *, locale: str | None = None) -> PlanError:
    """The error that carries `problems`. Without a locale its message is in English and Chinese, line by line."""
    count = len(problems)
    english = f"The plan cannot be used: {count} problem{'s' if count != 1 else ''}."
    chinese = f"场次方案有 {count} 处要改。"
    if locale is None:
        lines = [f"{english} {chinese}"]
        lines += [f"  - {problem.text('en')}\n    {problem.text('zh')}" for problem in problems[:SHOWN]]
    else:
        lines = [Words(english, chinese).within(locale)]
        lines += [f"  - {problem.text(locale)}" for problem in problems[:SHOWN]]
    if count > SHOWN:
        more = Words(f"… and {count - SHOWN} more", f"……还有 {count - SHOWN} 处")
        lines.append(f"  {more.within(locale)}" if locale else f"  {more.en} {more.zh}")
    remedy = Words(
        "Every section and key is explained in sample_sessions/README.md.",
        "每一节、每个字段的写法见 sample_sessions/README.md。",
    )
    said = remedy.within(locale) if locale else f"{remedy.en} {remedy.zh}"
    return PlanError("\n".join(lines), problems=problems, remedy=said)
