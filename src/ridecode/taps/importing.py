"""Importing a card company's file: two passes over it, a bounded part of it at a time.

The first pass checks the header, counts the rows and hears which device stands at which stop; the
second reads the rows to taps and records them, a set a transaction. Stopped half-way it is simply
run again: what is there already is a duplicate.
"""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import IO

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import BadInputError, ConflictError, NotFoundError, Progress, new_id
from ridecode.store import Cell
from ridecode.taps import db
from ridecode.taps.facts import Receipt
from ridecode.taps.format import Format, read_format
from ridecode.taps.lines import Line, Lines
from ridecode.taps.recording import Told, record_told
from ridecode.taps.reject_file import RejectFile
from ridecode.taps.rejects import RejectReason
from ridecode.taps.rows import DeviceStops, Row, RowReader

SET = 5_000
"""Taps that are recorded in one transaction."""
_NAMES_SHOWN = 100
"""Of so many different unknown names the report tells the rows; all are in `unknown_names`."""


class ImportReport(Struct, frozen=True, kw_only=True):
    """What became of every row of a file: `rows == taps + duplicates + conflicts + rejected`."""

    format: str
    name: str
    sha256: str
    imported_before: bool
    """Whether this very file was read to its end before."""
    rows: int
    taps: int
    """New ones."""
    duplicates: int
    conflicts: int
    """Another telling of a tap that is there; kept in `tap_conflicts`."""
    rejected: int
    rejects: str
    """Path of the file that holds them; empty where there are none."""
    reasons: dict[str, int]
    """Rejected rows by reason."""
    at_unknown_stops: int
    """Rows whose stop is not known."""
    unknown_stops: dict[str, int]
    """The same by the name that the pack does not know, the first hundred names; "": neither row
    nor device names one."""
    ambiguous_devices: int
    """Device prefixes that name more than one stop, and so were not used to name any."""


def import_file(
    cell: Cell, pack: Pack, format_name: str, path: Path, *, reject_to: Path, progress: Progress
) -> ImportReport:
    """Read a file into a city's taps; raises `BadInputError` where the file as a whole is wrong.

    Rows that cannot be read go to `reject_to`, which is made only where there are any. To import
    the same file again changes nothing.
    """
    assert cell.city == pack.id, "a city's files go to its own cell"
    form = read_format(pack, format_name)
    if reject_to.resolve() == path.resolve():
        raise BadInputError(
            "The rejected rows would take the place of the file itself.", "Name another file."
        )
    reader = RowReader(form, pack)
    survey = _survey(path, form, reader, progress)
    rejects = RejectFile(reject_to)
    try:
        tally = _record_rows(cell, path, reader, survey, rejects, progress)
        return _report(cell, form, path, survey, tally, rejects)
    finally:
        rejects.abandon()


class _Survey(Struct, frozen=True):
    """What the first pass finds."""

    rows: int
    sha256: bytes
    stops: DeviceStops


class _Tally:
    """What became of the rows so far."""

    def __init__(self) -> None:
        self.rows = 0
        self.receipts: Counter[Receipt] = Counter()
        self.at_unknown_stops = 0
        self.unknown_stops: Counter[str] = Counter()

    def count_stop(self, row: Row, told: Told) -> None:
        if row.type.stop and not told.tap.stop:
            self.at_unknown_stops += 1
            name = told.unknown.stop if told.unknown else ""
            if name in self.unknown_stops or len(self.unknown_stops) < _NAMES_SHOWN:
                self.unknown_stops[name] += 1


def _survey(path: Path, form: Format, reader: RowReader, progress: Progress) -> _Survey:
    """The first pass. Only rows that can be read are heard."""
    stops = DeviceStops(form.stop_digits)
    with _opened(path) as file:
        lines = Lines(file)
        _check_header(path, form, reader, lines)
        rows = 0
        for line in lines:
            rows += 1
            row = reader.read(line)
            if isinstance(row, Row) and row.stop:
                stops.hear(row.device, reader.stop_named(row))
            if rows % SET == 0:
                progress(rows, 0)
    return _Survey(rows, lines.sha256, stops)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise NotFoundError(
            f"{path} cannot be read: {error.strerror}.", "Name a file that is there."
        ) from error


def _check_header(path: Path, form: Format, reader: RowReader, lines: Lines) -> None:
    """Raises `BadInputError` where the first line does not name the columns of the format."""
    header = next(lines, None)
    found = reader.fields(header.text) if header and header.whole else []
    if isinstance(found, RejectReason) or tuple(found) != form.columns:
        what = "The file is empty" if header is None else "This is not the header"
        raise BadInputError(
            f"{what}: the format {form.name} expects {','.join(form.columns)}.",
            "Choose the file's own format, or describe it in the pack's imports.toml.",
            file=str(path), line=1,
        )  # fmt: skip


def _record_rows(
    cell: Cell, path: Path, reader: RowReader, survey: _Survey, rejects: RejectFile,
    progress: Progress,
) -> _Tally:  # fmt: skip
    """The second pass."""
    tally = _Tally()
    with _opened(path) as file:
        lines = Lines(file)
        next(lines, None)
        while some := list(islice(lines, SET)):
            told = _told(some, reader, survey.stops, rejects, tally)
            with db.connected(cell) as conn:
                tally.receipts.update(record_told(conn, told))
            tally.rows += len(some)
            progress(tally.rows, survey.rows)
    if lines.sha256 != survey.sha256:
        raise ConflictError(f"{path} changed while it was read.", "Import it again.")
    return tally


def _told(
    lines: list[Line], reader: RowReader, stops: DeviceStops, rejects: RejectFile, tally: _Tally
) -> list[Told]:
    """The taps of a few thousand lines; what cannot be read goes to its file."""
    told: list[Told] = []
    for line in lines:
        row = reader.read(line)
        if isinstance(row, RejectReason):
            rejects.add(line.number, row, line.text, reader.encoding)
        else:
            told.append(reader.told(row, stops))
            tally.count_stop(row, told[-1])
    return told


def _report(
    cell: Cell, form: Format, path: Path, survey: _Survey, tally: _Tally, rejects: RejectFile
) -> ImportReport:
    """Keep the counts beside the file's digest, if anything is new, and tell them."""
    taps = tally.receipts[Receipt.ACCEPTED]
    duplicates = tally.receipts[Receipt.DUPLICATE]
    conflicts = tally.receipts[Receipt.REFUSED]
    rejected = rejects.reasons.total()
    assert tally.rows == survey.rows == taps + duplicates + conflicts + rejected
    counts = (survey.rows, taps, duplicates, conflicts, rejected)
    with db.connected(cell) as conn:
        before = db.imported_before(conn, survey.sha256, form.name)
        if taps or not before:
            db.add_import(conn, (new_id(), survey.sha256, form.name, path.name, *counts))
    written = rejects.finish()
    return ImportReport(
        format=form.name, name=path.name, sha256=survey.sha256.hex(), imported_before=before,
        rows=survey.rows, taps=taps, duplicates=duplicates, conflicts=conflicts, rejected=rejected,
        rejects=str(written or ""),
        reasons={reason.name: rejects.reasons[reason] for reason in sorted(rejects.reasons)},
        at_unknown_stops=tally.at_unknown_stops,
        unknown_stops=dict(tally.unknown_stops.most_common()),
        ambiguous_devices=survey.stops.ambiguous,
    )  # fmt: skip
