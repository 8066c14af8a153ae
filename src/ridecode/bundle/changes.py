"""What new terms change, line by line, as those read it who are to sign."""

from collections.abc import Iterator
from hashlib import sha256

from msgspec import Struct, to_builtins

from ridecode.validator import Terms

ABSENT = "–"


class Change(Struct, frozen=True):
    """One value that differs; `ABSENT` where it is not there."""

    where: str
    """As `rules.clock.free_s_most`, or `rules.accepted[12345678/87654321/128]`."""
    before: str
    after: str


def changes(before: Terms | None, after: Terms) -> tuple[Change, ...]:
    """Every value that differs, in the order of their names."""
    was = {} if before is None else dict(_values(before))
    now = dict(_values(after))
    return tuple(
        Change(where, was.get(where, ABSENT), now.get(where, ABSENT))
        for where in sorted(was | now)
        if was.get(where) != now.get(where)
    )


def _values(terms: Terms) -> Iterator[tuple[str, str]]:
    for root in terms.roots:
        yield f"roots[{root.service.hex()}/{root.index}]", sha256(root.raw).hexdigest()
    for key in terms.v1_keys:
        public = sha256(key.public_key.xy).hexdigest()
        yield f"v1_keys[{key.key_id}]", f"{key.issuer} {public}"
    yield "tariff", terms.tariff
    yield from _flat("single_fare", dict(terms.single_fare))
    yield from _flat("rules", to_builtins(terms.rules))


def _flat(where: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            named = isinstance(key, str) and not where.startswith("single_fare")
            part = f".{key}" if named else f"[{_key(key)}]"
            yield from _flat(where + part, inside)
    else:
        yield where, ABSENT if value is None else str(value)


def _key(key: object) -> str:
    return "/".join(map(str, key)) if isinstance(key, tuple) else str(key)
