"""What an open view shows now, and the frames that bring a page from what it was last sent to that.

frame   {"type": "frame", "line", "seq", "at", "html"}: the whole picture
parts   {"type": "parts", "line", "seq", "at", "parts": {key: html}}: the live parts that changed; the rest stays
"""

from __future__ import annotations

import msgspec

from overlaykit.theming import Rendered
from overlaykit.web.http.sockets import encode_frame


class Frames:
    """The last rendering that went well, with a `version` that grows whenever it says something else.

    line     names the line of seqs that `seq` belongs to
    seq      the ledger entry up to which it is true
    changed  the ledger entry at which it last said something else: a page that has everything shows at least that
    """

    def __init__(self) -> None:
        self.version = 0
        self.line: str | None = None
        self.seq = 0
        self.changed = 0
        self._at = ""
        self._shown = Rendered("", {})
        self._whole_since = 0
        self._part_since: dict[str, int] = {}
        self._made: dict[int, bytes] = {}

    @property
    def html(self) -> str:
        """The whole markup."""
        return self._shown.html

    def update(self, rendered: Rendered, line: str, seq: int, at: str) -> bool:
        """Takes the rendering of the board at `seq`, begun at the server's time `at`. Returns whether pages have to hear of it."""
        before, self._shown, self.seq = self._shown, rendered, seq
        version = self.version + 1
        if self.line != line or rendered.skeleton != before.skeleton or rendered.parts.keys() != before.parts.keys():
            self._whole_since = version
            self._part_since = {}
        else:
            changed = [key for key, markup in rendered.parts.items() if before.parts[key] != markup]
            if not changed:
                return False
            self._part_since.update(dict.fromkeys(changed, version))
        self.version, self.line, self.changed, self._at = version, line, seq, at
        self._made.clear()
        return True

    def since(self, version: int) -> bytes | None:
        """The frame for a page that was last sent `version` (0: nothing yet); None when it has everything. Made once for all."""
        if version >= self.version:
            return None
        made = self._made.get(version)
        if made is None:
            made = self._made[version] = encode_frame(msgspec.json.encode(self._message(version)))
        return made

    def _message(self, version: int) -> dict[str, object]:
        head: dict[str, object] = {"line": self.line, "seq": self.seq, "at": self._at}
        if version < self._whole_since:
            return {"type": "frame", **head, "html": self.html}
        changed = {key: self._shown.parts[key] for key, since in self._part_since.items() if since > version}
        return {"type": "parts", **head, "parts": changed}
