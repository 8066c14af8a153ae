"""The readers of a demonstration: one at every stop for every way in which its product is read."""

from ridecode.city import Line, Pack
from ridecode.core import TapKind
from ridecode.validator import Place, read_rules


def places_of(pack: Pack) -> dict[str, Place]:
    """Every place by its name: `stop:kind` at a gate, `line:stop` where one tap pays the ride.

    What is read of which product stands in the pack's validator.toml.
    """
    kinds: dict[str, list[TapKind]] = {}
    for product, kind in read_rules(pack).places:
        kinds.setdefault(product, []).append(kind)
    return {
        _name(line, stop, kind): _place(line, stop, kind)
        for line in pack.lines.values()
        for kind in kinds.get(line.product, [])
        for stop in line.stops
    }


def _name(line: Line, stop: str, kind: TapKind) -> str:
    return f"{line.id}:{stop}" if kind is TapKind.SINGLE else f"{stop}:{kind.name.lower()}"


def _place(line: Line, stop: str, kind: TapKind) -> Place:
    name = _name(line, stop, kind)
    return Place(
        kind=kind,
        mode=line.mode,
        product=line.product,
        operator=line.operator,
        line=line.id,
        stop=stop,
        validator=name,
        vehicle=f"{line.id}-1" if kind is TapKind.SINGLE else "",
    )
