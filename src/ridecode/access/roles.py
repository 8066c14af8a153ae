"""Who may do what: the one table, and the one judgement on it. Values in, a ruling out.

1. Everybody has grants: a role, and of whom it holds: one rider, one operator, one platform, or
   the whole city.
2. A grant allows what its role has a right to, of the subjects that it holds of.
3. Whatever is about one rider, or shows riders' taps, takes a purpose and a reason, unless it is
   the rider himself who asks, or the visitor of an open server.
4. Where several grants allow it, the one counts that asks for the least.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from msgspec import Struct

from ridecode.core import Words

EVERY: Final = "*"
"""The scope of a visitor of an open server: of everything, and no reason asked. Nobody is given
it."""


class Role(IntEnum):
    """Numbers are kept for good: they stand in the log."""

    RIDER = 1
    OPERATOR = 2
    CARD_COMPANY = 3
    AUDITOR = 4
    PLATFORM = 5

    @property
    def scope(self) -> str:
        """What a grant of it names; empty where it holds of the whole city."""
        return _SCOPES.get(self, "")


_SCOPES: Final = {Role.RIDER: "account", Role.OPERATOR: "operator", Role.PLATFORM: "platform"}


class Right(IntEnum):
    """What can be done, as the business names it. Numbers are kept for good."""

    CHECK_CODE = 1
    """Ask whether a code can be trusted."""
    ENROL = 2
    """Enrol riders."""
    SEE_RIDER = 3
    """See how an account stands, its taps, its rides and what they cost."""
    ACT_FOR_RIDER = 4
    """Bind a phone, authorise it, report it lost, supply a missing tap."""
    SEE_TOTALS = 5
    """See what a business day has brought in all."""
    SEE_DEVICES = 6
    """See devices, what they say of themselves, and what does not fit."""
    SEE_SUSPECTS = 7
    """See the taps that do not stand, and so where riders were."""
    DEMONSTRATE = 8
    """What only a demonstration has: its readers, its clock, its authorisations."""
    READ_LOG = 9
    """Read who did what; a rider, who has looked at him."""
    MANAGE_ACCESS = 10
    """Say who has which role. Like the three below it takes the machine itself: nobody has it over
    HTTP."""
    MANAGE_DEVICES = 11
    """Enrol devices and revoke them."""
    DENY = 12
    """Deny card accounts, restore them, give them another type."""
    CLOSE_DAY = 13
    """Close business days and deal with the card company."""
    SEE_MONEY = 14
    """See the books, the closed days, and which settlement files there are."""
    AGREE = 15
    """Say by which channel a rider pays; the rider himself, that it is the wallet."""
    SEE_FILES = 16
    """See the lines of settlement files, and so where riders were."""


ROLES: Final[Mapping[Role, frozenset[Right]]] = {
    Role.RIDER: frozenset(
        {Right.SEE_RIDER, Right.ACT_FOR_RIDER, Right.READ_LOG, Right.AGREE}
    ),
    Role.OPERATOR: frozenset(
        {Right.CHECK_CODE, Right.SEE_RIDER, Right.SEE_DEVICES, Right.SEE_SUSPECTS}
    ),
    Role.CARD_COMPANY: frozenset(
        {
            Right.CHECK_CODE, Right.ENROL, Right.SEE_RIDER, Right.ACT_FOR_RIDER, Right.SEE_TOTALS,
            Right.SEE_DEVICES, Right.SEE_SUSPECTS, Right.DEMONSTRATE, Right.SEE_MONEY,
            Right.AGREE, Right.SEE_FILES,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Right.CHECK_CODE, Right.SEE_RIDER, Right.SEE_TOTALS, Right.SEE_DEVICES,
            Right.SEE_SUSPECTS, Right.READ_LOG, Right.SEE_MONEY, Right.SEE_FILES,
        }
    ),
    Role.PLATFORM: frozenset(
        {Right.CHECK_CODE, Right.ENROL, Right.SEE_RIDER, Right.ACT_FOR_RIDER, Right.AGREE}
    ),
}  # fmt: skip
"""The one table. An auditor changes nothing, and who changes something cannot read the log."""

ABOUT_RIDERS: Final = frozenset(
    {
        Right.SEE_RIDER, Right.ACT_FOR_RIDER, Right.SEE_SUSPECTS, Right.READ_LOG, Right.AGREE,
        Right.SEE_FILES,
    }
)  # fmt: skip
"""Rights that take a purpose and a reason."""
RECORDED: Final = ABOUT_RIDERS | {Right.ENROL, Right.SEE_MONEY}
"""Rights whose every use over HTTP is entered in the log; of the others only refusals are."""


class Grant(Struct, frozen=True):
    """A role, and of whom it holds."""

    role: Role
    scope: str = ""
    """Card account, operator or platform; empty for the roles of the whole city."""


class Who(Struct, frozen=True):
    """Somebody who has proved who he is."""

    name: str
    grants: tuple[Grant, ...]


VISITOR: Final = Who("visitor", tuple(Grant(role, EVERY) for role in Role))
"""Whoever comes to an open server."""


class About(IntEnum):
    """What kind of thing is asked for. Numbers are kept for good."""

    NOTHING = 0
    """It shows and changes nothing of anybody's."""
    CITY = 1
    RIDER = 2
    OPERATOR = 3
    PLATFORM = 4
    PERSON = 5
    """Somebody who has grants here."""
    DEVICE = 6
    FILE = 7
    """Lines of a settlement file."""


