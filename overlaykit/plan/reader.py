"""Plain data → the types of `form` (or a plugin's own), collecting every problem instead of stopping at the first.

What is wrong is left out and reported; what is right is kept, so that later checks still see it.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from overlaykit.plan.form import Form, Path
from overlaykit.plan.kinds import Kind
from overlaykit.plan.problems import Unfit, names_in, nearest_name
from overlaykit.words import Words

TABLE = Words("a table: { key = value, … }", "表：{ 字段 = 值, … }")
ARRAY = Words("a list in square brackets: [ … ]", "方括号列表：[ … ]")
SECRET_WORDS = ("password", "passwd", "secret", "token", "api_key", "access_key", "密码", "密钥")
_BASIC = {
    str: Words("text in quotes", "加引号的文字"),
    int: Words("a whole number", "整数"),
    float: Words("a number", "数字"),
    bool: Words("true or false, without quotes", "true 或 false（不加引号）"),
}


@dataclass(frozen=True)
class Finding:
    """A problem before its place in the file is looked up."""

    path: Path
    what: Words
    expected: Words | None = None
    nearest: str | None = None


@dataclass
class Findings:
    """Collects what is wrong."""

    all: list[Finding] = field(default_factory=list)

    def add(
        self, path: Path, what: Words | tuple[str, str], expected: Words | None = None, nearest: str | None = None
    ) -> None:
        self.all.append(Finding(path, Words(*what), expected, nearest))

    def unfit(self, path: Path, value: object, kind: Kind, error: Unfit) -> None:
        """A value that its kind does not accept."""
        if error.words:
            shown = show(value)
            what = Words(f"{shown} is not possible: {error.words.en}", f"{shown} 不行：{error.words.zh}")
        else:
            what = _instead(value)
        self.add(path, what, kind.expects)

    def unknown(self, path: Path, what: Words, name: str, known: Sequence[str]) -> None:
        """A name that is not defined: says what exists and the nearest."""
        self.add(path, what, names_in(known), nearest_name(name, known))


def show(value: object) -> str:
    """A value as the author wrote it, cut short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value[:40]}…"' if len(value) > 40 else f'"{value}"'
    if isinstance(value, int) and value.bit_length() > 80:
        return "a huge number"
    return str(value)[:60]


def _instead(value: object) -> Words:
    match value:
        case dict():
            return Words("a table stands here", "这里写成了表")
        case list():
            return Words("a list stands here", "这里写成了列表")
        case "":
            return Words("it is empty", "内容为空")
    shown = show(value)
    return Words(f"{shown} does not fit", f"{shown} 不合要求")


@dataclass
class _Spec:
    """What may stand in one place, worked out from a type."""

    leaf: Any = None
    kind: Kind | None = None
    choices: tuple[Any, ...] = ()
    struct: type[Struct] | None = None
    mapping: tuple[_Spec, _Spec] | None = None
    sequence: _Spec | None = None
    least: int = 0
    anything: bool = False
    skipped: bool = False

    def expects(self) -> Words:
        if self.kind:
            return self.kind.expects
        if self.choices:
            return names_in([show(choice) for choice in self.choices])
        if self.struct or self.mapping:
            return TABLE
        if self.sequence:
            return ARRAY
        return _BASIC.get(self.leaf) or Words(f"a value of type {self.leaf}", f"{self.leaf} 类型的值")


