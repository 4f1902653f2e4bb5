"""GET /media/{session}/{path}: the pictures that stand beside a session's plan.

They are shown on air, so no token guards them; nothing but the pictures that items or the overlays' options name is given out.
"""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, abort, send_from_directory
from werkzeug.security import safe_join

from overlaykit.board import Look
from overlaykit.plan import Words
from overlaykit.theming.options import PICTURES
from overlaykit.web.edge import edge
from overlaykit.web.http.headers import FILE_POLICY
from overlaykit.web.names.naming import listed

LOOKED_AT = 2000
"""Files of a session's folder that are looked at for the name of a picture."""
MAX_AGE = 60
"""Seconds that a page may keep a picture without asking again."""


def blueprint() -> Blueprint:
    routes = Blueprint("pictures", __name__)
    routes.add_url_rule("/media/<session>/<path:name>", view_func=picture)
    return routes


def picture(session: str, name: str) -> Response:
    folder = edge().services.folder_of(session)
    if folder is None or not name.lower().endswith(PICTURES):
        abort(404)
    fold = edge().rooms.get(session).fold
    if name not in fold.look.options.values() and all(item.image != name for item in fold.plan.items):
        abort(404)
    answer = send_from_directory(folder, name, max_age=MAX_AGE)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


def missing_picture(folder: Path | None, image: str) -> Words | None:
    """What to say of a picture of an item that could not be shown; None when it can be, or nobody here knows the folder."""
    if folder is None or re.match("https?://", image):
        return None
    found = safe_join(str(folder), image)
    if found is not None and image.lower().endswith(PICTURES) and Path(found).is_file():
        return None
    near = islice((path for depth in ("*", "*/*") for path in folder.glob(depth)), LOOKED_AT)
    there = sorted(path.relative_to(folder).as_posix() for path in near if path.name.lower().endswith(PICTURES))
    if not there:
        return Words(
            f"there is no picture {image} in the session's folder: put it there first, or give its address on the web",
            f"场次文件夹里没有图片 {image}：请先放进去，或填图片网址",
        )
    known = listed(image, there)
    return Words(
        f"there is no picture {image} in the session's folder; it has {known.en}",
        f"场次文件夹里没有图片 {image}；有：{known.zh}",
    )


def picture_address(session: str, folder: Path | None, look: Look, name: str) -> str | None:
    """Under which URL a picture that an overlay's option names is given out; None when it is not."""
    if folder is None or name not in look.options.values() or not name.lower().endswith(PICTURES):
        return None
    found = safe_join(str(folder), name)
    return f"/media/{quote(session)}/{quote(name)}" if found is not None and Path(found).is_file() else None
