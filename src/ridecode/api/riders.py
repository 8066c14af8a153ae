"""Riders: enrolled by their platforms, their phones bound and authorised, a loss reported.

For the servers of the code platforms, which have verified who the rider is.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from msgspec import Struct
from pydantic import BaseModel, Field, StringConstraints

from ridecode import riders
from ridecode.access import About, Right, Subject
from ridecode.api import wire
from ridecode.api.allowed import needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment, text
from ridecode.api.subjects import rider_in_path
from ridecode.city import Pack
from ridecode.code import KeySigner
from ridecode.riders import Document, DocumentKind, Enrolment, MadeBy, RiderRules, Standing
from ridecode.store import Vault

router = APIRouter(prefix="/v1/riders", tags=["riders"])

_ACTS = needs(Right.ACT_FOR_RIDER, rider_in_path)
Key = Annotated[wire.Hex, StringConstraints(min_length=66, max_length=66)]
_KEY = "0240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c8"
KindName = Literal["resident_id", "passport", "travel_permit"]


class Registry(Struct, frozen=True):
    """What these routes need beside the desk; the application keeps it as `state.riders`."""

    rules: RiderRules
    identity_key: bytes

    @staticmethod
    def of(pack: Pack, vault: Vault) -> "Registry":
        return Registry(riders.read_rules(pack), riders.identity_key(vault))


async def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.riders
    return registry


Kept = Annotated[Registry, Depends(_registry)]


class DocumentIn(wire.Body):
    """By what the platform has verified the rider. It is not kept."""

    kind: KindName = Field(examples=["resident_id"])
    number: wire.Name = Field(examples=["11010519491231002X"])
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = Field(
        "CHN", description="Who issued it, as in ICAO 9303."
    )


class RiderIn(wire.Body):
    """A platform enrols a rider with an issuer."""

    document: DocumentIn
    issuer: wire.Name = Field(examples=["02215840"])
    platform: wire.Name = Field(examples=["tencent"])
    account_type: int = Field(1, ge=1, le=255, description="Field 8: 1 ordinary, 2 student, …")


class PhoneIn(wire.Body):
    user_key: Key | None = Field(
        None, description="The phone's public key; null: the server makes a pair.", examples=[_KEY]
    )


class KeyIn(wire.Body):
    user_key: Key = Field(description="The phone's public key.", examples=[_KEY])


class PhoneOut(BaseModel):
    user_key: wire.Hex = Field(examples=[_KEY])
    made_by: str = Field(examples=["device"])
    bound_at: wire.Moment
    usable_from: wire.Moment = Field(description="Before this it gets no authorisation.")
    authorised_until: wire.Moment | None
    private_key: wire.Hex | None = Field(
        None,
        description="Of a key that the server made: told this once, and not kept.",
        examples=["1179" * 16],
    )


class DeniedOut(BaseModel):
    why: str = Field(examples=["lost"])
    words: wire.Text
    since: wire.Moment


class RiderOut(BaseModel):
    """How an account stands now."""

    account: wire.Account
    payment_account: str = Field(examples=["0000000000000001"])
    issuer: str = Field(examples=["02215840"])
    platform: str = Field(examples=["tencent"])
    account_type: wire.AccountType
    credit: str = Field(examples=["good"])
    owed: wire.Amount = Field(description="What the rider owes over all accounts.")
    owing_since: wire.Moment | None
    denied: list[DeniedOut] = Field(description="Why it may not ride; none: it may.")
    phone: PhoneOut | None


class GrantedOut(wire.AuthorisationOut):
    """Fields 1 to 15, and what they grant."""

    limit_fen: int = Field(description="The most that one ride may cost.", examples=[2_000])
    credit: str = Field(examples=["good"])


async def _by_platform(asked: RiderIn) -> Subject:
    return Subject(About.PLATFORM, asked.platform)


@router.post("", dependencies=[needs(Right.ENROL, _by_platform)])
def enrol(asked: RiderIn, desk: Held, registry: Kept) -> RiderOut:
    """Enrol a rider: one account for a person, an issuer and a platform, however often asked for.

    Refused while the person owes too much, on whatever account or platform.
    """
    told = asked.document
    document = Document(DocumentKind[told.kind.upper()], told.number, told.country)
    enrolment = Enrolment(
        identity=riders.identity_of(registry.identity_key, document),
        issuer=asked.issuer,
        platform=asked.platform,
        account_type=asked.account_type,
    )
    made = riders.enrol(desk.cell, registry.rules, enrolment, desk.clock.now())
    return one(made.account, desk, registry)


@router.get("/{account}", dependencies=[needs(Right.SEE_RIDER, rider_in_path)])
def one(account: wire.Account, desk: Held, registry: Kept) -> RiderOut:
    """How an account stands: its phone, what is owed, and why it may not ride."""
    now = desk.clock.now()
    return _rider_out(desk, riders.standing(desk.cell, registry.rules, account, now))


@router.post("/{account}/phones", dependencies=[_ACTS])
def bind(account: wire.Account, asked: PhoneIn, desk: Held, registry: Kept) -> PhoneOut:
    """Bind a phone in place of the one before, which gets no more authorisations.

    The new one is usable after the cooling period, and not before the last authorisation of the
    one before has ended. The same key again changes nothing.
    """
    scalar = None if asked.user_key is not None else KeySigner.new_scalar()
    user_key = (
        bytes.fromhex(asked.user_key or "") if scalar is None else KeySigner(scalar).public_key
    )
    made_by = MadeBy.DEVICE if scalar is None else MadeBy.SERVER
    now = desk.clock.now()
    bound = riders.bind(desk.cell, registry.rules, account, user_key, made_by, now)
    return _phone_out(desk, bound, scalar)


@router.post("/{account}/authorisations", dependencies=[_ACTS])
def authorise(account: wire.Account, asked: KeyIn, desk: Held, registry: Kept) -> GrantedOut:
    """Fields 1 to 15 for the account's phone: good for hours, by how the rider stands.

    Refused by name: `OwingError`, `DeniedError`, `StoppedPhoneError`, `CoolingError`.
    """
    told = riders.authorise(
        desk.cell, registry.rules, desk.authority.issuers, account,
        bytes.fromhex(asked.user_key), desk.clock.now(),
    )  # fmt: skip
    return GrantedOut(
        authorisation=told.fields.hex(),
        card_account=told.account.account,
        issuer=told.account.issuer,
        platform=registry.rules.platforms[told.account.platform],
        until=moment(desk.pack, told.until),
        validity_s=told.validity_s,
        limit_fen=told.limit_fen,
        credit=told.credit.name.lower(),
    )


@router.post("/{account}/loss", dependencies=[_ACTS])
def loss(account: wire.Account, asked: KeyIn, desk: Held, registry: Kept) -> RiderOut:
    """The phone is lost: no more authorisations, and the account is denied while it could ride.

    Reported again it changes nothing.
    """
    return _rider_out(
        desk,
        riders.report_loss(
            desk.cell, registry.rules, account, bytes.fromhex(asked.user_key), desk.clock.now()
        ),
    )


def _rider_out(desk: Desk, told: Standing) -> RiderOut:
    account, owing = told.account, told.owing
    return RiderOut(
        account=account.account,
        payment_account=account.payment_account,
        issuer=account.issuer,
        platform=account.platform,
        account_type=account.account_type,
        credit=told.credit.name.lower(),
        owed=max(owing.owed, 0),
        owing_since=moment(desk.pack, owing.since) if owing.owed > 0 else None,
        denied=[
            DeniedOut(
                why=no.why.name.lower(), words=text(no.why.words), since=moment(desk.pack, no.since)
            )
            for no in told.denied
        ],
        phone=None if told.phone is None else _phone_out(desk, told.phone, None),
    )


def _phone_out(desk: Desk, phone: riders.Phone, private: bytes | None) -> PhoneOut:
    until = phone.authorised_until
    return PhoneOut(
        user_key=phone.user_key.hex(),
        made_by=phone.made_by.name.lower(),
        bound_at=moment(desk.pack, phone.bound_at),
        usable_from=moment(desk.pack, phone.usable_from),
        authorised_until=moment(desk.pack, until) if until else None,
        private_key=None if private is None else private.hex(),
    )
