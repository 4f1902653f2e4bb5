"""The text of a new session.toml: what was told, with comments that say what can stand there and what comes next."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from overlaykit.cli.session_new.answers import Answers
from overlaykit.plan import Words

BARE = re.compile(r"[A-Za-z0-9_-]+")
COMMENT_AT = 32


def session_toml(
    answers: Answers, folder: str, items: Sequence[Mapping[str, Any]] | str, connectors: Sequence[str]
) -> str:
    """The whole file. `items`: the items themselves, or the name of the table beside the plan; `folder`: as one types it after
    `overlaykit run`; `connectors`: names of those that there are."""
    lines = [*_top(answers, folder), "", *_items(answers, items), "", *_channels(answers, connectors)]
    if answers.obs:
        lines += ["", *_obs(answers, folder)]
    lines += ["", *_rules(answers)]
    return "\n".join(lines) + "\n"


def _top(answers: Answers, folder: str) -> Iterator[str]:
    say = _Said(answers)
    yield say("# The plan of a session. Change it, save it, then:", "# 场次方案。改完保存，然后运行：")
    yield f"#   overlaykit run {_typed(folder)}"
    yield say(
        "# With --dry-run it is checked and nothing starts; with --lan phones on the same network reach the room.",
        "# 加 --dry-run 只检查、不启动；加 --lan 让同一网络里的手机也能连上。",
    )
    yield ""
    yield _line("id", answers.id, say("in every address: letters, digits, -", "编号：出现在网址里，只用字母、数字和 -"))
    yield _line("title", answers.title, say("what screens call it", "标题"))
    if answers.starts is not None:
        yield _pair("starts", answers.starts.isoformat(), say("when it starts", "开播时间"))
    else:
        yield say(
            "# starts = 2026-11-11T20:00:00 # when it starts; other times may then be written 20:00",
            "# starts = 2026-11-11T20:00:00 # 开播时间；写了以后，别的时间可以只写 20:00",
        )
    yield _line("locale", answers.locale, say("what overlays speak", "画面上的语言"))
    yield _line("timezone", answers.timezone, say("times in this file are meant here", "时区"))
    yield _line("currency", answers.currency, say("of every price", "币种"))
    yield _line(
        "theme", answers.theme, say("how it looks: overlaykit theme list", "主题：overlaykit theme list 查看全部")
    )
    yield _line("hold", "15m", say("how long an unpaid order keeps its units", "付款时限：拍下未付占用多久"))
    yield _pair(
        "thresholds",
        '{ low = "20%", critical = "5%" }',
        say("when stock counts as low", "库存偏低、即将售罄的档位"),
    )


def _items(answers: Answers, items: Sequence[Mapping[str, Any]] | str) -> Iterator[str]:
    say = _Said(answers)
    if isinstance(items, str):
        yield say(
            "# The items, in running order: one row each.", "# 商品：一行一款，顺序就是讲解顺序。在表格里改，保存即可。"
        )
        yield _line("items", items, say("the table beside this file", "同一文件夹里的表格"))
        return
    yield say("# The items, in running order.", "# 商品：一行一款，顺序就是讲解顺序。")
    yield "item = ["
    for item in items:
        yield f"  {_value(item)},"
    yield "]"


def _channels(answers: Answers, connectors: Sequence[str]) -> Iterator[str]:
    say = _Said(answers)
    yield say("# Where it is sold.", "# 渠道：在哪里卖。")
    for name, title in answers.channels:
        yield f"[channel.{_key(name)}]"
        yield _line("title", title)
        if name in connectors:
            yield say(
                f'# connector = "{name}" # brings its orders; what it needs: plugins/README.md',
                f'# connector = "{name}" # 自动接收订单；需要什么，见 plugins/README.md',
            )


def _obs(answers: Answers, folder: str) -> Iterator[str]:
    say = _Said(answers)
    yield say(
        f"# OBS. Once: overlaykit obs setup {_typed(folder)}",
        f"# OBS。先运行一次：overlaykit obs setup {_typed(folder)}",
    )
    yield "[obs.main]"
    yield _line(
        "safe_scene", say("Back soon", "应急画面"), say("shown in an emergency", "出状况时切到的场景，obs setup 会新建")
    )


def _rules(answers: Answers) -> Iterator[str]:
    say = _Said(answers)
    yield say(
        "# What is done by itself. All triggers and actions: sample_sessions/README.md",
        "# 规则：什么时候自动做什么。全部写法见 sample_sessions/README.md",
    )
    item = "{{ item.title }}{% if item.variant %} {{ item.variant }}{% endif %}"
    last = say(f"Only {{{{ item.available }}}} left: {item}", f"{item} 最后 {{{{ item.available }}}} 件，还没拍的抓紧")
    gone = say(f"{item} is sold out", f"{item} 已抢光")
    only = say("of what is on air alone", "只在讲解中")
    for name, when, condition, comment, text, more in (
        # One order may take the last of many: then there is nothing left to hurry for.
        (
            "last-chance",
            "available < 10%",
            "item.on_air and item.available > 0",
            say("on air, and something is left", "只在讲解中，而且还有货"),
            last,
            'rearm = "20%"',
        ),
        ("sold-out", "sold_out", "item.on_air", only, gone, "once = true"),
    ):
        yield "[[rule]]"
        yield _line("name", name)
        yield _line("when", when)
        yield _line("if", condition, comment)
        yield more
        action = {"action": "announce", "text": text, "level": "warning", "seconds": "8s"}
        yield f"do = [{_value(action)}]"


class _Said:
    """The file's comments, in the session's language."""

    def __init__(self, answers: Answers) -> None:
        self._locale = answers.locale

    def __call__(self, en: str, zh: str) -> str:
        return Words(en, zh).within(self._locale)


def _line(key: str, value: object, comment: str = "") -> str:
    return _pair(key, _value(value), comment)


def _pair(key: str, written: str, comment: str = "") -> str:
    line = f"{key} = {written}"
    return f"{line}{' ' * (COMMENT_AT - _width(line))} # {comment}" if comment else line


def _width(text: str) -> int:
    """Columns that it takes in an editor: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _value(value: object) -> str:
    """As TOML writes it. A TOML string is a JSON string, but for DEL, which it has to spell out."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _value(name)


def _typed(folder: str) -> str:
    return f'"{folder}"' if " " in folder else folder
