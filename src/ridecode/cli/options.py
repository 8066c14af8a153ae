"""The options that many commands share, so that they are named and explained once."""

import os
from pathlib import Path
from typing import Annotated

import typer

_DEFAULT_DATA = Path(os.environ.get("RIDECODE_DATA", "~/.local/share/ridecode")).expanduser()

Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Data = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Data folder; made when it is not there. RIDECODE_DATA sets another default.",
    ),
]
City = Annotated[
    str,
    typer.Option("--city", metavar="NAME|DIR", help="A shipped city pack, or a pack's folder."),
]

DATA = _DEFAULT_DATA
CITY = "shenzhen"
