"""Phones: bound to an account one at a time, authorised for hours, stopped when they are lost.

Whoever changes phones or authorises one holds the account's row meanwhile, so that a loss that is
reported knows of every authorisation that was given.
"""

from collections.abc import Mapping, Sequence

from ridecode import code
from ridecode.core import MICROS, NotFoundError, UnavailableError
from ridecode.riders import db
from ridecode.riders.facts import Authorisation, Event, EventKind, MadeBy, Phone, Standing, Stopped
from ridecode.riders.reading import found, stands
from ridecode.riders.refusals import StoppedPhoneError
from ridecode.riders.rules import RiderRules, Terms
from ridecode.riders.standing import terms, usable_from
from ridecode.store import Cell


def bind(
    cell: Cell, rules: RiderRules, account: str, user_key: bytes, made_by: MadeBy, now: int
) -> Phone:
    """Bind a phone's public key to the account, in place of the phone before.

    The phone before gets no more authorisations from this moment on; the new one gets them once it
    is usable. The same key again changes nothing. A key that was stopped never comes back: so an
    old request that is sent again cannot bring an old phone back.
    """
    code.PublicKey(user_key)
    with db.connected(cell) as conn:
        found(db.locked(conn, account), account)
        phones = db.phones_of(conn, [account])
        for phone in phones:
            if phone.user_key == user_key:
                return _not_stopped(phone)
        db.stop(conn, [phone for phone in phones if phone.stopped is None], Stopped.MOVED, now)
        bound = Phone(
            account=account, user_key=user_key, made_by=made_by, bound_at=now,
            usable_from=usable_from(rules, phones, now),
        )  # fmt: skip
        db.add_phone(conn, bound)
        db.add_events(conn, [Event(account, now, EventKind.BOUND, user_key.hex())])
        return bound


def report_loss(cell: Cell, rules: RiderRules, account: str, user_key: bytes, now: int) -> Standing:
    """The phone of that key is lost: it gets no more authorisations, and the account is denied as
    long as one that it was given is good.

    Reported again it changes nothing. A phone that was left for another may be reported too.
    """
    with db.connected(cell) as conn:
        held = found(db.locked(conn, account), account)
        phone = _bound(db.phones_of(conn, [account]), user_key)
        if phone.stopped in (None, Stopped.MOVED):
            db.stop(conn, [phone], Stopped.LOST, now)
        return stands(rules, held, db.phones_of(conn, [account]), now)


def authorise(
    cell: Cell,
    rules: RiderRules,
    issuers: Mapping[str, code.Issuer],
    account: str,
    user_key: bytes,
    now: int,
) -> Authorisation:
    """Fields 1 to 15 for a phone, by how its account stands.

    Raises `OwingError`, `DeniedError`, `StoppedPhoneError` or `CoolingError` where it gets none,
    `NotFoundError` for an account or key that is not there.
    """
    with db.connected(cell) as conn:
        held = found(db.locked(conn, account), account)
        standing = stands(rules, held, db.phones_of(conn, [account]), now)
        granted = terms(rules, standing, user_key, now)
        issuer = _issuer(issuers, held.account.issuer)
        grant = _grant(rules, standing, user_key, granted, now)
        # Known before it is handed out: a loss reported a moment later denies for long enough.
        db.authorised(conn, _bound(standing.phones, user_key), grant.until_s * MICROS)
    return Authorisation(
        fields=code.authorise(grant, issuer.certificate, issuer.signer),
        account=held.account,
        credit=standing.credit,
        limit_fen=granted.limit_fen,
        validity_s=granted.validity_s,
        until=grant.until_s * MICROS,
    )


def _grant(
    rules: RiderRules, standing: Standing, user_key: bytes, granted: Terms, now: int
) -> code.Grant:
    account = standing.account
    return code.Grant(
        payment_account=account.payment_account,
        card_account=account.account,
        platform=rules.platforms[account.platform],
        account_type=account.account_type,
        limit_fen=granted.limit_fen,
        user_key=user_key,
        until_s=now // MICROS + granted.authorised_s,
        validity_s=granted.validity_s,
    )


def _issuer(issuers: Mapping[str, code.Issuer], number: str) -> code.Issuer:
    if number not in issuers:
        raise UnavailableError(
            f"The key of issuer {number} is not here.", "Ask the issuer for the authorisation."
        )
    return issuers[number]


def _bound(phones: Sequence[Phone], user_key: bytes) -> Phone:
    for phone in phones:
        if phone.user_key == user_key:
            return phone
    raise NotFoundError("This key is bound to no phone of the account.", "Bind it first.")


def _not_stopped(phone: Phone) -> Phone:
    if phone.stopped is not None:
        raise StoppedPhoneError(
            f"This key was stopped: {phone.stopped.name.lower()}.", "Bind the phone with a new key."
        )
    return phone
