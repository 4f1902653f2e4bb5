"""Why a text is not TOML, in words an operator understands: full-width characters, missing quotes, backslashes and so on.

Used only after tomllib has refused a text; reads on behind the first fault, to name as many as possible.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from overlaykit.plan.problems import CHINESE_NAMES, Problem
from overlaykit.plan.refusals import refusal
from overlaykit.words import Words

MOST = 50
"""Faults named in one text."""

_OPENING_QUOTES = "“”„‟＂「『〝‘’‛＇"
_CLOSING_QUOTES = "“”‟＂」』〞〟‘’‛＇"
_LOOKALIKES = {
    **dict.fromkeys("，、；;", ","),
    **dict.fromkeys("＝：", "="),
    **dict.fromkeys("［【〔", "["),
    **dict.fromkeys("］】〕", "]"),
    "｛": "{",
    "｝": "}",
    "＃": "#",
    "．": ".",
    "。": ".",
    "－": "-",
    "＿": "_",
}
_NAMES = {",": Words("comma", "逗号"), "=": Words("equals sign", "等号")}
_VALUE = re.compile(
    r"true|false|[+-]?(inf|nan)|0[xob][0-9A-Fa-f_]+|[+-]?[0-9][0-9_]*(\.[0-9_]+)?([eE][+-]?[0-9_]+)?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9:]+)?)?|[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9:]+)?"
)
_BARE = re.compile(r"""[^\s,\]}\[{=#"'“”＂「『，；;：＝【】［］｛｝＃]+""")
_ESCAPE = re.compile(r'\\(?:[btnfr"\\\n]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t]+\n)')
_TRUTH = {
    "True": "true",
    "TRUE": "true",
    "yes": "true",
    "是": "true",
    "False": "false",
    "FALSE": "false",
    "no": "false",
    "否": "false",
}


def syntax_problems(text: str, shown: str, error: Exception) -> list[Problem]:
    """At least one problem that says why `text` was refused with `error`."""
    scan = _Scan(text, shown)
    scan.run()
    return scan.problems or [refusal(text, shown, error, scan.headers)]


@dataclass
class _Statement:
    """What was read of the present line or entry: the key, and whether the value has begun."""

    key: str | None = None
    value: bool = False


class _Scan:
    """Reads a broken text as well as it can, noting faults."""

    def __init__(self, text: str, shown: str) -> None:
        self.text = text
        self.shown = shown
        self.at = 0
        self.line = 1
        self.section: str | None = None
        self.headers: list[tuple[int, str]] = []
        self.open: list[str] = []
        self.statement = _Statement()
        self.header = False
        self.last = "\n"
        self.problems: list[Problem] = []

    def run(self) -> None:
        while self.at < len(self.text) and len(self.problems) < MOST:
            self._step(self.text[self.at])

    def _add(self, what: Words, expected: Words | None = None) -> None:
        problem = Problem(
            file=self.shown, line=self.line, section=self.section, key=self.statement.key, what=what, expected=expected
        )
        if problem not in self.problems:
            self.problems.append(problem)

    @property
    def _key_place(self) -> bool:
        """Whether a key is what should stand here."""
        return not self.statement.value and (not self.open or self.open[-1] == "{")

    def _step(self, char: str) -> None:
        if char == "\n":
            self._newline()
        elif char in " \t":
            self.at += 1
            return
        elif char == "#":
            self._comment()
        elif char in "\"'":
            self._string(char)
        elif char in _OPENING_QUOTES:
            self._curly()
        elif char in _LOOKALIKES:
            self._lookalike(char)
        elif unicodedata.category(char) in ("Zs", "Cf"):
            name = f"U+{ord(char):04X}"
            self._add(
                Words(f"a full-width or invisible space ({name})", f"有全角空格或不可见字符（{name}）"),
                Words("an ordinary space, or nothing", "普通空格，或删掉"),
            )
            self.at += 1
            return
        elif char in "[]{},=":
            self._punctuation(char)
        else:
            self._bare()
        self.last = char

    def _newline(self) -> None:
        if self.open and self.open[-1] == "{" and not self.header:
            self._add(
                Words("a { … } goes on over a line break", "花括号 { … } 里换行了"),
                Words("all of it on one line, or a [section] instead", "全部写在同一行，或改用 [节]"),
            )
            self.open.pop()
        self.at += 1
        self.line += 1
        self.header = False
        if self.open and self._starts_statement():
            self._add(
                Words("a [ before this line is not closed", "前面有一个 [ 没有用 ] 配对"),
                Words("] at the end of the list", "列表末尾写上 ]"),
            )
            self.open.clear()
        if not self.open:
            self.statement = _Statement()

    def _starts_statement(self) -> bool:
        """Whether the coming line can only be a new statement, though a list is still open."""
        return re.compile(r"[A-Za-z_]+ *= |\[\[?[A-Za-z]").match(self.text, self.at) is not None

    def _comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _punctuation(self, char: str) -> None:
        self.at += 1
        if char == "[" and self.last == "\n" and not self.open:
            self._section()
        elif char in "[{":
            self.open.append(char)
            self.statement = _Statement(key=self.statement.key if char == "[" else None)
        elif char in "]}":
            if char == "}" and self.last == ",":
                self._add(
                    Words("a comma before }", "} 前面多了一个逗号"),
                    Words("no comma after the last entry", "最后一项后面不写逗号"),
                )
            if self.open:
                self.open.pop()
            self.statement = _Statement(value=True)
        elif char == ",":
            self.statement = _Statement()
        elif char == "=":
            self.statement.value = True

    def _section(self) -> None:
        end = self.text.find("\n", self.at)
        line = self.text[self.at - 1 : len(self.text) if end < 0 else end]
        self.header = True
        name = re.match(r"(\[\[?)\s*([^\]#\n]*?)\s*(\]\]?)?\s*(#|$)", line)
        if name is None:
            return
        self.section = f"{name.group(1)}{name.group(2)}{']' * len(name.group(1))}"
        self.headers.append((self.line, self.section))
        if any(ord(char) > 127 for char in re.sub(r'"[^"]*"', "", name.group(2))):
            first = name.group(2).split(".")[0].strip("“” ")
            meant = CHINESE_NAMES.get(first)
            example = Words(
                f'names in a header that are not letters, digits, - or _ in quotes, such as [location."{first}"]'
                + (f"; `{first}` is written {meant}" if meant else ""),
                f'[节] 里的中文要加英文引号，例如 [location."{first}"]'
                + (f"；`{first}` 写作 {meant}" if meant else ""),
            )
            self._add(Words("a section's name without quotes", "[节] 的名称没有加引号"), example)
        if len(name.group(3) or "") != len(name.group(1)):
            self._add(
                Words("the header's brackets do not match", "[节] 的方括号没有配对"), Words(self.section, self.section)
            )
        self.at += len(line) - 1

    def _lookalike(self, char: str) -> None:
        meant = _LOOKALIKES[char]
        self.at += 1
        if char in ";；" and not self.open:
            self._add(
                Words(f"`{char}` at the end of a value", f"值后面多了 `{char}`"),
                Words("nothing: a line needs no end mark", "不写：行尾不需要符号"),
            )
            return
        name = Words("colon", "冒号") if char == "：" else _NAMES.get(meant, Words("character", "符号"))
        width = Words("full-width ", "全角") if ord(char) > 127 else Words("", "")
        self._add(
            Words(f"a {width.en}{name.en} `{char}`", f"有{width.zh}{name.zh} `{char}`"),
            Words(f"`{meant}`", f"英文半角 `{meant}`"),
        )
        if meant in "[]{},=":
            self.at -= 1
            self._punctuation(meant)

    def _curly(self) -> None:
        """A full-width quote: what it encloses is taken as the text that was meant."""
        end = self.at + 1
        while (
            end < len(self.text)
            and self.text[end] != "\n"
            and self.text[end] not in _CLOSING_QUOTES
            and self.text[end] != '"'
        ):
            end += 1
        inside = self.text[self.at + 1 : end]
        closed = end < len(self.text) and self.text[end] != "\n"
        quotes = self.text[self.at] + (self.text[end] if closed and self.text[end] != '"' else "")
        self._add(
            Words(f"full-width quotes {quotes}", f"用了全角引号 {quotes}"),
            Words(f'"{inside}"', f'英文半角引号 "{inside}"'),
        )
        self._took_string(inside)
        self.at = end + 1 if closed else end

    def _took_string(self, inside: str) -> None:
        if self._key_place:
            self.statement.key = inside[:40]

    def _string(self, quote: str) -> None:
        if self.text.startswith(quote * 3, self.at):
            end = self.text.find(quote * 3, self.at + 3)
            if end < 0:
                self._add(Words(f"{quote * 3} is not closed", f"{quote * 3} 没有配对"))
                end = len(self.text)
            self._escapes(self.text[self.at + 3 : end], quote)
            self.line += self.text.count("\n", self.at, end)
            self.at = end + 3
            return
        end = self.at + 1
        while end < len(self.text) and self.text[end] not in (quote, "\n"):
            end += (
                2 if quote == '"' and self.text[end] == "\\" and self.text[end + 1 : end + 2] not in ("", "\n") else 1
            )
        end = min(end, len(self.text))
        inside = self.text[self.at + 1 : end]
        if end < len(self.text) and self.text[end] == quote:
            self._escapes(inside, quote)
            self._took_string(inside)
            self.at = end + 1
            return
        curly = [char for char in inside if char in _CLOSING_QUOTES]
        if curly:
            self._add(
                Words(f"the quote is closed by a full-width {curly[-1]}", f"结尾的引号是全角的 {curly[-1]}"),
                Words(quote, f"英文半角 {quote}"),
            )
        elif quote == '"' and inside.endswith(('\\"', "\\")):
            self._backslash(inside)
        else:
            self._add(
                Words(f"a quote {quote} is not closed on this line", f"引号 {quote} 在这一行没有配对"),
                Words(f"{quote}{inside[:40]}{quote}", f"{quote}{inside[:40]}{quote}"),
            )
        self.at = end

    def _escapes(self, inside: str, quote: str) -> None:
        if quote == '"' and "\\" in _ESCAPE.sub("", inside):
            self._backslash(inside)

    def _backslash(self, inside: str) -> None:
        shown = inside.strip().rstrip('"')[:60]
        slashes = shown.replace("\\", "/")
        self._add(
            Words(f'a backslash \\ in double quotes: "{shown}"', f'双引号里有反斜杠 \\："{shown}"'),
            Words(
                f"\"{slashes}\" with /, or single quotes: '{shown}'", f"用 / 分隔：\"{slashes}\"，或用单引号：'{shown}'"
            ),
        )

    def _bare(self) -> None:
        found = _BARE.match(self.text, self.at)
        token = found.group() if found else self.text[self.at]
        if self._key_place:
            self._bare_key(token)
        else:
            token = self._bare_value(token)
        self.at += len(token)

    def _bare_key(self, token: str) -> None:
        rest = self.text[self.at + len(token) : self.at + len(token) + 2]
        if token.startswith("//"):
            self._add(Words("a comment that begins with //", "注释写成了 //"), Words("#", "#"))
            self._comment_after(token)
            return
        bare = token.rstrip(":")
        if (token.endswith(":") or rest.lstrip().startswith(":")) and bare:
            self._add(Words("a colon after the key", "字段名后面写成了冒号"), Words(f"{bare} = …", f"{bare} = …"))
            self.statement.value = True
        self.statement.key = bare[:40]
        parts = [part for part in bare.split(".") if not re.fullmatch(r"[A-Za-z0-9_-]*", part)]
        if parts:
            part = parts[0]
            meant = CHINESE_NAMES.get(part)
            if part.isidentifier() or any(ord(char) > 127 for char in part):
                what = Words(f"the key {part} is not in quotes", f"中文字段名 {part} 没有加引号")
            else:
                what = Words(
                    f"the key {part} holds a character that needs quotes", f"字段名 {part} 里有必须加引号的字符"
                )
            known = (
                Words(f"; the key for it here is `{meant}`", f"；在方案里它写作 `{meant}`") if meant else Words("", "")
            )
            self._add(what, Words(f'"{part}" = …{known.en}', f'英文引号："{part}" = …{known.zh}'))

    def _comment_after(self, token: str) -> None:
        end = self.text.find("\n", self.at)
        self.at = (len(self.text) if end < 0 else end) - len(token)

    def _bare_value(self, token: str) -> str:
        end = self.text.find("\n", self.at)
        rest = self.text[self.at : end if end >= 0 else len(self.text)]
        if self.last in "\"'" and not token.startswith("//"):
            what = Words(f"something is left over after the value: {token[:40]}", f"值后面多了内容：{token[:40]}")
            self._add(what, Words("a comma, or the end of the line", "逗号，或换行"))
        elif token.startswith("//"):
            self._add(Words("a comment that begins with //", "注释写成了 //"), Words("#", "#"))
            return rest
        elif re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}", token) and not _is_date(token[:10]):
            what = Words(f"there is no such date: {token}", f"没有这个日期：{token}")
            self._add(what, Words("year-month-day, such as 2026-11-11", "年-月-日，如 2026-11-11"))
        elif token in _TRUTH:
            self._add(Words(f"{token} is not a value", f"{token} 不是可用的值"), Words(_TRUTH[token], _TRUTH[token]))
        elif _VALUE.fullmatch(plain := unicodedata.normalize("NFKC", token)) and plain != token:
            self._add(Words(f"full-width digits {token}", f"用了全角数字 {token}"), Words(plain, f"英文半角 {plain}"))
        elif re.fullmatch(r"[¥$€£][0-9.,]+", plain):
            amount = plain[1:].replace(",", "")
            self._add(
                Words(f"a currency sign before the amount: {token}", f"金额前有货币符号：{token}"),
                Words(f'"{amount}"', f'"{amount}"'),
            )
        elif not _VALUE.fullmatch(token):
            whole = re.split(r"\s*[,\]}#=]", rest, maxsplit=1)[0].strip()[:60] or token
            self._add(
                Words(f"text without quotes: {whole}", f"文字没有加引号：{whole}"),
                Words(f'"{whole}"', f'英文引号："{whole}"'),
            )
            return token if len(whole) < len(token) else whole
        return token


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
