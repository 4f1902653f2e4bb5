"""The HTML of an overlay page, its markup already in it, and the policy it is sent with. No request, no room."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from markupsafe import Markup

from overlaykit.theming import BUILTIN_OPTIONS, Picture
from overlaykit.web.http.headers import content_security_policy

MODULES = (
    "page.js",
    "clock.js",
    "liveness.js",
    "morph.js",
    "passage.js",
    "stage.js",
    "idiomorph/idiomorph.esm.js",
    "elements.js",
    "elements/live.js",
    "elements/motion.js",
    "elements/frames.js",
    "elements/figures.js",
    "elements/number.js",
    "elements/bar.js",
    "elements/ring.js",
    "elements/units.js",
    "elements/countdown.js",
    "elements/moment.js",
    "elements/heatmap.js",
    "elements/ticker.js",
)
"""What every page loads, in its runtime's folder."""

_PAGE = """<!doctype html>
<html lang="{lang}" data-layout="{layout}" data-link="{link}" data-line="{line}" data-seq="{seq}" data-build="{build}" \
data-server-time="{server_time}"{stream_delay} data-motion="{motion}" data-safe="{safe}"{error}>
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
{links}
<style nonce="{nonce}">{faces}:root{{{variables}}}</style>
<script nonce="{nonce}" type="module" src="{runtime}/page.js"></script>
</head>
<body class="layout-{layout}">
<main id="overlay">{markup}</main>
<p id="ok-note" role="status" hidden>{note}</p>
</body>
</html>
"""


class Document(NamedTuple):
    """A page as text, and its Content-Security-Policy."""

    html: str
    policy: str


def write_document(
    picture: Picture | None,
    *,
    layout: str,
    lang: str,
    runtime: str,
    theme_files: str,
    title: str,
    markup: str,
    server_time: str,
    link: str = "live",
    line: str = "",
    seq: int = 0,
    build: str = "",
    stream_delay: int = 0,
    error: str | None = None,
) -> Document:
    """The page of a layout. `picture`: None while nothing is known of it yet.

    runtime, theme_files   under which URLs the page's runtime and the theme's files are, without a slash at the end
    markup                 what the picture rendered: HTML, escaped by the sandbox
    server_time            RFC 3339 UTC; the page's clock starts from it
    stream_delay           milliseconds by which those who watch see the page late
    link, line, seq, build, error   the page's first state, as its script reads it
    """
    nonce = secrets.token_urlsafe(12)
    sheets = [f"{runtime}/page.css", f"{runtime}/blocks.css"]
    if picture is not None:
        sheets += [f"{theme_files}/{style}" for style in picture.styles]
    links = [Markup('<link rel="stylesheet" href="{}">').format(sheet) for sheet in sheets]
    preload = Markup('<link nonce="{}" rel="modulepreload" href="{}/{}">')
    links += [preload.format(nonce, runtime, name) for name in MODULES]
    options = picture.options if picture else {name: option.default for name, option in BUILTIN_OPTIONS.items()}
    html = Markup(_PAGE).format(
        lang=lang,
        layout=layout,
        link=link,
        line=line,
        seq=seq,
        build=build,
        server_time=server_time,
        stream_delay=Markup(' data-stream-delay="{}"').format(stream_delay) if stream_delay else "",
        error=Markup(' data-error="{}"').format(error) if error else "",
        title=title,
        links=Markup("\n").join(links),
        nonce=nonce,
        motion=options["motion"],
        safe=options["safe"],
        faces=Markup(picture.font_faces if picture else ""),  # typed and escaped by the options
        variables=Markup(picture.css_variables if picture else ""),  # likewise
        runtime=runtime,
        markup=Markup(markup),  # rendered in the sandbox, with autoescape
        note=picture.status_word("updating") if picture else "…",
    )
    policy = content_security_policy(
        # Browsers driven from outside (monitors, measurements) evaluate expressions in the page. No
        # script of ours evaluates text, and nobody else's runs: not 'self', since a theme's files are served from here too.
        script_src=f"'nonce-{nonce}' 'unsafe-eval'",
        style_src=f"'self' 'nonce-{nonce}'",
        style_src_attr="'unsafe-inline'",  # a theme's style="…" and custom properties; no script comes of it
        img_src="'self' data: https: http:",
        font_src="'self' data:",
        frame_ancestors="'self'",
    )
    return Document(html, policy)
