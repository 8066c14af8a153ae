"""The file `bundle`: all that a reader trusts but the deny list, in force by turns.

A file holds terms one after another, each from its own moment on, so that a change of tariff or key
reaches every reader long before it begins and begins everywhere at once, with or without network.
After a line that names the form comes MessagePack. There is one writing of every content, and no
other is read.
"""

from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ridecode.code import PublicKey, Root, Verifier, v1
from ridecode.core import BadInputError
from ridecode.validator.rules import Rules

MAGIC: Final = b"ridecode bundle 1\n"


class Terms(Struct, frozen=True, kw_only=True):
    """What holds from a moment on, until the next terms begin."""

    active_from: int
    """UTC epoch microseconds."""
    roots: tuple[Root, ...]
    v1_keys: tuple[v1.Key, ...]
    rules: Rules
    single_fare: Mapping[str, int]
    """As in `Bundle`."""
    tariff: str
    """SHA-256 of the tariff that the prices come from and the centre rates by, hexadecimal."""


class BundleFile(Struct, frozen=True, kw_only=True):
    """The terms of one city, in the order in which they come into force."""

    city: str
    terms: tuple[Terms, ...]
    """At least one."""

    def at(self, now: int) -> Terms | None:
        """The terms in force; None before the first."""
        return next((terms for terms in self.terms[::-1] if terms.active_from <= now), None)


class _Key(Struct, frozen=True, forbid_unknown_fields=True):
    key_id: str
    issuer: str
    xy: bytes


class _Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms as they are written: roots and keys as their bytes, maps in the order of their keys."""

    active_from: int
    roots: tuple[bytes, ...]
    v1_keys: tuple[_Key, ...]
    rules: Rules
    single_fare: dict[str, int]
    tariff: str


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    city: str
    terms: tuple[_Terms, ...]


def write_bundle(file: BundleFile) -> bytes:
    """The bytes of a file."""
    return MAGIC + _encoded(_File(city=file.city, terms=tuple(map(_written, file.terms))))


def digest_of(terms: Terms) -> str:
    """SHA-256, hexadecimal, of all that readers judge by: terms that begin at another moment, or
    name another tariff with the same flat prices, have the same."""
    judged = _in_order(_written(replace(terms, active_from=0, tariff="")))
    return sha256(msgspec.msgpack.encode(judged)).hexdigest()


def read_bundle(data: bytes) -> BundleFile:
    """The file in these bytes; `BadInputError` where there is none, or its parts cannot stand."""
    if not data.startswith(MAGIC):
        raise BadInputError("This is no bundle: it does not begin as one.")
    try:
        file = msgspec.msgpack.decode(data[len(MAGIC) :], type=_File)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"This is no bundle: {error}.") from error
    if MAGIC + _encoded(file) != data:
        raise BadInputError("This is no bundle: it is not in its one writing.")
    read = BundleFile(city=file.city, terms=tuple(map(_read, file.terms)))
    starts = [terms.active_from for terms in read.terms]
    if not starts or any(one >= other for one, other in pairwise(starts)):
        raise BadInputError("This is no bundle: its terms do not follow one another.")
    return read


def _encoded(file: _File) -> bytes:
    return msgspec.msgpack.encode(
        replace(file, terms=tuple(_in_order(terms) for terms in file.terms))
    )


def _in_order(terms: _Terms) -> _Terms:
    rules = terms.rules
    rules = replace(
        rules,
        accepted=dict(sorted(rules.accepted.items())),
        iins=dict(sorted(rules.iins.items())),
        places=dict(sorted(rules.places.items())),
    )
    return replace(terms, rules=rules, single_fare=dict(sorted(terms.single_fare.items())))


def _written(terms: Terms) -> _Terms:
    return _Terms(
        active_from=terms.active_from,
        roots=tuple(root.raw for root in terms.roots),
        v1_keys=tuple(_Key(key.key_id, key.issuer, key.public_key.xy) for key in terms.v1_keys),
        rules=terms.rules,
        single_fare=dict(terms.single_fare),
        tariff=terms.tariff,
    )


def _read(terms: _Terms) -> Terms:
    read = Terms(
        active_from=terms.active_from,
        roots=tuple(map(Root.parse, terms.roots)),
        v1_keys=tuple(v1.Key(key.key_id, key.issuer, PublicKey(key.xy)) for key in terms.v1_keys),
        rules=terms.rules,
        single_fare=terms.single_fare,
        tariff=terms.tariff,
    )
    Verifier(read.roots, v1_keys=read.v1_keys)  # roots and keys that cannot stand together
    return read
