"""The arguments of the action `stock`: a command's name, and its fields beside it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from overlaykit.director.actions.arguments import Arguments, says
from overlaykit.errors import InvalidCommand
from overlaykit.model.commands import COMMANDS
from overlaykit.model.parsing import parse
from overlaykit.plan.values import is_template

FAMILIES = ("stock", "allotment", "drop", "item", "countdown", "announce", "overlay", "session")
"""What a rule may send: orders are customers', and what operators alone say stays theirs."""
SENDABLE = tuple(name for name in COMMANDS if name.partition(".")[0] in FAMILIES)


def _is_text_to_fill_in(value: Any) -> bool:
    return isinstance(value, str) and is_template(value)


class _CommandArguments(Arguments):
    """Base: whatever stands beside `command` has to fit the command."""

    command: Annotated[Literal[SENDABLE], says("the command, such as session.freeze; its fields stand beside it")]  # type: ignore[valid-type]

    def __post_init__(self) -> None:
        given = _given(self)
        own = {field.encode_name for field in msgspec.structs.fields(COMMANDS[self.command])} - {"id"}
        strange = sorted(set(given) - own)
        if strange:
            raise ValueError(f"{self.command} has no {strange[0]!r}; it has: {', '.join(sorted(own)) or 'no fields'}")
        if not any(map(_is_text_to_fill_in, given.values())):
            fields_of(self, "sku")


def _every_field() -> list[tuple[str, Any, Any]]:
    names = {field.encode_name: field.name for name in SENDABLE for field in msgspec.structs.fields(COMMANDS[name])}
    del names["id"]
    return [(own, Annotated[Any | UnsetType, says("as the command has it")], UNSET) for own in names.values()]


AnyCommandArguments = msgspec.defstruct(
    "AnyCommandArguments",
    _every_field(),
    bases=(_CommandArguments,),
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"from_": "from"},
    module=__name__,
)
"""`command` and every field that one of the commands has; which of them fit is checked when it is made."""


def _given(arguments: Any) -> dict[str, Any]:
    """What stands beside `command`, as it is called on the wire."""
    return {
        field.encode_name: getattr(arguments, field.name)
        for field in msgspec.structs.fields(type(arguments))
        if field.name != "command" and getattr(arguments, field.name) is not UNSET
    }


def fields_of(arguments: Any, sku: str | None) -> dict[str, Any]:
    """The command that the arguments mean. `sku`: the item that the rule is about, for a command that says none.

    Raises ValueError, with what is wrong, when it has not the documented shape.
    """
    command = {"type": arguments.command, **_given(arguments)}
    if sku is not None and "sku" not in command and _needs_sku(arguments.command, command):
        command["sku"] = sku
    try:
        # A number that was filled in comes as a text.
        kind = COMMANDS[arguments.command]
        given = {key: value for key, value in command.items() if key != "type"}
        command = {**msgspec.to_builtins(msgspec.convert(given, kind, strict=False)), "type": arguments.command}
        parse(msgspec.json.encode(command), "rule:check")
    except (InvalidCommand, msgspec.ValidationError) as error:
        raise ValueError(f"{arguments.command}: {error}") from None
    return command


def _needs_sku(name: str, command: dict[str, Any]) -> bool:
    if name == "item.feature":
        return not {"product", "link"} & set(command)
    return any(field.encode_name == "sku" and field.required for field in msgspec.structs.fields(COMMANDS[name]))
