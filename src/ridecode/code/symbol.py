"""The QR symbol: bytes into modules in byte mode, error correction M, no ECI; and back again.

A ride code is binary, so its symbol is read as bytes: a reader that guesses a text encoding breaks
it. Level and symbol version of the standard could not be read; M gives version 14 or 15 here. In a
terminal it is L, version 12, which fits into 80 columns.
segno makes the symbol because it can be held to one segment in byte mode, as field terminals know
it; zxing-cpp's maker is ten times faster but packs runs of digits in numeric mode. zxing-cpp reads.
Nothing is imported before it is needed: the command line starts without it.
"""

import io
from typing import TYPE_CHECKING, Final, Literal

from ridecode.core import BadInputError

if TYPE_CHECKING:
    from PIL import Image

Level = Literal["L", "M"]
"""Error correction: 7 or 15 % of the symbol may be lost."""
_BYTES_MOST: Final = 2_331
"""In byte mode at level M (ISO/IEC 18004)."""
QUIET_ZONE: Final = 4
"""Light modules around the symbol, as ISO/IEC 18004 asks."""
_PICTURE_MOST: Final = 60_000_000
"""Pixels: a phone's camera makes 12 to 50 million."""
_PICTURES: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
"""What cameras and screens make. Pillow knows forty more, among them one for Ghostscript to run."""
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_RESET: Final = "\x1b[0m"
_HALVES: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}

Matrix = tuple[bytes, ...]
"""Rows of modules, 1 dark and 0 light, without the quiet zone."""


def matrix(data: bytes, level: Level = "M") -> Matrix:
    """The modules of the symbol for 1 to 2,331 bytes; BadInputError for any other length."""
    import segno

    if not 1 <= len(data) <= _BYTES_MOST:
        raise BadInputError(f"A QR symbol holds 1 to {_BYTES_MOST:,} bytes, not {len(data):,}.")
    made = segno.make_qr(data, mode="byte", error=level, boost_error=False)
    return tuple(bytes(row) for row in made.matrix)


def svg(data: bytes) -> str:
    """A drawing that scales, one unit a module, dark on white with the quiet zone."""
    rows = matrix(data)
    size = len(rows) + 2 * QUIET_ZONE
    path = "".join(
        f"M{QUIET_ZONE + start} {QUIET_ZONE + y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin in a row, and for how long they go on."""
    found, at = [], 0
    while (start := row.find(1, at)) >= 0:
        end = row.find(0, start)
        at = len(row) if end < 0 else end
        found.append((start, at - start))
    return found


def png(data: bytes, scale: int = 6) -> bytes:
    """A picture of 1 bit a pixel, `scale` pixels a module (1 to 40), with the quiet zone."""
    from PIL import Image

    if not 1 <= scale <= 40:
        raise BadInputError(f"A module is 1 to 40 pixels wide, not {scale}.")
    rows = _with_quiet_zone(matrix(data))
    size = len(rows)
    grey = bytes(0 if dark else 255 for row in rows for dark in row)
    small = Image.frombytes("L", (size, size), grey)
    large = small.resize((size * scale, size * scale), Image.Resampling.NEAREST).convert("1")
    out = io.BytesIO()
    large.save(out, "PNG", optimize=True)
    return out.getvalue()


def terminal(data: bytes) -> str:
    """Lines of half blocks, two modules high each, in black on white whatever the theme.

    A ride code takes 73 columns and 37 lines.
    """
    rows = _with_quiet_zone(matrix(data, "L"))
    rows += (bytes(len(rows[0])),) * (len(rows) % 2)
    lines = (
        "".join(_HALVES[pair] for pair in zip(rows[y], rows[y + 1], strict=True))
        for y in range(0, len(rows), 2)
    )
    return "\n".join(f"{_BLACK_ON_WHITE}{line}{_RESET}" for line in lines)


def _with_quiet_zone(rows: Matrix) -> Matrix:
    side = bytes(QUIET_ZONE)
    edge = (bytes(len(rows) + 2 * QUIET_ZONE),) * QUIET_ZONE
    return (*edge, *(side + row + side for row in rows), *edge)


def read(picture: bytes) -> list[bytes]:
    """The bytes of every QR symbol in a picture (PNG, JPEG, WebP, GIF, BMP), none where none is.

    BadInputError where the bytes are no picture, or one of more than 60 million pixels.
    """
    import zxingcpp
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(picture), formats=_PICTURES) as opened:
            if opened.width * opened.height > _PICTURE_MOST:
                raise BadInputError(f"The picture has more than {_PICTURE_MOST:,} pixels.")
            flat = _on_white(opened.convert("RGBA"))
    except UnidentifiedImageError as error:
        raise BadInputError("This is not a picture.", "Give a PNG or JPEG.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInputError(f"This is not a picture: {error}.", "Give a PNG or JPEG.") from error
    found = zxingcpp.read_barcodes(
        flat, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    )
    return [symbol.bytes for symbol in found]


def _on_white(picture: "Image.Image") -> "Image.Image":
    """Grey, with what is transparent shown on white."""
    from PIL import Image

    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("L")
