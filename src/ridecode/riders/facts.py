"""What the room keeps and answers. Times are UTC epoch microseconds, amounts the currency's
smallest unit; numbers of enum members are frozen, for they stand in tables."""

from enum import IntEnum

from msgspec import Struct

from ridecode.core import Words


class MadeBy(IntEnum):
    """Who made a phone's key."""

    DEVICE = 1
    """The phone itself: the private key never leaves it."""
    SERVER = 2
    """The centre, which sent the private key to the phone once and did not keep it."""


class Stopped(IntEnum):
    """Why a phone gets no more authorisations."""

    MOVED = 1
    """The rider bound another one."""
    LOST = 2
    CLONED = 3
    """Quarantined taps say that its key is in two hands."""


class Why(IntEnum):
    """Why an account may not ride; the gravest first, which is the one that is told."""

    REVOKED = 1
    CLONED = 2
    LOST = 3
    DEBT = 4

    @property
    def words(self) -> Words:
        """What the rider is told: first what happened, then what to do."""
        return _WORDS[self]


_WORDS = {
    Why.REVOKED: Words(
        zh="发卡机构已停用该账户，请联系发卡机构。",
        en="The issuer has stopped this account. Please ask the issuer.",
    ),
    Why.CLONED: Words(
        zh="该乘车码疑似被他人复制，请在应用内重新绑定手机。",
        en="This ride code seems to have been copied. Bind your phone anew in the app.",
    ),
    Why.LOST: Words(
        zh="手机已挂失，请在应用内绑定新手机。",
        en="The phone was reported lost. Bind a new one in the app.",
    ),
    Why.DEBT: Words(
        zh="有未付车费，付清后即可乘车。",
        en="Fares are unpaid. Pay them and you may ride again.",
    ),
}


class Credit(IntEnum):
    """How far a rider is trusted to pay."""

    GOOD = 1
    NEW = 2
    """Known for a short time only."""
    LIMITED = 3
    """Owes a little, and not for long."""
    DENIED = 4
    """Owes too much, or for too long: no authorisation before it is repaid."""


class Enrolment(Struct, frozen=True, kw_only=True):
    """A platform asks for an account of one issuer for a person whose identity it has verified."""

    identity: str
    """What `identity_of` says of the verified document: 64 hexadecimal digits."""
    issuer: str
    """Number of 8 digits."""
    platform: str
    """Id, as the pack names it."""
    account_type: int = 1
    """Field 8: 1 ordinary, 2 student, 3 senior, 4 test, 5 soldier."""


class Account(Struct, frozen=True, kw_only=True):
    """A rider's account with one issuer on one platform."""

    account: str
    """Card account (field 5), 19 digits."""
    payment_account: str
    """Field 4, 16 digits."""
    identity: str
    issuer: str
    platform: str
    account_type: int
    enrolled_at: int


class Phone(Struct, frozen=True, kw_only=True):
    """A key that makes an account's codes, or made them."""

    account: str
    user_key: bytes
    """A compressed point of 33 bytes."""
    made_by: MadeBy
    bound_at: int
    usable_from: int
    """Before this it gets no authorisation."""
    authorised_until: int = 0
    """The end of the latest authorisation that it was given; 0 for none."""
    stopped: Stopped | None = None
    stopped_at: int | None = None


class Owing(Struct, frozen=True):
    """What a person owes, over all accounts."""

    owed: int = 0
    """0 or less: nothing."""
    since: int = 0
    """Since when without a break; means nothing where nothing is owed."""


class Denied(Struct, frozen=True, gc=False):
    """An account that may not ride."""

    account: str
    why: Why
    since: int


class Standing(Struct, frozen=True, kw_only=True):
    """How an account stands at a moment."""

    account: Account
    credit: Credit
    owing: Owing
    denied: tuple[Denied, ...]
    """Every reason, the gravest first; none: it may ride."""
    phones: tuple[Phone, ...]
    """All that it ever had, the newest last."""

    @property
    def phone(self) -> Phone | None:
        """The one that may be authorised, once it is usable."""
        return next((phone for phone in self.phones if phone.stopped is None), None)


class Authorisation(Struct, frozen=True, kw_only=True):
    """What a phone needs to make codes with no network."""

    fields: bytes
    """Fields 1 to 15, signed by the issuer."""
    account: Account
    credit: Credit
    limit_fen: int
    validity_s: int
    until: int


class EventKind(IntEnum):
    """What happened to an account."""

    ENROLLED = 1
    BOUND = 2
    STOPPED = 3
    REVOKED = 4
    RESTORED = 5
    RECLASSIFIED = 6


class Event(Struct, frozen=True, gc=False):
    """One change, for whoever asks later why an account could or could not ride."""

    account: str
    at: int
    kind: EventKind
    detail: str
    """The platform; the key in hexadecimal and why it stopped; the reason; the account's type."""


class Followed(Struct, frozen=True):
    """What came of reading the log."""

    debts: int
    """Entries told by money, debts and repayments."""
    suspicions: int
    """Quarantined taps that point to a copied key."""
    stopped: int
    """Accounts that were stopped for them."""