class Subject(Struct, frozen=True):
    """Whom or what a request is about, and who else has a part in it."""

    about: About
    id: str = ""
    """Card account, operator, platform, name, or FILE:FIRST-LAST. Of a rider empty: what was named
    is not there."""
    operator: str = ""
    """Of one ride or tap: on whose vehicles or in whose stations it was."""
    platform: str = ""
    """Of a rider: by which platform the account was enrolled here."""
    by_others: bool = False
    """Of a rider: what he may not say of himself, for he could name what is somebody else's."""


NOTHING: Final = Subject(About.NOTHING)
WHOLE_CITY: Final = Subject(About.CITY)


class Purpose(IntEnum):
    """Why somebody else looks at a rider's data. Numbers are kept for good."""

    COMPLAINT = 1
    RIDER_REQUEST = 2
    FRAUD = 3
    AUDIT = 4
    OPERATION = 5
    AUTHORITY = 6
    """A court or an authority has asked for it."""


class Because(Struct, frozen=True):
    """A purpose, and the reason in somebody's own words, 1 to 200 characters."""

    purpose: Purpose
    reason: str


class Verdict(IntEnum):
    """How a request is judged. Numbers are kept for good."""

    ALLOWED = 1
    NO_RIGHT = 2
    OUT_OF_REACH = 3
    NO_PURPOSE = 4

    @property
    def words(self) -> Words:
        """What to tell whoever asked."""
        return _WORDS[self]


_WORDS: Final = {
    Verdict.ALLOWED: Words(zh="准许", en="Allowed."),
    Verdict.NO_RIGHT: Words(zh="没有这项权限", en="None of your roles may do this."),
    Verdict.OUT_OF_REACH: Words(
        zh="不在您的权限范围内", en="Your roles may do this, but not with what you named."
    ),
    Verdict.NO_PURPOSE: Words(
        zh="查看乘客信息须说明用途和理由",
        en="This is about a rider: it takes a purpose and a reason.",
    ),
}


class Ruling(Struct, frozen=True):
    """The verdict, and the role that allows it or would."""

    verdict: Verdict
    role: Role | None = None


def judge(who: Who, right: Right, subject: Subject, because: Because | None) -> Ruling:
    """May this person do this, with this subject, for this purpose?"""
    able = [one for one in who.grants if right in ROLES[one.role]]
    if not able:
        return Ruling(Verdict.NO_RIGHT)
    reaching = [one for one in able if _reaches(one, subject)]
    if not reaching:
        return Ruling(Verdict.OUT_OF_REACH, able[0].role)
    best = min(reaching, key=lambda one: (_must_say_why(one), one.role))
    if right in ABOUT_RIDERS and _must_say_why(best) and because is None:
        return Ruling(Verdict.NO_PURPOSE, best.role)
    return Ruling(Verdict.ALLOWED, best.role)


def _must_say_why(grant: Grant) -> bool:
    return grant.role is not Role.RIDER and grant.scope != EVERY


def _reaches(grant: Grant, subject: Subject) -> bool:
    """Whether the grant holds of the subject."""
    if not grant.role.scope or grant.scope == EVERY or subject.about is About.NOTHING:
        return True
    match grant.role:
        case Role.RIDER:
            is_his = subject.about is About.RIDER and not subject.by_others
            asked = subject.id if is_his else None
        case Role.OPERATOR:
            asked = subject.id if subject.about is About.OPERATOR else subject.operator
        case _:
            asked = subject.id if subject.about is About.PLATFORM else subject.platform
    return bool(asked) and grant.scope == asked
