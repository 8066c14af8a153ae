"""The QR symbol gives back the very bytes, in every shape in which it can be shown."""

import io
import random
import xml.etree.ElementTree as ET
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ridecode.code import symbol
from ridecode.core import BadInputError
from tests.code import forge

CODE = forge.build({"field_14": bytes(range(224, 256))})


def picture(rows: symbol.Matrix, scale: int = 4) -> bytes:
    """A PNG of modules, drawn here and not by the code tested."""
    size = len(rows) + 8
    image = Image.new("L", (size, size), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            image.putpixel((x + 4, y + 4), 0 if dark else 255)
    out = io.BytesIO()
    image.resize((size * scale, size * scale), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def test_a_code_comes_back_from_its_picture() -> None:
    assert symbol.read(symbol.png(CODE)) == [CODE]


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_come_back_from_a_picture(data: bytes) -> None:
    assert symbol.read(symbol.png(data, scale=4)) == [data]


@pytest.mark.parametrize(("length", "modules"), [(332, 73), (364, 77)])
def test_the_shortest_code_takes_version_14_and_the_longest_15(length: int, modules: int) -> None:
    rows = symbol.matrix(random.Random(length).randbytes(length))
    assert len(rows) == modules
    assert {len(row) for row in rows} == {modules}


def test_digits_are_packed_as_bytes_like_the_rest() -> None:
    """One segment in byte mode: 334 bytes of digits take as many modules as 334 of anything."""
    assert len(symbol.matrix(b"0" * 334)) == len(symbol.matrix(bytes(334))) == 73


def test_the_drawing_holds_the_same_modules() -> None:
    root = ET.fromstring(symbol.svg(CODE))
    paths = root.findall("{http://www.w3.org/2000/svg}path")
    assert root.get("viewBox") == "0 0 85 85"
    rows = [bytearray(77) for _ in range(77)]
    for run in (paths[1].get("d") or "").split("z")[:-1]:
        start, length = run.removeprefix("M").split("v")[0].split("h")
        x, y = (int(number) - 4 for number in start.split(" "))
        rows[y][x : x + int(length)] = b"\x01" * int(length)
    assert symbol.read(picture(tuple(bytes(row) for row in rows))) == [CODE]


def test_the_terminal_shows_the_same_modules() -> None:
    rows: list[list[int]] = []
    for line in symbol.terminal(CODE).split("\n"):
        text = line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m")
        rows += [[int(c in "▀█") for c in text], [int(c in "▄█") for c in text]]
    shown = tuple(bytes(row[4:-4]) for row in rows[4 : 4 + 65])
    assert not any(cell for row in rows[:4] + rows[69:] for cell in row)
    assert {len(row) for row in rows} == {73}, "it fits into 80 columns"
    assert symbol.read(picture(shown)) == [CODE]


def test_a_symbol_on_a_transparent_ground_is_read() -> None:
    image = Image.open(io.BytesIO(symbol.png(CODE))).convert("L")
    clear = Image.merge("LA", (image, image.point(lambda grey: 255 - grey)))
    out = io.BytesIO()
    clear.save(out, "PNG")
    assert symbol.read(out.getvalue()) == [CODE]


def test_two_symbols_in_one_picture_are_both_read() -> None:
    one, other = (Image.open(io.BytesIO(symbol.png(d))) for d in (CODE, b"another"))
    both = Image.new("L", (one.width + other.width, one.height), 255)
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    out = io.BytesIO()
    both.save(out, "PNG")
    assert set(symbol.read(out.getvalue())) == {CODE, b"another"}


def test_a_picture_without_a_symbol_gives_nothing() -> None:
    out = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(out, "PNG")
    assert symbol.read(out.getvalue()) == []


@pytest.mark.parametrize("junk", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", CODE])
def test_what_is_no_picture_is_refused(junk: bytes) -> None:
    with pytest.raises(BadInputError, match="not a picture"):
        symbol.read(junk)


@pytest.mark.parametrize("form", ["PPM", "EPS", "TIFF"])
def test_only_what_cameras_and_screens_make_is_opened(form: str) -> None:
    """Pillow's rarer readers fail in ways of their own, and one of them starts Ghostscript."""
    out = io.BytesIO()
    Image.new("L", (90, 90), 255).save(out, form)
    with pytest.raises(BadInputError, match=r"not a picture\b(?!.*BytesIO)"):
        symbol.read(out.getvalue())


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF", "BMP"])
def test_other_pictures_than_png_are_read(form: str) -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(symbol.png(CODE))).convert("L").save(out, form)
    assert symbol.read(out.getvalue()) == [CODE]


def test_a_damaged_picture_is_refused_or_read_but_breaks_nothing() -> None:
    dice, forms = random.Random(1179), []
    for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        out = io.BytesIO()
        Image.new("L", (40, 40), 255).save(out, form)
        forms.append(out.getvalue())
    for _ in range(2_000):
        damaged = bytearray(dice.choice(forms))
        for _ in range(dice.randrange(1, 6)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with suppress(BadInputError):
            symbol.read(bytes(damaged))


def test_a_cut_picture_is_refused() -> None:
    with pytest.raises(BadInputError, match="not a picture"):
        symbol.read(symbol.png(CODE)[:-200])


@pytest.mark.parametrize("data", [b"", bytes(4000)])
def test_what_fits_no_symbol_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError):
        symbol.matrix(data)


@pytest.mark.parametrize("scale", [0, 41])
def test_a_module_has_a_sensible_width(scale: int) -> None:
    with pytest.raises(BadInputError, match="1 to 40"):
        symbol.png(CODE, scale=scale)
