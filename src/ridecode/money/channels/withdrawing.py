"""What an order cannot get any more is asked for otherwise, once its rider has agreed anew.

An order is asked for under the agreement under which it was made. Where that has ended, or where
its channel took less than it was asked for, the rest becomes a difference of the rider's: the next
close makes an order of it, under the agreement that stands then. It stays a debt until then. The
channel is asked after a withdrawn order for some time yet: what it has taken after all goes back.
"""

from typing import Final

from ridecode.core import UnavailableError
from ridecode.money.channels import db
from ridecode.money.channels.kept import Kept, heard_more
from ridecode.money.channels.order import State, Withdrawn, standing
from ridecode.money.ledger import last_closed
from ridecode.store import Cell

_TRIES: Final = 20


def withdraw(cell: Cell, account: str, agreement: int, now: int) -> int:
    """Withdraw what an account owes of orders that get nothing more, now that this agreement
    stands, by its number; fen.

    `now` is UTC epoch microseconds. Raises `UnavailableError`.
    """
    for _ in range(_TRIES):
        with cell.connection() as conn:
            left = {one: _left(one, agreement) for one in db.owing(conn, account)}
            changed = [
                (one, heard_more(one, one.heard | {Withdrawn(fen)}, now))
                for one, fen in left.items()
                if fen
            ]
            if not changed:
                return 0
            if db.set_heard(conn, changed):
                # Differences are read and written by whoever holds the ledger.
                last_closed(conn)
                withdrawn = sum(left.values())
                db.add_told_difference(conn, account, withdrawn)
                return withdrawn
            # Something was heard of one of them meanwhile.
            conn.rollback()
    raise UnavailableError("Too much is heard of the rider's orders at once.", "Sign again.")


def withdraw_all(cell: Cell, now: int) -> None:
    """The same for all accounts: of what was refused after its rider had signed elsewhere."""
    with cell.connection() as conn:
        accounts = db.left_behind(conn)
    for account, agreement in accounts:
        withdraw(cell, account, agreement, now)


def _left(kept: Kept, agreement: int) -> int:
    """What its channel will not take any more; fen."""
    found = standing(kept.order, kept.heard)
    if found.state is State.REFUSED and kept.signed == agreement:
        return 0
    return found.owed - found.advanced
