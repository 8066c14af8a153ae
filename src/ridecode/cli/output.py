"""How the command line speaks: JSON for programs, plain tables for people, errors with a remedy.

Exit codes: 0 done, or the code was accepted; 1 the code was refused; 2 malformed input; 3 not
found; 4 the same id with another body; 5 a rule refuses it; 6 something needed is not there;
70 a fault of our own; 130 interrupted.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from ridecode.core import BadInputError, Progress, RidecodeError, unseen

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table
    from rich.text import Text

REFUSED = 1
CRASHED = 70
INTERRUPTED = 130


@cache
def _console(*, stderr: bool) -> "Console":
    """Made when first drawn on: neither `--help` nor `--json` ever loads rich."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def show(record: object, as_json: bool, human: Callable[[], object]) -> None:
    """Print the record as one line of JSON, or what `human` makes of it."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(record, enc_hook=_plain).decode() + "\n")
    else:
        _console(stderr=False).print(human())


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def table(title: str, columns: list[str], rows: list[list[object]]) -> "Table":
    """A quiet table: figures to the right, texts to the left, and none cut short."""
    from rich.table import Table

    made = Table(title=_cell(title), title_justify="left", box=None, pad_edge=False,
                 title_style="bold", show_header=any(columns))  # fmt: skip
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        justify: JustifyMethod = "right" if numeric else "left"
        made.add_column(column, justify=justify, header_style="dim", overflow="fold")
    for row in rows:
        made.add_row(*map(_cell, row))
    return made


def facts(title: str, pairs: dict[str, object]) -> "Table":
    """One record for people: names to the left, values to the right."""
    from rich.table import Table

    made = Table(title=_cell(title), title_justify="left", box=None, pad_edge=False,
                 show_header=False, title_style="bold")  # fmt: skip
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        made.add_row(_cell(name), _cell(value))
    return made


def _cell(value: object) -> "Text":
    """As it is: what stands in brackets is no mark-up, whoever wrote it."""
    from rich.text import Text

    return Text(f"{value:,}" if isinstance(value, int) else str(value))


def complain(error: RidecodeError, as_json: bool) -> None:
    """Say what happened and what to do, on standard error."""
    if as_json:
        body: dict[str, object] = {"what": error.what, "remedy": error.remedy}
        if isinstance(error, BadInputError):
            body |= {"file": error.file, "line": error.line, "column": error.column}
        named = {"error": {"code": type(error).__name__, **body}}
        sys.stderr.write(msgspec.json.encode(named).decode() + "\n")
    else:
        _console(stderr=True).print(f"[bold red]✗[/] {_escaped(error)}")


def _escaped(error: RidecodeError) -> str:
    return str(error).replace("[", "\\[")


@contextmanager
def progress(label: str, as_json: bool) -> Iterator[Progress]:
    """A bar on standard error, for people only; it vanishes when the work is done."""
    if as_json or not sys.stderr.isatty():
        yield unseen
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Bar(*columns, console=_console(stderr=True), transient=True, refresh_per_second=4) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def waiting(as_json: bool) -> Callable[[str], None]:
    """Tells people on standard error what is being waited for, and programs nothing."""
    return _unsaid if as_json else say


def say(message: str) -> None:
    """Tell a person what is being waited for."""
    sys.stderr.write(f"{message}\n")


def _unsaid(_message: str) -> None:
    """Programs are told of no waiting."""
