"""Recording taps: idempotent by tap id, a set at a time.

Of one id the first telling counts for good; within one set it is the one whose digest is smallest,
of equal taps the one with the smaller amounts. So the answers to a set depend on what was there
before and on what is in it, never on its order.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from ridecode.core import BadInputError, Tap, Verdict, tap_digest
from ridecode.store import Cell, Connection
from ridecode.taps import db
from ridecode.taps.body import digest_of, telling
from ridecode.taps.facts import Charged, Receipt, UnknownNames

F = TypeVar("F")


class Told(Struct, frozen=True, gc=False):
    """A tap with all that its source says of it."""

    tap: Tap
    charged: Charged | None = None
    unknown: UnknownNames | None = None


def record(where: db.Where, taps: Sequence[Tap]) -> list[Receipt]:
    """Keep a set of taps, and answer for each in the order given.

    In a cell it is one transaction: when the answer comes, all of it is durable. With a
    connection it becomes durable with the caller's transaction, which records one set only, as the
    last thing it does (two sets whose ids interleave with another writer's may be ended as a
    deadlock; to send them again is harmless).

    The taps stand at once: this is the road of what the centre itself vouches for, a card company's
    file or a code that was verified here. What devices send comes in by `Ingest`.

    Raises `BadInputError` for a tap of another city or one that cannot be stored; then nothing of
    the set is kept.
    """
    if isinstance(where, Cell):
        _of_this_city(where.city, taps)
    with db.connected(where) as conn:
        return record_told(conn, [Told(tap) for tap in taps])


def _of_this_city(city: str, taps: Sequence[Tap]) -> None:
    for tap in taps:
        if tap.city != city:
            raise BadInputError(
                f"The tap {tap.tap_id} is of the city {tap.city!r}, and this is {city!r}.",
                "Send it to its own city.",
            )


def record_told(conn: Connection, told: Sequence[Told]) -> list[Receipt]:
    """Record a set with what a file says of it: the same id with other money is another telling."""
    bodies = [tap_digest(one.tap) for one in told]
    order = sorted(range(len(told)), key=lambda at: _rank(told[at], bodies[at]))
    receipts = _record_taps(conn, told, bodies, order)

    def kept(fact: Callable[[Told], F | None]) -> list[tuple[int, UUID, F | None]]:
        return [
            (at, told[at].tap.tap_id, fact(told[at]))
            for at in order
            if receipts[at] is not Receipt.REFUSED
        ]

    _refuse_others(
        receipts, kept(lambda one: one.charged),
        partial(db.add_charged, conn), partial(db.charged_of, conn),
    )  # fmt: skip
    _refuse_others(
        receipts, kept(lambda one: one.unknown),
        partial(db.add_unknown, conn), partial(db.unknown_of, conn),
    )  # fmt: skip
    _keep_evidence(conn, [told[at] for at in order if receipts[at] is Receipt.REFUSED])
    db.tell_standing(conn, _standing(told, receipts))
    return receipts


def _standing(told: Sequence[Told], receipts: Sequence[Receipt]) -> Iterator[tuple[str, int]]:
    for one, receipt in zip(told, receipts, strict=True):
        if receipt is Receipt.ACCEPTED and one.tap.verdict is Verdict.ACCEPTED:
            yield one.tap.account, one.tap.ts


def _record_taps(
    conn: Connection, told: Sequence[Told], bodies: Sequence[bytes], order: Sequence[int]
) -> list[Receipt]:
    new = db.add_taps(conn, [told[at].tap for at in order], [bodies[at] for at in order])
    receipts = [Receipt.ACCEPTED] * len(told)
    known = [at for at, is_new in zip(order, new, strict=True) if not is_new]
    stored = db.bodies(conn, [told[at].tap.tap_id for at in known]) if known else {}
    for at in known:
        same = stored[told[at].tap.tap_id] == bodies[at]
        receipts[at] = Receipt.DUPLICATE if same else Receipt.REFUSED
    return receipts


def _rank(one: Told, body: bytes) -> tuple[object, ...]:
    """The id first, for the order of locks; then what decides among tellings of one id."""
    charged = () if one.charged is None else astuple(one.charged)
    unknown = () if one.unknown is None else astuple(one.unknown)
    return one.tap.tap_id.int, body, charged, unknown


def _refuse_others(
    receipts: list[Receipt],
    facts: list[tuple[int, UUID, F | None]],
    add: Callable[[list[tuple[UUID, F]]], list[bool]],
    find: Callable[[list[UUID]], dict[UUID, F]],
) -> None:
    """Keep the facts that stand beside taps; refuse a telling whose fact is not the kept one."""
    told = [(at, tap_id, fact) for at, tap_id, fact in facts if fact is not None]
    if not told:
        return
    new = add([(tap_id, fact) for _, tap_id, fact in told])
    known = [one for one, is_new in zip(told, new, strict=True) if not is_new]
    kept = find([tap_id for _, tap_id, _ in known]) if known else {}
    for at, tap_id, fact in known:
        if kept[tap_id] != fact:
            receipts[at] = Receipt.REFUSED


def _keep_evidence(conn: Connection, refused: list[Told]) -> None:
    """Once per distinct telling, however often it comes."""
    if refused:
        told = [(one.tap.tap_id, telling(one.tap, one.charged, one.unknown)) for one in refused]
        rows = sorted((tap_id, digest_of(text), text) for tap_id, text in told)
        db.add_conflicts(conn, rows)
