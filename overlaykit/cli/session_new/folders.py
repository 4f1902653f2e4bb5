"""Where a new plan is put: whether a folder takes files is looked at before anything is asked; all of them go there, or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from overlaykit.cli.session_new.asking import Questions
from overlaykit.errors import UserError
from overlaykit.plan.loading import FILE_NAME


class CannotWriteError(UserError):
    """A place where nothing can be written; another one may do."""


def where(folder: Path | None, ask: Questions | None) -> Path | None:
    """The folder that was named, or None where it is named after the title, here: either can be written to. Another one where
    nothing can be written here. Raises UserError where it cannot be, and nobody is there to be asked (`ask` is None)."""
    if folder is not None:
        must_take_files(folder)
        return folder
    try:
        _must_be_writable(Path())
    except CannotWriteError as error:
        if ask is None:
            raise
        ask.trouble(error)
        return ask.folder(must_take_files)
    return None


def must_take_files(folder: Path) -> None:
    """Raises CannotWriteError."""
    _must_be_free(folder)
    _must_be_writable(folder)


def free_folder(name: str) -> Path:
    number, folder = 1, Path(name)
    while folder.exists():
        number += 1
        folder = Path(f"{name}-{number}")
    return folder


def put(files: Sequence[Path], folder: Path) -> None:
    """Puts all of them into the folder, or none: an empty plan would be in the way of the next try."""
    with ExitStack() as taken_back:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                with (folder / file.name).open("xb") as out:
                    taken_back.callback((folder / file.name).unlink)
                    out.write(file.read_bytes())
        except FileExistsError as error:
            raise CannotWriteError(
                f"{error.filename} 已经有了，不会覆盖 / {error.filename} is there already, and nothing is overwritten",
                remedy="换一个文件夹 / choose another folder.",
            ) from None
        except OSError as error:
            raise _unwritable(folder, error) from None
        taken_back.pop_all()


def _must_be_writable(folder: Path) -> None:
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(each))
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def _must_be_free(folder: Path) -> None:
    if (folder / FILE_NAME).exists():
        raise CannotWriteError(
            f"{folder / FILE_NAME} 已经有了，不会覆盖 / {folder / FILE_NAME} is there already, and nothing is overwritten",
            remedy="换一个文件夹，或直接改那个文件 / choose another folder, or edit that file.",
        )


def _unwritable(folder: Path, error: OSError) -> CannotWriteError:
    return CannotWriteError(
        f"{folder} 不能写入 / {folder} cannot be written: {error.strerror}",
        remedy="换一个文件夹 / choose another folder.",
    )
