"""What a picture shows at the moment: macros look here for what they are not given."""

from __future__ import annotations

from overlaykit.board.types import Board, BoardItem


class Scene:
    """The board and the item of the rendering that goes on. `begin` comes before each.

    A macro may depend on its arguments, on what `implicit` lists, and on `whole_board`. Looking at that is counted in
    `board_reads`, since a live part that did so has to be rendered at every change.
    """

    def __init__(self) -> None:
        self._board: Board | None = None
        self.subject: BoardItem | None = None
        self.board_reads = 0

    def begin(self, board: Board, subject: BoardItem | None) -> None:
        """A rendering of `board` begins; `subject` is the picture's item, if there is one."""
        self._board = board
        self.subject = subject

    @property
    def implicit(self) -> tuple[object, ...]:
        """What macros take into account without being given it: the session's status, and of the subject sku, heat, stale."""
        subject = self.subject
        return (self.status, *((subject.sku, subject.heat, subject.stale) if subject else ()))

    @property
    def status(self) -> str:
        """The session's: planned, live, frozen or closed."""
        return self._shown().session.status

    def whole_board(self) -> Board:
        """Everything there is to show."""
        self.board_reads += 1
        return self._shown()

    def _shown(self) -> Board:
        assert self._board is not None, "nothing is rendered before begin"
        return self._board
