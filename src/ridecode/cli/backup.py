"""`ridecode backup` and `ridecode restore`: a whole data folder as one file, and back."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli.options import DATA, Data, Json
from ridecode.cli.output import facts, progress, show, waiting

if TYPE_CHECKING:
    from rich.table import Table

    from ridecode.core import Progress
    from ridecode.store import Saved

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, one file.")]


def backup(file: File, data: Data = DATA, as_json: Json = False) -> None:
    """Save a data folder's cities, keys and files in one file.

    A server may be running. Whoever has the file has the vault: keep it as you keep that.
    """
    from ridecode.store import backup

    _done(backup, "✓ 已备份 · saved", file, data, as_json)


def restore(file: File, data: Data = DATA, as_json: Json = False) -> None:
    """Bring a backup back into a new data folder.

    All of it, or nothing.
    """
    from ridecode.store import restore

    _done(restore, "✓ 已恢复 · restored", file, data, as_json)


def _done(
    work: "Callable[[Path, Path, Progress, Callable[[str], None]], Saved]",
    title: str,
    file: Path,
    data: Path,
    as_json: bool,
) -> None:
    with progress("bytes", as_json) as step:
        saved = work(data, file, step, waiting(as_json))
    show(saved, as_json, lambda: _told(title, data, saved))


def _told(title: str, data: Path, saved: "Saved") -> "Table":
    return facts(
        title,
        {
            "文件 file": saved.file,
            "字节 bytes": saved.bytes,
            "数据目录 data folder": str(data),
            "城市 cities": " ".join(saved.cities),
            "表 tables": saved.tables,
            "行 rows": saved.rows,
            "其他文件 other files": saved.files,
        },
    )
