"""Boards and themes made by hand, for tests that need no room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from overlaykit.board.types import Board, BoardItem, SessionHead
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, LoadedTheme, Selector, load_theme, open_picture, subject_of

COAT = BoardItem(
    sku="coat",
    link=1,
    product=None,
    variant="黑 M",
    title="羊绒大衣",
    subtitle=None,
    price="899.00",
    list_price="1599.00",
    image=None,
    state="on_sale",
    on_air=True,
    available=98,
    opening=100,
    sold=0,
    held=2,
    oversold=0,
    remaining=0.98,
    heat="green",
    stale=False,
    ship_by=None,
    countdown=None,
    drop=None,
    regions={"US": 40, "EU": 58},
    pace_per_minute=None,
    sells_out_at=None,
)


@pytest.fixture
def make_item() -> Callable[..., BoardItem]:
    """An item like the coat, with other fields."""
    return lambda **fields: msgspec.structs.replace(COAT, **fields)


@pytest.fixture
def make_board() -> Callable[..., Board]:
    """A live board of these items, the first on air; other fields of the board by name."""

    def make(*items: BoardItem, status: str = "live", **fields: object) -> Board:
        found = {item.sku: item for item in items or (COAT,)}
        return Board(
            session=SessionHead(id="s", title="测试场", status=status, locale="zh-CN", currency="CNY"),  # type: ignore[arg-type]
            **{
                "seq": 17,
                "on_air": next(iter(found)),
                "on_air_product": None,
                "items": found,
                "products": {},
                "order": list(found),
                "countdowns": {},
                "announcements": [],
                **fields,
            },  # type: ignore[arg-type]
        )

    return make


@pytest.fixture
def theme_folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes a theme: its template `page.html`, and lines added to its manifest."""

    def write(template: str = "", more: str = "", needs: str = "") -> Path:
        folder = tmp_path / "acme"
        folder.mkdir(exist_ok=True)
        (folder / "page.html").write_text(template, encoding="utf-8")
        manifest = f'id = "acme"\nname = "Acme"\nversion = "1"\n[layouts.page]\ntemplate = "page.html"\n{needs}\n{more}'
        (folder / "theme.toml").write_text(manifest, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def formats() -> Formats:
    return Formats("zh-CN", "Asia/Shanghai", "CNY")


@pytest.fixture
def render(theme_folder: Callable[..., Path], make_board: Callable[..., Board], formats: Formats) -> Callable[..., str]:
    """Renders a template text over a board (default: the coat), in Chinese."""

    def do(template: str, board: Board | None = None, more: str = "", needs: str = "", **options: object) -> str:
        theme = load_theme(Theme(name="acme", folder=theme_folder(template, more, needs)))
        return show(theme, "page", board or make_board(), formats, **options)

    return do


def show(theme: LoadedTheme, layout: str, board: Board, formats: Formats, **options: object) -> str:
    """A layout of a theme over a board, about the item on air."""
    picture = open_picture(theme, layout, formats=formats, options=theme.options(options), asset_url="/files")  # type: ignore[arg-type]
    return picture.render(board, subject_of(board, Selector()))
