"""What new terms would have done to the last seven days: asked when a change is proposed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ridecode.cli.output import progress, waiting
from ridecode.core import MICROS, Progress, Tap

if TYPE_CHECKING:
    from ridecode.bundle import Foreseen, ForeseenFares
    from ridecode.city import Pack
    from ridecode.store import Cell
    from ridecode.validator import Rejudged, Terms

_SPAN: Final = 7 * 86_400 * MICROS
_READINGS_MOST: Final = 3_000_000
"""Judged twice each, this takes some minutes; of more, one lane in so many is asked."""
_SEEN: Final = 1_000


def foreseen(
    data: Path, pack: "Pack", before: "Terms", after: "Terms", now: int, as_json: bool
) -> "Foreseen":
    """Of what changes: the fares, or the judgement at the readers, or both. The city's database is
    opened where there is something to ask it."""
    from ridecode.bundle import Foreseen
    from ridecode.store import open_cell
    from ridecode.validator import digest_of

    fares, readers = before.tariff != after.tariff, digest_of(before) != digest_of(after)
    if not (fares or readers):
        return Foreseen()
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        return Foreseen(
            _fares(cell, pack, now, as_json) if fares else None,
            _readings(cell, before, after, now, as_json) if readers else None,
        )


def _fares(cell: "Cell", pack: "Pack", now: int, as_json: bool) -> "ForeseenFares":
    from msgspec import convert

    from ridecode.bundle import ForeseenFares
    from ridecode.fares import read_tariffs
    from ridecode.rides import what_if

    with progress("rides", as_json) as step:
        found = what_if(cell, pack, read_tariffs(pack), now - _SPAN, now, step)
    return convert(found, ForeseenFares, from_attributes=True)


def _readings(cell: "Cell", before: "Terms", after: "Terms", now: int, as_json: bool) -> "Rejudged":
    from ridecode.taps import readings, readings_count
    from ridecode.validator import rejudge

    since = now - _SPAN
    count = readings_count(cell, since, now)
    one_in = 1 + count // _READINGS_MOST
    with progress("readings", as_json) as step:
        asked = _counted(readings(cell, since, now, one_in), count // one_in, step)
        return rejudge(before, after, asked, since=since, until=now, one_in=one_in)


def _counted(taps: Iterable[Tap], about: int, step: Progress) -> Iterator[Tap]:
    for number, tap in enumerate(taps, 1):
        yield tap
        if number % _SEEN == 0:
            step(min(number, about), about)
