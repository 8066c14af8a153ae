"""Reading the CSV files of zones and stages."""

from collections.abc import Collection
from pathlib import Path

from ridecode.city import Line
from ridecode.fares.matrix_file import bad_row, read_amount, table_of
from ridecode.fares.zones import NOT_SOLD


def read_zones(
    path: Path, stops: Collection[str], known: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The zones of each stop, in the order of the file: columns `stop` and `zone`.

    Each of `stops` must have one; `known` are all that may stand in it. A stop on a border has
    a row for each of its zones.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line, (stop, zone) in table_of(path, "stop", "zone"):
        if stop not in known:
            raise bad_row(path, line, stop, "the id of a stop of this pack")
        if not zone or zone in found.get(stop, ()):
            raise bad_row(path, line, zone, "a zone, each stop once in each")
        found[stop] = (*found.get(stop, ()), zone)
    for stop in stops:
        if stop not in found:
            raise bad_row(path, 0, None, f"a zone for stop {stop}")
    return found


def read_zone_fares(
    path: Path, column: str, zones: Collection[str], served: Collection[str]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], str]]:
    """Fares by directed pair of zones, and the pairs of which an empty fare says that there is
    none: columns `from`, `to` and `column`. Every pair of `served` must be there."""
    fares: dict[tuple[str, str], int] = {}
    refused: dict[tuple[str, str], str] = {}
    for line, (origin, destination, fare) in table_of(path, "from", "to", column):
        pair = origin, destination
        for zone in pair:
            if zone not in zones:
                raise bad_row(path, line, zone, f"one of the zones {', '.join(zones)}")
        if pair in fares or pair in refused:
            raise bad_row(path, line, f"{origin} → {destination}", "each pair once")
        if fare:
            fares[pair] = read_amount(path, line, fare)
        else:
            refused[pair] = NOT_SOLD
    for origin in served:
        for destination in served:
            if (origin, destination) not in fares and (origin, destination) not in refused:
                raise bad_row(
                    path, 0, None, f"a row {origin},{destination}, empty where none is sold"
                )
    return fares, refused


def read_stages(path: Path, lines: Collection[Line]) -> dict[str, dict[str, int]]:
    """The stage of each stop of each line: columns `line`, `stop` and `stage`."""
    stops = {line.id: line.stops for line in lines}
    found: dict[str, dict[str, int]] = {line.id: {} for line in lines}
    for at, (line, stop, stage) in table_of(path, "line", "stop", "stage"):
        if stop not in stops.get(line, ()):
            raise bad_row(path, at, f"{line}, {stop}", "a line of this fare and one of its stops")
        if stop in found[line]:
            raise bad_row(path, at, f"{line}, {stop}", "each stop of a line once")
        found[line][stop] = read_amount(path, at, stage)
    for line, of_line in found.items():
        numbers = [of_line.get(stop, -1) for stop in stops[line]]
        if -1 in numbers:
            raise bad_row(path, 0, None, f"a stage for {line}, {stops[line][numbers.index(-1)]}")
        if numbers != sorted(numbers):
            raise bad_row(path, 0, numbers, f"stages of line {line} that do not go back")
    return found
