"""Revoking: an issuer, this city's or a foreign one, stops accounts, and lets them ride again."""

from collections.abc import Sequence

from ridecode.riders import db
from ridecode.riders.facts import Event, EventKind, Why
from ridecode.riders.reading import checked
from ridecode.store import Cell


def revoke(cell: Cell, accounts: Sequence[str], now: int) -> list[bool]:
    """Deny these card accounts until they are restored; which of them were not revoked before.

    They need not be enrolled here: a foreign issuer's list comes in by this. `BadInputError` for
    what is no card account; then none of them is revoked.
    """
    asked = [checked(account) for account in accounts]
    with db.connected(cell) as conn:
        order = sorted(range(len(asked)), key=asked.__getitem__)
        told = db.add_revoked(conn, [(asked[at], Why.REVOKED, now) for at in order])
        new = dict(zip(order, told, strict=True))
        db.add_events(
            conn,
            [Event(asked[at], now, EventKind.REVOKED, Why.REVOKED.name.lower())
             for at in order if new[at]],
        )  # fmt: skip
    return [new[at] for at in range(len(asked))]


def restore(cell: Cell, accounts: Sequence[str], now: int) -> list[str]:
    """Take revocations back, those of a rule against foreign accounts as well; which there were."""
    asked = [checked(account) for account in accounts]
    with db.connected(cell) as conn:
        taken = db.remove_revoked(conn, asked)
        db.add_events(conn, [Event(account, now, EventKind.RESTORED, "") for account in taken])
    return taken
