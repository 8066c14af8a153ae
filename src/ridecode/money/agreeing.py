"""A rider agrees to be charged by one of the city's channels (签约)."""

from contextlib import suppress

from ridecode.city import Pack
from ridecode.core import (
    BadInputError,
    ConflictError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from ridecode.money import db
from ridecode.money.channels import (
    MEANINGS,
    WALLET,
    Agreement,
    AgreementState,
    Channel,
    Purse,
    Signed,
    Silent,
    agreements,
    sign,
)
from ridecode.money.rules import read_rules
from ridecode.store import Cell


def agree(
    cell: Cell, pack: Pack, account: str, channel: str, contract: str, user: str, platform: str,
    now: int, spoken: Channel | None = None,
) -> Signed:  # fmt: skip
    """An account is charged by a channel from now on; `platform` may be empty, where no platform's
    service it is.

    `spoken` is that channel, which has to say that the contract stands; None: whoever calls vouches
    for it. A wallet has no contract and no user of its own. Raises `NotFoundError` for a channel or
    a platform that the city does not have, `BadInputError` where contract or user is missing,
    `RefusedError` and `UnavailableError` by what the channel says, `ConflictError` as
    `channels.sign`.
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
        if not contract or not user:
            raise BadInputError(
                f"{channel} charges nobody without the number of the contract and its user.",
                "Name both, as the channel has told them.",
            )
        if spoken is not None:
            _check_stands(spoken, contract, now)
        agreement = Agreement(account=account, contract=contract, user=user)
        return sign(cell, agreement, channel, Purse.OUTSIDE, platform, now)
    with cell.connection() as conn:
        had = agreements(conn, [account]).get(account)
    if had is not None and had.channel == WALLET:
        # What was broken off behind the signing is made good; he may have left it meanwhile.
        with suppress(ConflictError):
            return sign(cell, had.agreement, WALLET, Purse.WALLET, had.platform, now)
    # Whoever comes back to the wallet agrees anew.
    agreement = Agreement(account=account, contract=f"{account}.{now}", user=account)
    return sign(cell, agreement, channel, Purse.WALLET, platform, now)


def _check_stands(channel: Channel, contract: str, now: int) -> None:
    state = channel.agreement(contract, now)
    if isinstance(state, Silent):
        raise UnavailableError(
            f"{channel.id} does not say now how the contract {contract} stands: "
            f"{MEANINGS[state.why].what.en} ({state}).",
            "Try again; if it lasts, whoever runs the server has to look at the channel.",
        )
    if state is not AgreementState.STANDS:
        raise RefusedError(
            f"{channel.id} says of the contract {contract}: {state.name}.",
            "Let the rider put it right with the channel, or agree anew.",
        )


def unsigned(cell: Cell, most: int) -> list[str]:
    """Some of the accounts that ride, or have ridden, and never agreed to any channel."""
    with cell.connection() as conn:
        return db.unsigned(conn, most)
