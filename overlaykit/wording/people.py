"""Who is behind a source of entries, where no plan is needed to say it."""

from __future__ import annotations

from overlaykit.words import Words, alike


def person(source: str) -> Words:
    """`desk:小王` is 操作员 小王; what only a plan can name stays as it is."""
    kind, _, name = source.partition(":")
    match kind, name:
        case "desk", "operator":  # whose token `run` prints
            return Words("operator", "操作员")
        case "api", "run":
            return alike("overlaykit run")
        case "api", "player":
            return Words("the player of the recording", "录像回放")
        case "rule", "audit":
            return Words("the audit", "对账")
        case "clock", _:
            return Words("the clock", "系统时钟")
        case "overlays", _:
            return Words("the overlay watch", "画面守护")
        case _, "":
            return alike(source)
        case "connector", _:
            return alike(name)
    titles = {
        "desk": Words("operator", "操作员"),
        "button": Words("button", "按钮"),
        "api": Words("API", "接口"),
        "webhook": Words("webhook", "Webhook"),
        "obs": alike("OBS"),
    }
    title = titles.get(kind)
    return alike(source) if title is None else Words(f"{title.en} {name}", f"{title.zh} {name}")