class Reader:
    """Reads plain data as Structs. `skip` types are never read from a plan, such as secrets."""

    def __init__(self, findings: Findings, *, skip: tuple[type, ...] = (), top: type[Struct] | None = None) -> None:
        self.findings = findings
        self.skip = skip
        self.top_keys = {info.encode_name for info in msgspec.structs.fields(top)} if top else set()
        self._specs: dict[type[Struct], dict[str, tuple[str, _Spec, bool]]] = {}

    def read(
        self, data: Mapping[str, Any], type_: type[Struct], at: Path, *, stand_in: Mapping[str, Any] | None = None
    ) -> Any:
        """An instance of `type_` (of a plugin's type: its fields as a dict), or None when something required is missing
        or wrong, which was then reported. `stand_in` has values to go on with for such fields."""
        specs = self._fields(type_)
        ours = issubclass(type_, Form)
        values: dict[str, Any] = dict(stand_in or {})
        complete = True
        for key, value in data.items():
            if key not in specs:
                self._unknown_key(at, key, list(specs))
                continue
            attribute, spec, required = specs[key]
            if spec.skipped:
                self._secret(at, key)
                continue
            found = self._value(value, spec, (*at, key))
            if found is not None:
                values[attribute if ours else key] = found
            elif required:
                complete = False
        for key, (_, spec, required) in specs.items():
            if required and key not in data and not spec.skipped:
                complete = False
                what = Words(f"the key `{key}` is missing", f"缺少 `{key}`")
                self.findings.add((*at, key), what, spec.expects())
        if not complete and stand_in is None:
            return None
        if ours:
            made = type_(**values)
            made.__dict__["at"] = at
            return made
        return values

    def _fields(self, type_: type[Struct]) -> dict[str, tuple[str, _Spec, bool]]:
        if type_ not in self._specs:
            hints = get_type_hints(type_, include_extras=True)
            self._specs[type_] = {
                info.encode_name: (info.name, self._spec(hints[info.name]), info.required)
                for info in msgspec.structs.fields(type_)
            }
        return self._specs[type_]

    def _spec(self, type_: Any) -> _Spec:
        spec = _Spec()
        self._add(spec, type_)
        return spec

    def _add(self, spec: _Spec, type_: Any) -> None:
        origin, arguments = get_origin(type_), get_args(type_)
        if origin is Annotated:
            self._add(spec, arguments[0])
            for meta in arguments[1:]:
                if isinstance(meta, Meta):
                    spec.kind = (meta.extra or {}).get("kind", spec.kind)
                    spec.least = meta.min_length or spec.least
            if not spec.kind and spec.leaf is not None:
                spec.leaf = type_
        elif origin in (Union, types.UnionType):
            for argument in arguments:
                self._add(spec, argument)
        elif origin is Literal:
            spec.choices = arguments
        elif origin in (list, tuple, Sequence, set, frozenset):
            inner = self._spec(arguments[0])
            spec.skipped = inner.skipped
            spec.sequence = None if inner.skipped else inner
        elif origin in (dict, Mapping):
            spec.mapping = (self._spec(arguments[0]), self._spec(arguments[1]))
        elif type_ is Any:
            spec.anything = True
        elif isinstance(type_, type) and self.skip and issubclass(type_, self.skip):
            spec.skipped = True
        elif isinstance(type_, type) and issubclass(type_, Struct):
            spec.struct = type_
        elif type_ is not type(None):
            spec.leaf = type_ if spec.leaf is None else spec.leaf | type_

    def _value(self, value: Any, spec: _Spec, at: Path) -> Any:
        if isinstance(value, dict) and spec.struct:
            return self.read(value, spec.struct, at)
        if isinstance(value, dict) and spec.mapping:
            return self._mapping(value, *spec.mapping, at)
        if isinstance(value, list) and spec.sequence:
            return self._sequence(value, spec, at)
        if spec.anything:
            return value
        if isinstance(value, (dict, list)) or (spec.leaf is None and not spec.choices):
            self.findings.add(at, self._misplaced(value, spec, at), spec.expects())
            return None
        return self._leaf(value, spec, at)

    def _misplaced(self, value: Any, spec: _Spec, at: Path) -> Words:
        if isinstance(value, dict) and spec.sequence and spec.sequence.struct:
            header = ".".join(str(step) for step in at)
            return Words(f"write [[{header}]] with two brackets, one for each", f"请写双方括号 [[{header}]]，每项一个")
        if isinstance(value, list) and spec.mapping and spec.mapping[1].struct:
            header = ".".join(str(step) for step in at)
            return Words(f"write [{header}.NAME], with a name for each", f"请写 [{header}.名称]，每项有自己的名称")
        return _instead(value)

    def _mapping(self, value: dict[str, Any], key_spec: _Spec, value_spec: _Spec, at: Path) -> dict[str, Any]:
        found = {}
        for key, inner in value.items():
            if self._leaf(key, key_spec, (*at, key)) is None:
                continue
            made = self._value(inner, value_spec, (*at, key))
            if made is not None:
                found[key] = made
        return found

    def _sequence(self, value: list[Any], spec: _Spec, at: Path) -> list[Any] | None:
        if len(value) < spec.least:
            self.findings.add(at, Words("the list is empty", "列表是空的"), ARRAY)
            return None
        assert spec.sequence
        made = [self._value(inner, spec.sequence, (*at, index)) for index, inner in enumerate(value)]
        return [inner for inner in made if inner is not None]

    def _leaf(self, value: Any, spec: _Spec, at: Path) -> Any:
        if spec.choices:
            if any(value is choice or (type(value) is type(choice) and value == choice) for choice in spec.choices):
                return value
            near = (
                nearest_name(value, [c for c in spec.choices if isinstance(c, str)]) if isinstance(value, str) else None
            )
            self.findings.add(at, _instead(value), spec.expects(), near)
            return None
        if spec.kind:
            try:
                spec.kind.check(value)
            except Unfit as error:
                self.findings.unfit(at, value, spec.kind, error)
                return None
            return value
        try:
            return msgspec.convert(value, spec.leaf)
        except msgspec.ValidationError as error:
            said = str(error)
            basic = _BASIC.get(spec.leaf)
            self.findings.add(at, _instead(value) if basic else Words(said, said), basic)
        return None

    def _unknown_key(self, at: Path, key: str, known: list[str]) -> None:
        if any(word in key.casefold() for word in SECRET_WORDS):
            self._secret(at, key)
        elif at and key in self.top_keys:
            what = Words(
                f"`{key}` belongs at the top of the file, before the first [section]",
                f"`{key}` 要放在文件顶部、第一个 [节] 之前",
            )
            self.findings.add((*at, key), what)
        else:
            what = Words(f"unknown key `{key[:80]}`", f"没有 `{key[:80]}` 这个字段")
            self.findings.unknown((*at, key), what, key, known)

    def _secret(self, at: Path, key: str) -> None:
        what = Words(
            f"`{key}` looks like a secret: secrets never stand in a plan; set it on the desk or in the environment",
            f"`{key}` 像是密钥：密钥不要写在方案里，请在控制台或环境变量里设置",
        )
        self.findings.add((*at, key), what)
