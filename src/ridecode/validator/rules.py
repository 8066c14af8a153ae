"""What a city lays down for its readers, read from `[validator]` of validator.toml.

Every key is optional; docs/validator.md tells unit, range and default of each.

    [validator]            thresholds of every lane
    [validator.clock]      when a reader's clock is trusted
    [validator.freshness]  what passes on a bundle that grew old (`validator.freshness`)
    [[validator.accept]]   issuer × platforms × versions; absent: all that pack.toml names
    [[validator.place]]    passing again and limits, of one product and kind of reading
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from ridecode.city import Pack, Section
from ridecode.code import TestRoots, v1
from ridecode.core import TapKind
from ridecode.validator.freshness import FreshnessRules, read_freshness

VALIDITY_S_LONGEST: Final = 1_200
"""No code may claim more (field 12, docs/ride-code.md): a longer one passes no verifier."""
BACK_S_LONGEST: Final = 60
"""No pack may let a clock stand further behind than this."""
INTEROPERABLE: Final = 0x80
LOCAL: Final = 0x81
LATER: Final = range(0x80, 0x100)
"""Versions of the 332-byte form; `v1.VERSION` stands for the 226-byte form."""

Origin = tuple[str, str, int]
"""Issuer number, platform number, version. The V1 form names no platform: there it is empty."""


class ClockRules(Struct, frozen=True):
    """When a reader's clock is trusted; all in seconds."""

    back_s_most: int = 2
    """How far it may stand behind a moment that the lane knows to be past, 0 to 60."""
    free_s_most: int = 172_800
    """How long it may run since it was last set, 60 to 31,536,000."""


class PlaceRules(Struct, frozen=True):
    """What one product and kind of reading asks beyond trust."""

    passback_s: int = 60
    """How long after passing an account is refused there in the same direction, 0 to 86,400."""
    companion_s: int = 10
    """How soon after passing another code of the account is taken for a companion's, 0 to 600."""
    companions: int = 0
    """How many companions may follow with a new code each, 0 to 20; only where one reading is
    the whole ride."""
    fare_most: int | None = None
    """The most that a ride from here can cost, in the currency's smallest unit, where a code's
    limit is to cover it and no flat price is known."""


class Rules(Struct, frozen=True):
    """All that the pack says about judging codes."""

    debounce_ms: int
    """How long an account's reading after an accepted one is ignored, 0 to 10,000."""
    clock: ClockRules
    accepted: Mapping[Origin, int]
    """The longest validity accepted, in seconds, of each origin that is accepted at all."""
    iins: Mapping[str, str]
    """How the card accounts of an issuer begin; not asked of an issuer that is not here."""
    places: Mapping[tuple[str, TapKind], PlaceRules]
    """By product and kind."""
    test_roots: TestRoots
    """ACCEPTED in a demo city, REFUSED in any other: no key of the pack can change it."""
    home: str = ""
    """The issuer number of the city's card company: whose codes pass where others wait."""
    freshness: FreshnessRules = FreshnessRules()

    def at(self, product: str, kind: TapKind) -> PlaceRules:
        """The rules of a place; the defaults where the pack has no table for it."""
        return self.places.get((product, kind), _EVERYWHERE)


_EVERYWHERE: Final = PlaceRules()


def read_rules(pack: Pack) -> Rules:
    """The rules of a pack; raises `PackError` with file, line and what was expected."""
    table = pack.sections.validator
    rules = Rules(
        debounce_ms=table.integer("debounce_ms", 2_000, least=0, most=10_000),
        clock=_clock(table),
        accepted=_accepted(table, pack),
        iins={issuer.number: issuer.iin for issuer in pack.issuers.values()},
        places=_places(table, pack),
        test_roots=TestRoots.ACCEPTED if pack.demo else TestRoots.REFUSED,
        home=pack.card_company.issuer,
        freshness=read_freshness(table),
    )
    table.done()
    return rules


def _clock(validator: Section) -> ClockRules:
    if not validator.has("clock"):
        return ClockRules()
    table, default = validator.table("clock"), ClockRules()
    read = ClockRules(
        back_s_most=table.integer("back_s_most", default.back_s_most, least=0, most=BACK_S_LONGEST),
        free_s_most=table.integer("free_s_most", default.free_s_most, least=60, most=31_536_000),
    )
    table.done()
    return read


def _accepted(validator: Section, pack: Pack) -> dict[Origin, int]:
    """Origin by origin; without tables every issuer on every platform, in its default versions."""
    validity_s = _validity_s(validator, 120)
    accepted: dict[Origin, int] = {}
    for table in validator.tables("accept"):
        longest_s = _validity_s(table, validity_s)
        for origin in _origins(table, pack):
            if origin in accepted:
                raise table.error("issuer", "origins that no table before it names")
            accepted[origin] = longest_s
        table.done()
    return accepted or {
        (issuer, platform.number, version): validity_s
        for issuer in pack.issuers
        for platform in pack.platforms.values()
        for version in _default_versions(issuer, pack)
    }


def _validity_s(table: Section, default: int) -> int:
    return table.integer("validity_s_most", default, least=1, most=VALIDITY_S_LONGEST)


def _origins(table: Section, pack: Pack) -> Iterator[Origin]:
    issuer = _one_of(table, "issuer", pack.issuers)
    platforms = table.texts("platforms", tuple(pack.platforms))
    versions = table.integers("versions", _default_versions(issuer, pack), most=LATER[-1])
    if not platforms or any(name not in pack.platforms for name in platforms):
        raise table.error("platforms", f"some of {', '.join(pack.platforms)}")
    if not versions or any(version not in (v1.VERSION, *LATER) for version in versions):
        raise table.error("versions", f"{v1.VERSION:#x} for V1, or {LATER[0]:#x} to {LATER[-1]:#x}")
    for version in versions:
        if version == v1.VERSION:
            yield issuer, "", version
        else:
            yield from ((issuer, pack.platforms[name].number, version) for name in platforms)


def _default_versions(issuer: str, pack: Pack) -> tuple[int, ...]:
    """The local version is for the city's own card company: it means something else elsewhere."""
    return (INTEROPERABLE, LOCAL) if issuer == pack.card_company.issuer else (INTEROPERABLE,)


def _places(validator: Section, pack: Pack) -> dict[tuple[str, TapKind], PlaceRules]:
    places: dict[tuple[str, TapKind], PlaceRules] = {}
    for table in validator.tables("place"):
        at = _one_of(table, "product", pack.products), table.choice("kind", TapKind)
        if at in places:
            raise table.error("kind", "a product and kind that no table before it names")
        places[at] = _place(table, at[1])
        table.done()
    return places


def _place(table: Section, kind: TapKind) -> PlaceRules:
    default = PlaceRules()
    read = PlaceRules(
        passback_s=table.integer("passback_s", default.passback_s, least=0, most=86_400),
        companion_s=table.integer("companion_s", default.companion_s, least=0, most=600),
        companions=table.integer("companions", default.companions, least=0, most=20),
        fare_most=table.integer("fare_most", least=0) if table.has("fare_most") else None,
    )
    if read.companions and kind is not TapKind.SINGLE:
        raise table.error("companions", "0: two entries of one account make no two rides")
    if read.companions and not read.companion_s:
        raise table.error("companion_s", "at least 1 where companions may follow")
    return read


def _one_of(table: Section, key: str, among: Mapping[str, object]) -> str:
    named = table.text(key)
    if named not in among:
        raise table.error(key, f"one of {', '.join(among)}")
    return named
