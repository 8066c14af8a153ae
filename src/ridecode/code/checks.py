"""The checks that need a clock but no key, each alone and pure; ACCEPTED is "go on".

`now_s` is UTC seconds. The limits are those of a terminal in service (docs/ride-code.md).
"""

from enum import Enum
from typing import Final, Protocol

from ridecode.code.certificate import Certificate, Root
from ridecode.code.frame import RideCode
from ridecode.core import Verdict

VALIDITY_MOST_S: Final = 1_200
"""The longest validity that a code may claim (field 12)."""
AHEAD_MOST_S: Final = 20
"""How far a phone's clock may run ahead of the reader's."""


class TestRoots(Enum):
    """What a verifier makes of roots that are marked as test roots."""

    __test__ = False  # the name is no invitation to pytest
    REFUSED = "refused"
    ACCEPTED = "accepted"


class Timed(Protocol):
    """What both forms of the code say about time, all in seconds."""

    @property
    def authorised_until_s(self) -> int: ...
    @property
    def validity_s(self) -> int: ...
    @property
    def made_s(self) -> int: ...


def certificate_trust(
    certificate: Certificate, root: Root | None, test_roots: TestRoots, now_s: int
) -> Verdict:
    """The certificate is in date; its root is known, in date, and of the kind that may be."""
    if now_s >= certificate.expires_s:
        return Verdict.CERTIFICATE_EXPIRED
    if root is None:
        return Verdict.ROOT_UNKNOWN
    if now_s >= root.expires_s:
        return Verdict.ROOT_EXPIRED
    if root.is_test and test_roots is TestRoots.REFUSED:
        return Verdict.ROOT_IS_TEST
    return Verdict.ACCEPTED


def issuer_agreement(code: RideCode) -> Verdict:
    """Field 6 is item 5 of the certificate: no issuer signs for another."""
    same = code.issuer == code.certificate.issuer
    return Verdict.ACCEPTED if same else Verdict.ISSUER_MISMATCH


def authorisation_date(code: Timed, now_s: int) -> Verdict:
    """Field 11: the authorisation has not ended."""
    ended = code.authorised_until_s < now_s
    return Verdict.AUTHORISATION_EXPIRED if ended else Verdict.ACCEPTED


def freshness(code: Timed, now_s: int) -> Verdict:
    """Fields 12 and 16: neither too long a claim, nor from the future, nor too old."""
    if code.validity_s > VALIDITY_MOST_S:
        return Verdict.VALIDITY_TOO_LONG
    if code.made_s > now_s + AHEAD_MOST_S:
        return Verdict.NOT_YET_VALID
    if code.made_s + code.validity_s < now_s:
        return Verdict.CODE_EXPIRED
    if code.made_s > code.authorised_until_s:
        return Verdict.MADE_AFTER_AUTHORISATION
    return Verdict.ACCEPTED
