"""The bytes of a code, however they are given to the command line."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from ridecode.core import BadInputError, NotFoundError

_HEX_TEXT = re.compile(rb"\s*(?:[0-9a-fA-F]{2}\s*){100,}")
"""No code is text of so many digits: UnionPay's have fewer than 50."""

Hex = Annotated[
    str | None, typer.Option("--hex", metavar="HEX", help="The bytes as hexadecimal digits.")
]
File = Annotated[
    Path | None,
    typer.Option(
        "--file", metavar="FILE", help="A file of raw bytes or of their hex; else standard input."
    ),
]
Picture = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="A picture of one QR symbol.")
]


def from_hex(name: str, text: str) -> bytes:
    """The bytes of an option; BadInputError names it."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise BadInputError(
            f"{name} is not hexadecimal: {text[:40]!r}.", "Give pairs of the digits 0-9 and a-f."
        ) from None


def bytes_of(text: str | None, file: Path | None, picture: Path | None) -> bytes:
    """The bytes by whichever of the three ways was taken, else from standard input."""
    if sum(way is not None for way in (text, file, picture)) > 1:
        raise BadInputError("--hex, --file and --picture exclude one another.", "Give one.")
    if text is not None:
        return from_hex("--hex", text)
    if picture is not None:
        return _in_picture(picture)
    if file is not None:
        return _plain(content_of(file))
    if sys.stdin.isatty():
        raise BadInputError("No code was given.", "Give --hex, --file or --picture, or pipe it in.")
    return _plain(sys.stdin.buffer.read())


def _plain(content: bytes) -> bytes:
    return bytes.fromhex(content.decode()) if _HEX_TEXT.fullmatch(content) else content


def content_of(file: Path) -> bytes:
    """All bytes of a file; NotFoundError or BadInputError where they cannot be had."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {file}.") from None
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror}.") from None


def _in_picture(file: Path) -> bytes:
    from ridecode.code import symbol

    found = symbol.read(content_of(file))
    if len(found) != 1:
        raise BadInputError(
            f"The picture holds {len(found)} QR symbols, not one.",
            "Cut it to one symbol." if found else "Take it sharper, straighter, or closer.",
            file=str(file),
        )
    return found[0]
