"""An evening's plan that uses every section and form, and a way to write plans."""

# ruff: noqa: E501 (an inline table must stand on one line)
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.errors import PlanError
from overlaykit.plan import LoadedPlan, Problem, load_plan

EVENING = """\
# An evening of a tea shop, with everything a plan can say.
id = "tea-night-01"
title = "春茶专场"
starts = 2026-04-18T19:30:00+08:00
locale = "zh-CN"
timezone = "Asia/Shanghai"
currency = "CNY"
theme = "classic"
options = { accent = "#2e7d32", motion = "calm", rows = 6, ratio = 0.5, ticker = true }
buffer = "12.5%"
thresholds = { low = "25%", critical = 10 }
ledger = "tea-ledger"
hold = "1h30m"
split = true
limits = { buyer = { quantity = 3, per = "5m" }, attempts = { count = 30, per = "10s" } }

item = [
  { link = 1, sku = "lj-250", product = "longjing", variant = "250 克", title = "明前龙井", subtitle = "手工炒制", price = "268.00", list_price = "398.00", cost = "120.50", opening = { east = 103, south = 41 }, buyer_limit = 2, aliases = ["龙井", "绿茶"], facts = { "产地" = "西湖", "年份" = "2026" } },
  { link = 1, sku = "lj-500", product = "longjing", variant = "500 克", title = "明前龙井", price = 520, opening = { east = 60 }, buffer = { east = 9 }, thresholds = { low = 20 } },
  { link = 2, sku = "cup", title = "白瓷盖碗", price = "59.9", opening = { south = 900 }, buffer = "0%", image = "img/cup.webp" },
  { link = 3, sku = "cake", title = "老树普洱饼", price = "199.00", opening = { east = 0, south = 5 }, buffer = 2, incoming = { south = { quantity = 400, due = 2026-05-01 } }, presale_limit = 300, on_sale = false },
  { link = 4, sku = "set", title = "品茗礼盒", price = "318.00", bundle = { "lj-250" = 1, cup = 2 } },
]

[location.east]
title = "余杭仓"
serves = ["江浙沪", "北方"]
source = "erp"
backup = "sheet"
stale_after = "15s"
[location.south]
serves = ["两广"]

[source.erp]
plugin = "some_erp"
every = "3s"
full_count = "10m"
jump = "35%"
settings = { }
[source.sheet]
plugin = "file_poll"
settings = { path = "count.csv", columns = { sku = "编码" } }
[webhook.crm]
url = "https://crm.example.com/hooks/live"
private = true

[relay.outside]
url = "https://relay.example.com"

[notifier.group]
plugin = "robot"

[channel.tiktok]
title = "抖店"
connector = "some_shop"
sells = "by_itself"
share = "55%"
floor = "10%"
unmapped = "quarantine"
stream_delay = "6s"
app = "tea"
shop = "5501"
skus = { "350117" = "cup", "350118" = { sku = "cup", quantity = 2 }, "礼盒" = { sku = "set" } }
every = "20s"
lag = "2s"
push = false
settings = { shop = "778899" }
[channel.own]
title = "小程序"
sells = "asks_first"

[[countdown]]
name = "coupon"
ends_at = "21:00"
[[countdown]]
name = "warm-up"
sku = "cup"
seconds = "5m"
[[countdown]]
name = "night"
ends_at = 00:15:00

[[drop]]
name = "nine"
sku = "lj-250"
quantity = 30
opens_at = 2026-04-18T21:00:00
closes_after = "3m"
buyer_limit = 1
price = "238.00"
[[drop]]
name = "again"
sku = "cup"
quantity = 100

[obs.main]
host = "192.168.1.20"
port = 4466
manual_override = "45s"
safe_scene = "备用画面"
[[obs.main.text]]
source = "余量"
template = "{% if item %}{{ item.available }} 件{% endif %}"
[[obs.main.text]]
source = "标题"
template = "{{ item.title }}"
[obs.second]

[[rule]]
name = "nearly-gone"
when = "available < 30"
if = "item.on_air"
sku = "lj-*"
rearm = "40%"
sustained = "2s"
cooldown = "2m"
do = [
  { action = "obs.scene", obs = "main", scene = "特写", for = "15s" },
  { action = "chat", text = "{{ item.title }} 快没了", otherwise = "task" },
]
[[rule]]
name = "gone"
when = "sold_out"
rearm = 1
do = [{ action = "next_item", after = "5s", confirm = "desk" }]

[[alert]]
when = "available < 15%"
level = "urgent"
to = ["group"]
[emergency.oversold]
title = "超卖"
do = [{ action = "stock", command = "session.freeze" }]

[[announcement]]
name = "满减"
text = "{{ item.title }} 两件八折"
level = "warning"
seconds = "1m"

[script]
plenty = "现货，今晚发"
presale = "预售"
next = "下一款"
low = "不多了"
critical = "最后 {{ item.available }} 件"
sold_out = "没了"
unknown = "正在核对"
"""

SMALL = """\
id = "tiny"
title = "Tiny"
[[item]]
sku = "a"
title = "A"
opening = 10
"""

Write = Callable[..., Path]
Refused = Callable[..., list[Problem]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a plan into a folder of its own and gives the folder."""

    def write_plan(text: str | bytes, **files: bytes) -> Path:
        (tmp_path / "session.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_bytes(content)
        return tmp_path

    return write_plan


@pytest.fixture
def load(write: Write) -> Callable[..., LoadedPlan]:
    return lambda text, **files: load_plan(write(text, **files))


@pytest.fixture
def refused(write: Write) -> Refused:
    """The problems of a plan that must not load."""

    def problems_of(text: str | bytes, **files: bytes) -> list[Problem]:
        with pytest.raises(PlanError) as caught:
            load_plan(write(text, **files))
        problems = [problem for problem in caught.value.problems if isinstance(problem, Problem)]
        assert len(problems) == len(caught.value.problems) > 0
        return problems

    return problems_of
