"""A rider agrees to be charged by one of the city's channels (签约)."""

from ridecode.city import Pack
from ridecode.core import NotFoundError
from ridecode.money import db
from ridecode.money.channels import WALLET, Agreement, Purse, Signed, agreements, sign
from ridecode.money.rules import read_rules
from ridecode.store import Cell


def agree(
    cell: Cell, pack: Pack, account: str, channel: str, contract: str, user: str, platform: str,
    now: int,
) -> Signed:  # fmt: skip
    """An account is charged by a channel from now on; `platform` may be empty, where no platform's
    service it is.

    A wallet has no contract and no user of its own. Raises `NotFoundError` for a channel or a
    platform that the city does not have, `ConflictError` as `channels.sign`.
    """
    rules = read_rules(pack)
    if channel not in rules.channels:
        raise NotFoundError(
            f"{pack.id} has no channel {channel!r}.", f"It has {', '.join(rules.channels)}."
        )
    if platform and platform not in pack.platforms:
        raise NotFoundError(
            f"{pack.id} has no platform {platform!r}.", f"It has {', '.join(pack.platforms)}."
        )
    if channel != WALLET:
        agreement = Agreement(account=account, contract=contract, user=user)
        return sign(cell, agreement, channel, Purse.OUTSIDE, platform, now)
    with cell.connection() as conn:
        had = agreements(conn, [account]).get(account)
    if had is not None and had.channel == WALLET:
        return had
    # Whoever comes back to the wallet agrees anew.
    agreement = Agreement(account=account, contract=f"{account}.{now}", user=account)
    return sign(cell, agreement, channel, Purse.WALLET, platform, now)


def unsigned(cell: Cell, most: int) -> list[str]:
    """Some of the accounts that ride, or have ridden, and never agreed to any channel."""
    with cell.connection() as conn:
        return db.unsigned(conn, most)
