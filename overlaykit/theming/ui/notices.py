"""Macros that say something: states, banners, moments, and that numbers are not current."""

from __future__ import annotations

from markupsafe import Markup, escape

from overlaykit.board.types import Announcement, BoardItem
from overlaykit.errors import ThemeError
from overlaykit.theming.keyed import read_field
from overlaykit.theming.scene import Scene
from overlaykit.theming.ui.base import Base, is_item
from overlaykit.theming.words import Words

NAMED_MOMENTS = ("last_chance", "sold_out")
LONGEST_MOMENT = 15
"""Seconds. A scene that plays longer is a picture of its own, and keeps all others waiting."""


class Notices(Base):
    """Words."""

    def badge(self, item: BoardItem) -> Markup:
        """The state of an item in a word, as `_('state_low')` says it."""
        is_item("badge", item)
        return Markup(
            f'<span class="ok-badge ok-badge-{item.state} heat-{item.heat}" data-key="{escape(item.sku)}.state"'
            f"{self._marks(read_field(item, 'available'))}>{escape(self._words(f'state_{item.state}'))}</span>"
        )

    def moment(self, name: str, *, text: str | None = None, seconds: float = 4, key: str | None = None) -> Markup:
        """A short scene when something happens while the page is open, such as sold_out; then its text stays, calm."""
        if text is None and f"moment_{name}" not in self._words:
            raise ThemeError(
                f"ui.moment has no words for {name!r}",
                remedy=f"Give it text=…, or the string moment_{name}. It knows: {', '.join(NAMED_MOMENTS)}.",
            )
        if not 0 < seconds <= LONGEST_MOMENT:
            raise ThemeError(f"ui.moment cannot play for {seconds!r} seconds", remedy=f"Write 1 … {LONGEST_MOMENT}.")
        says = self._words(f"moment_{name}") if text is None else text
        owner = self._scene.subject.sku if self._scene.subject else "room"
        return Markup(
            f'<ok-moment{self._key(says, key or f"{owner}.moment.{name}")} name="{escape(name)}" seconds="{seconds:g}">'
            f"{escape(says)}</ok-moment>"
        )

    def announcement(self, announcement: Announcement) -> Markup:
        """A banner, with its level as a class: ok-announcement-info, -warning, -urgent."""
        level = announcement.level
        return Markup(
            f'<p class="ok-announcement ok-announcement-{level}" data-key="announcement.{escape(announcement.id)}" '
            f'role="status">{escape(announcement.text)}</p>'
        )

    def announcements(self) -> Markup:
        """All banners, oldest first."""
        shown = (self.announcement(each) for each in self._scene.whole_board().announcements)
        return Markup('<div class="ok-announcements">{}</div>').format(Markup("").join(shown))

    def status(self) -> Markup:
        """Where the page says that its numbers are not current, or the session is not on; empty while all is well."""
        return _status(self._scene, self._words)


def unsaid_status(scene: Scene, words: Words) -> Markup:
    """What a picture says at its lower edge when its template does not place `ui.status()`: nothing while all is well."""
    return _status(scene, words, placed=False) if _says(scene) else Markup("")


def _status(scene: Scene, words: Words, *, placed: bool = True) -> Markup:
    key = _says(scene)
    says = escape(words(key)) if key else ""
    where = "" if placed else ' class="ok-note"'
    updating = escape(words("updating"))
    return Markup(f'<ok-status{where} says="{says}" updating="{updating}" role="status"></ok-status>')


def _says(scene: Scene) -> str | None:
    """The key of what has to be said, the most misleading first."""
    if scene.subject is not None and scene.subject.stale:
        return "updating"
    return {"frozen": "frozen", "planned": "planned", "closed": "ended"}.get(scene.status)
