"""What a city lays down for its riders, read from `[riders]` of riders.toml.

Every key is optional; docs/riders.md tells unit, range and default of each.

    [riders]            moving to another phone, copied keys, debts
    [riders.good]       how long and how far a rider is authorised, by credit
    [riders.new]
    [riders.limited]
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ridecode.city import Pack, Section
from ridecode.core import MICROS
from ridecode.riders.facts import Credit

_DAY_S: Final = 86_400
_AMOUNT_MOST: Final = 10_000_000
AUTHORISED_MOST: Final = 2 * _DAY_S * MICROS
"""No authorisation is good for longer."""
CLOCK_MARGIN: Final = 300 * MICROS
"""So far a reader's clock may stand behind: until then after its end a reader may still take an
authorisation for good. Five times what any pack lets a reader's clock stand behind."""


class Terms(Struct, frozen=True):
    """What an authorisation grants."""

    authorised_s: int
    """For how long it is good: 300 to 172,800 seconds."""
    limit_fen: int
    """Field 9: the most that one ride may cost, 1 to 16,777,215."""
    validity_s: int
    """Field 12: for how long a code is good, 10 to 1,200 seconds."""


_DEFAULTS: Final[Mapping[Credit, Terms]] = {
    Credit.GOOD: Terms(authorised_s=14_400, limit_fen=2_000, validity_s=60),
    Credit.NEW: Terms(authorised_s=7_200, limit_fen=2_000, validity_s=60),
    Credit.LIMITED: Terms(authorised_s=3_600, limit_fen=1_000, validity_s=60),
}


class RiderRules(Struct, frozen=True, kw_only=True):
    """All that the pack says about riders. Times are microseconds."""

    cooling: int
    """A phone that takes another's place waits at least so long."""
    clones: int
    """So many taps that point to a copied key stop the phone."""
    clones_within: int
    """They lie within such a time."""
    limited_owed: int
    """Who owes so much is LIMITED."""
    denied_owed: int
    """Who owes so much is DENIED."""
    denied_after: int
    """Who owes `limited_owed` for longer than this is DENIED as well."""
    new: int
    """A person is NEW for so long after the first enrolment."""
    terms: Mapping[Credit, Terms]
    """Of every credit but DENIED."""
    iins: Mapping[str, str]
    """How an issuer's card accounts begin, by its number."""
    platforms: Mapping[str, str]
    """A platform's number (field 7), by its id."""


def read_rules(pack: Pack) -> RiderRules:
    """The rules of a pack; raises `PackError` with file, line and what was expected."""
    table = pack.sections.riders
    limited_owed = table.integer("limited_owed", 1, least=1, most=_AMOUNT_MOST)
    rules = RiderRules(
        cooling=table.integer("cooling_s", 3_600, least=0, most=7 * _DAY_S) * MICROS,
        clones=table.integer("clones", 3, least=1, most=100),
        clones_within=table.integer("clones_within_s", _DAY_S, least=60, most=90 * _DAY_S) * MICROS,
        limited_owed=limited_owed,
        denied_owed=table.integer(
            "denied_owed", max(2_000, limited_owed), least=limited_owed, most=_AMOUNT_MOST
        ),
        denied_after=table.integer("denied_after_s", 2 * _DAY_S, least=0, most=90 * _DAY_S)
        * MICROS,
        new=table.integer("new_s", 7 * _DAY_S, least=0, most=365 * _DAY_S) * MICROS,
        terms={credit: _terms(table, credit, terms) for credit, terms in _DEFAULTS.items()},
        iins={issuer.number: issuer.iin for issuer in pack.issuers.values()},
        platforms={platform.id: platform.number for platform in pack.platforms.values()},
    )
    table.done()
    return rules


def _terms(riders: Section, credit: Credit, default: Terms) -> Terms:
    name = credit.name.lower()
    if not riders.has(name):
        return default
    table = riders.table(name)
    read = Terms(
        authorised_s=table.integer(
            "authorised_s", default.authorised_s, least=300, most=AUTHORISED_MOST // MICROS
        ),
        limit_fen=table.integer("limit_fen", default.limit_fen, least=1, most=2**24 - 1),
        validity_s=table.integer("validity_s", default.validity_s, least=10, most=1_200),
    )
    table.done()
    return read
