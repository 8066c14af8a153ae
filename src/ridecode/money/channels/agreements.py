"""With which channel an account pays: one agreement at a time (签约, 解约)."""

from ridecode.core import ConflictError
from ridecode.money.channels import db, due
from ridecode.money.channels.contract import Agreement
from ridecode.money.channels.kept import Signed
from ridecode.money.channels.order import Purse
from ridecode.money.channels.withdrawing import withdraw
from ridecode.store import Cell


def sign(
    cell: Cell, agreement: Agreement, channel: str, purse: Purse, platform: str, now: int
) -> Signed:
    """An account is charged by a channel from now on (UTC epoch microseconds), and by no other.

    Told again it is the same. What was refused is asked for again, for the rider has come: under
    this agreement at once, of what was made under another with the next close.
    Raises `ConflictError` where the channel's contract is another account's, or has ended.
    """
    account = agreement.account
    with cell.connection() as conn:
        db.sign_alone(conn)
        is_new = db.add_agreement(conn, agreement, channel, purse, platform, now)
        signed = db.agreements(conn, [account]).get(account)
    if signed is None or (signed.channel, signed.agreement) != (channel, agreement):
        assert not is_new, "what was just signed stands"
        raise ConflictError(
            f"The contract {agreement.contract} of {channel} was signed before.",
            "It is another account's, or has ended: let the rider sign anew.",
        )
    withdraw(cell, account, signed.number, now)
    with cell.connection() as conn:
        due.look_again(conn, account, channel, now)
    return signed


def end(cell: Cell, account: str, now: int) -> bool:
    """An account is charged by nobody from now on; whether it was before.

    Its orders stay, and are worked off.
    """
    with cell.connection() as conn:
        return db.end_agreement(conn, account, now)
