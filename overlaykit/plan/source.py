"""The bytes of session.toml → text → plain data. Encodings and byte order marks that editors leave are named."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from pathlib import Path as FilePath
from typing import Any

from overlaykit.plan.form import Path
from overlaykit.plan.problems import Problem
from overlaykit.plan.syntax import syntax_problems
from overlaykit.words import Words

MOST_BYTES = 16 * 1024 * 1024
"""A plan or item table larger than this is refused unread."""

SAVE_AS_UTF8 = Words(
    'a text file saved as UTF-8 (in the editor: "Save as", encoding "UTF-8")',
    "UTF-8 编码的文本（编辑器里“另存为”，编码选“UTF-8”）",
)


def read_bytes(path: FilePath, shown: str) -> tuple[bytes, list[Problem]]:
    """The file's bytes, or why it cannot be read."""
    try:
        if not path.is_file():
            what = Words(f"there is no file {path}", f"找不到文件 {path}")
            return b"", [Problem(file=shown, what=what, expected=_beside(path))]
        if path.stat().st_size > MOST_BYTES:
            return b"", [Problem(file=shown, what=Words("larger than 16 MB", "文件超过 16 MB"))]
        return path.read_bytes(), []
    except (OSError, ValueError) as error:
        what = Words(f"cannot be read: {error}", f"无法读取：{error}")
        return b"", [Problem(file=shown, what=what)]


def _beside(path: FilePath) -> Words | None:
    try:
        found = sorted(other.name for other in path.parent.iterdir() if other.suffix == path.suffix)
    except (OSError, ValueError):
        found = []
    if not found:
        return None
    names = ", ".join(found[:8])
    return Words(f"an existing file; beside it there is {names}", f"已有的文件；同一文件夹里有 {names}")


def decode(content: bytes, shown: str, *, table: bool = False) -> tuple[str, list[Problem]]:
    """Text with \\n line ends, and what was wrong with its encoding. A table may begin with a byte order mark (Excel writes it)."""
    problems: list[Problem] = []
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        what = Words('the file is saved as "Unicode" (UTF-16)', "文件存成了“Unicode”（UTF-16）编码")
        problems.append(Problem(file=shown, line=1, what=what, expected=SAVE_AS_UTF8))
        text = content.decode("utf-16", errors="replace")
    elif content.startswith(b"PK\x03\x04"):
        what = Words("this is a spreadsheet or zip file, not text", "这是表格或压缩文件，不是文本")
        return "", [Problem(file=shown, what=what, expected=SAVE_AS_UTF8)]
    else:
        if content.startswith(b"\xef\xbb\xbf"):
            content = content[3:]
            if not table:
                what = Words("the file begins with a byte order mark (BOM)", "文件开头有 BOM（字节顺序标记）")
                expected = Words('saved as "UTF-8", not "UTF-8 with BOM"', "存成“UTF-8”，不要选“带 BOM 的 UTF-8”")
                problems.append(Problem(file=shown, line=1, what=what, expected=expected))
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            text, what = _other_encoding(content)
            problems.append(Problem(file=shown, line=line, what=what, expected=SAVE_AS_UTF8))
    return text.replace("\r\n", "\n"), problems


def _other_encoding(content: bytes) -> tuple[str, Words]:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return "", Words("bytes that are not UTF-8 text", "含有不是 UTF-8 文本的字节")
    if any("\u4e00" <= char <= "\u9fff" for char in text):
        return text, Words("the file is saved as GBK (ANSI), not UTF-8", "文件是 GBK（ANSI）编码，不是 UTF-8")
    return "", Words("bytes that are not UTF-8 text", "含有不是 UTF-8 文本的字节")


def parse(text: str, shown: str) -> tuple[dict[str, Any], list[Problem]]:
    """TOML text → plain data, times as RFC 3339 text; or what is wrong with it, in words."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return {}, syntax_problems(text, shown, error)
    try:
        return _plain(data), []
    except RecursionError as error:
        return {}, syntax_problems(text, shown, error)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return value


def unstorable(data: Any) -> list[tuple[Path, object]]:
    """Numbers that JSON cannot carry, anywhere: infinite, not a number, beyond 64 bits."""
    found: list[tuple[Path, object]] = []
    waiting: list[tuple[Path, Any]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, index), inner) for index, inner in enumerate(value))
        elif (isinstance(value, float) and not math.isfinite(value)) or (
            isinstance(value, int) and not -(2**63) <= value < 2**63
        ):
            found.append((path, value))
    return found
