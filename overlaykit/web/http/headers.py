"""Response headers that keep a page to itself."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

PAGE_POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: https:",
    "font-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""Content-Security-Policy of a page of ours: nothing inline, nothing from elsewhere but pictures."""

FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
"""Content-Security-Policy of a theme's file or a plan's picture: an SVG that somebody opens by itself loads and runs nothing."""


def content_security_policy(**changed: str | None) -> str:
    """`PAGE_POLICY` with directives changed: `content_security_policy(style_src_attr="'unsafe-inline'")`. None leaves one out."""
    policy: dict[str, str | None] = dict(PAGE_POLICY)
    policy.update({name.replace("_", "-"): value for name, value in changed.items()})
    return "; ".join(f"{name} {value}" for name, value in policy.items() if value is not None)


def protect(response: Response) -> Response:
    """Sets what every answer carries; a policy that a page set for itself stays."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # A page's address may hold a token: it must not travel to wherever a link or picture points.
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", content_security_policy())
        headers.setdefault("Cache-Control", "no-store")
    return response
