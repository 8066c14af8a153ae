"""Making the network of a pack from public data."""

from pathlib import Path
from re import fullmatch

from ridecode.city.draft import Draft
from ridecode.city.gtfs import read_gtfs
from ridecode.city.metro_map import read_metro_map
from ridecode.city.rows import read_table
from ridecode.city.station_table import read_station_tables
from ridecode.core import BadInputError, Mode, NotFoundError, Progress, unseen

EVERY_MODE = frozenset(Mode)


def import_network(
    source: Path,
    prefix: str,
    *,
    modes: frozenset[Mode] = EVERY_MODE,
    lines: Path | None = None,
    names: Path | None = None,
    progress: Progress = unseen,
) -> Draft:
    """A network draft from a GTFS zip, a metro map (.json) or station tables (.csv).

    `prefix` begins every id, such as "xy-"; `modes` are the ones wanted of a GTFS feed; `lines`
    is the second table where the source is a CSV of stations; `names` is a CSV `zh,en` of
    English names for a metro map; `progress` is told of the bytes of a feed that were read.
    Raises `BadInputError` with the place of the fault, and `NotFoundError` where a file is not
    there.
    """
    if not fullmatch("(?:[a-z0-9][a-z0-9-]*)?", prefix):
        what = f"The prefix {prefix!r} cannot begin an id."
        raise BadInputError(what, "Use small letters, digits and hyphens, such as xy-.")
    if not source.is_file():
        raise NotFoundError(f"There is no file {source}.")
    match source.suffix.lower():
        case ".zip":
            return read_gtfs(source, prefix, modes=modes, progress=progress)
        case ".json":
            return read_metro_map(source, prefix, _english(names) if names else {})
        case ".csv" if lines is not None:
            return read_station_tables(source, lines, prefix)
        case ".csv":
            raise BadInputError(
                "A table of stations needs the table of their lines.",
                "Name it with --lines.",
                file=str(source),
            )
    raise BadInputError(
        "This is not a source of networks that is known here.",
        "Give a GTFS feed (.zip), a metro map (.json) or a table of stations (.csv).",
        file=str(source),
    )


def _english(names: Path) -> dict[str, str]:
    return {row.text("zh"): row.text("en") for row in read_table(names, "zh", "en")}
