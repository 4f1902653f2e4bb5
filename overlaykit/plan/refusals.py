"""What tomllib says of a text that it refuses, in words that an operator understands. For what syntax.py finds no better ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

from overlaykit.plan.problems import Problem
from overlaykit.words import Words

_SAID = {
    "Cannot overwrite a value": Words("this key stands here for the second time", "这个字段写了两次"),
    "Duplicate inline table key": Words("this key stands here for the second time", "这个字段写了两次"),
    "Cannot declare": Words("this [section] stands here for the second time", "这个 [节] 写了两次"),
    "Cannot mutate immutable namespace": Words(
        "this section was already written in another form", "这一节已经用另一种写法写过"
    ),
    "Expected '='": Words("an equals sign is missing after the key", "字段名后面缺少等号 ="),
    "Invalid value": Words("the value after = is missing or cannot be read", "等号后面没有值，或者值看不懂"),
    "Unclosed array": Words(
        "a [ is not closed, or a comma is missing in the list", "方括号 [ 没有配对，或列表里少了逗号"
    ),
    "Unclosed inline table": Words(
        "a { is not closed, or a comma is missing in it", "花括号 { 没有配对，或里面少了逗号"
    ),
    "Unterminated string": Words("a quote is not closed", "引号没有配对"),
    "Expected newline": Words("something is left over after the value", "值后面多了内容"),
    "Expected ']": Words("a section's header is not closed by ]", "[节] 的方括号没有配对"),
    "Invalid date or datetime": Words("there is no such date or time", "没有这个日期或时间"),
    "Illegal character": Words("an invisible control character", "含有不可见的控制字符"),
    "Invalid initial character for a key": Words("a key is expected here", "这里应该是字段名"),
    "Invalid statement": Words("this is neither `key = value` nor a [section]", "这里既不是“字段 = 值”，也不是 [节]"),
}


def refusal(text: str, shown: str, error: Exception, headers: Sequence[tuple[int, str]]) -> Problem:
    """Of `text`, which is shown as `shown`. `headers`: the line of each [section], and its name."""
    said = str(error)
    place = re.search(r"at line (\d+)", said)
    line = int(place.group(1)) if place else (text.count("\n") + 1 if "end of document" in said else None)
    if isinstance(error, RecursionError):
        return Problem(file=shown, what=Words("brackets are nested too deeply", "括号嵌套太深"))
    if "digits" in said and not place:
        return Problem(file=shown, what=Words("a number has thousands of digits", "有一个数字长达数千位"))
    what = next((words for start, words in _SAID.items() if said.startswith(start)), None)
    if what is None:
        what = Words(f"not valid TOML: {said}", f"不符合 TOML 写法：{said}")
    content = text.split("\n")[line - 1].strip()[:60] if line and line <= text.count("\n") + 1 else ""
    if content:
        what = Words(f"{what.en}: {content}", f"{what.zh}：{content}")
    key = re.match(r"([A-Za-z0-9_.-]+)\s*=", content)
    section = next((name for begin, name in reversed(headers) if line and begin <= line), None)
    return Problem(file=shown, line=line, section=section, key=key.group(1) if key else None, what=what)
