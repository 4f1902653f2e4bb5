"""GET …/secrets: which secrets a session's plan wants, and whether they are set; PUT and DELETE of one. None is ever sent out."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Literal

from flask import Blueprint, Response
from msgspec import Meta, Struct

from overlaykit.errors import UserError
from overlaykit.pluginhost.targets import WantedSecret, variable, wanted_secrets
from overlaykit.stock import SessionRecord
from overlaykit.web.edge import allow, allow_change, edge
from overlaykit.web.http.auth import ADMIN, DESK, Caller
from overlaykit.web.http.bodies import answer_json, read_json
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.web.http.query import session_name
from overlaykit.web.services import SecretKeeper
from overlaykit.words import Words

log = logging.getLogger(__name__)

MAX_BODY = 32 * 1024
BLANK = " \t\r\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
"""What is copied along with a secret, and does not belong to it."""


class SecretAnswer(Struct, frozen=True, kw_only=True):
    """A secret that the plan wants.

    section, name, field   whose it is: `secret` of [channel.douyin]
    required   the section does not work without it
    set_by     environment: of the machine where the room was started; kept: in the room's state folder; null: nobody
    variable   the environment's variable for it
    """

    section: str
    name: str
    field: str
    required: bool
    set_by: Literal["environment", "kept"] | None
    variable: str


class SecretsAnswer(Struct, frozen=True, kw_only=True):
    """In the plan's order. `kept_here`: whether this web process can keep one."""

    secrets: list[SecretAnswer]
    kept_here: bool


class NewSecret(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text of a secret; space around it is left out. `only_if_unset`: refused where one is kept already, as two people may be
    setting it."""

    secret: Annotated[str, Meta(min_length=1, max_length=16_384)]
    only_if_unset: bool = False


def blueprint() -> Blueprint:
    routes = Blueprint("secrets", __name__, url_prefix="/api/v1")
    routes.add_url_rule("/sessions/<session>/secrets", view_func=secrets)
    routes.add_url_rule("/secrets/<section>/<name>/<field>", view_func=put, methods=["PUT"])
    routes.add_url_rule("/secrets/<section>/<name>/<field>", view_func=take_away, methods=["DELETE"])
    return routes


def secrets(session: str) -> Response:
    """All that the plan wants."""
    allow(DESK)
    wanted = _wanted(edge().rooms.resolve(session))
    keeper = edge().services.keeper
    return answer_json(
        SecretsAnswer(secrets=[_answer(each, keeper) for each in wanted], kept_here=keeper is not None), kept=False
    )


def put(section: str, name: str, field: str) -> Response:
    """Keeps a secret in the room's state folder."""
    admin = allow_change(ADMIN)
    given = read_json(NewSecret, Words("A secret", "密钥"), MAX_BODY)
    text = given.secret.strip(BLANK)
    if not text:
        raise ProblemError(problem(422, Words("The secret is empty.", "密钥是空的"), kind="invalid"))
    if any(unicodedata.category(letter) in ("Cc", "Cf") and letter not in "\n\t" for letter in text):
        detail = Words(
            "There are invisible characters within the secret: copy it from the platform's page again.",
            "密钥里有看不见的字符，请从平台页面重新复制",
        )
        raise ProblemError(problem(422, detail, kind="invalid"))
    return _keep(admin, section, name, field, text, only_if_unset=given.only_if_unset)


def take_away(section: str, name: str, field: str) -> Response:
    """Forgets a secret that was kept."""
    return _keep(allow_change(ADMIN), section, name, field, None)


def _keep(
    admin: Caller, section: str, name: str, field: str, text: str | None, *, only_if_unset: bool = False
) -> Response:
    wanted = _wanted(edge().rooms.resolve(session_name()))
    found = next((each for each in wanted if each[:3] == (section, name, field)), None)
    if found is None:
        names = ", ".join(f"{each.section}.{each.name}.{each.field}" for each in wanted)
        detail = Words(
            f"This session's plan wants no secret {section}.{name}.{field}; it wants: {names or 'none'}.",
            f"本场用不到密钥 {section}.{name}.{field}；要用的是：{names or '无'}。",
        )
        raise ProblemError(problem(404, detail, kind="unknown_secret"))
    keeper = edge().services.keeper
    if keeper is None:
        detail = Words(
            f"This web process has no state folder; set {variable(section, name, field)} instead.",
            f"这个 web 进程没有状态文件夹，请改用环境变量 {variable(section, name, field)}。",
        )
        raise ProblemError(problem(409, detail, kind="not_kept_here"))
    if only_if_unset and keeper.origin(section, name, field) == "kept":
        detail = Words(
            "Somebody has just set this secret, and it was left as it is; save again to put yours in its place.",
            "刚刚有人设置过这个密钥，没有覆盖；要换成您的，再保存一次",
        )
        raise ProblemError(problem(409, detail, kind="set_meanwhile"))
    try:
        keeper.keep(section, name, field, text)
    except UserError as error:
        raise ProblemError(problem(409, error.words, kind="not_kept")) from None
    log.info("%s has %s the secret %s of [%s.%s]", admin.name, "set" if text else "taken away", field, section, name)
    return answer_json(_answer(found, keeper), kept=False)


def _wanted(record: SessionRecord) -> Sequence[WantedSecret]:
    return wanted_secrets(edge().rooms.get(record.id).fold.plan, edge().services.connectors)


def _answer(wanted: WantedSecret, keeper: SecretKeeper | None) -> SecretAnswer:
    where = (wanted.section, wanted.name, wanted.field)
    return SecretAnswer(
        section=wanted.section,
        name=wanted.name,
        field=wanted.field,
        required=wanted.required,
        set_by=None if keeper is None else keeper.origin(*where),
        variable=variable(*where),
    )
