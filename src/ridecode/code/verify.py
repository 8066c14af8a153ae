"""May these bytes be trusted, now? The checks of a ride code, in their sourced order.

The order is that of a terminal in service (docs/ride-code.md), with the agreement of field 6 and
the certificate added. The first that fails is the verdict:

 1. not another platform's; length, version, field 2 and the certificate's form
 2. certificate in date; root known by service and index, in date, no test root where none may be
 3. the certificate's signature
 4. field 6 is the certificate's issuer
 5. field 4 printable, field 5 digits, field 8 not 0
 6. field 11 not past
 7. field 13 at most 32 and in agreement with the whole length
 8. field 12 at most 1,200 s; field 16 at most 20 s ahead, nor past by more than field 12, nor
    after field 11
 9. field 15, the issuer's signature over fields 3 to 14
10. field 17, the rider's signature over fields 1 to 16

`examine` asks all but the signatures and costs microseconds; `prove` verifies those, slotting
check 3 in before what `examine` found from check 4 on. Nothing is remembered before its signature
was good; what is remembered is only that a signature was good, so that every date is asked afresh.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from msgspec import Struct

from ridecode.code import frame, v1
from ridecode.code.certificate import Root
from ridecode.code.checks import (
    TestRoots,
    authorisation_date,
    certificate_trust,
    freshness,
    issuer_agreement,
)
from ridecode.code.frame import RideCode
from ridecode.code.lately import Lately
from ridecode.code.parse import Code, dissect
from ridecode.code.sm2 import PublicKey
from ridecode.core import BadInputError, Verdict

CERTIFICATES_MOST: Final = 1_000
"""Certificates whose signature is remembered; there are a few hundred issuers."""
AUTHORISATIONS_MOST: Final = 100_000
"""Authorisations remembered, about 170 bytes each: a busy station's riders of a day."""


class Verified(Struct, frozen=True, gc=False):
    """The verdict, and the code where it was at least cut into its fields."""

    verdict: Verdict
    code: Code | None


class Verifier:
    """Judges codes against a fixed set of roots and V1 keys; may be shared among threads."""

    def __init__(
        self,
        roots: Iterable[Root],
        *,
        v1_keys: Iterable[v1.Key] = (),
        test_roots: TestRoots = TestRoots.REFUSED,
        certificates_most: int = CERTIFICATES_MOST,
        authorisations_most: int = AUTHORISATIONS_MOST,
    ) -> None:
        self._roots = _by_name(roots)
        self._v1_keys = v1.by_id(v1_keys)
        self._test_roots = test_roots
        self._certified: Lately[PublicKey] = Lately(certificates_most)
        self._authorised: Lately[bytes] = Lately(authorisations_most)

    def verify(self, data: bytes, now_s: int) -> Verified:
        """The one verdict on these bytes at `now_s`, UTC seconds."""
        examined = self.examine(data, now_s)
        return Verified(self.prove(examined), examined.code)

    def examine(self, data: bytes, now_s: int) -> Verified:
        """All checks but the signatures; ACCEPTED means no more than "worth proving"."""
        code = dissect(data)
        if isinstance(code, Verdict):
            return Verified(code, None)
        if isinstance(code, v1.Code):
            return Verified(self._examine_v1(code, now_s), code)
        certificate = code.certificate
        root = self._roots.get((certificate.service, certificate.root_index))
        verdict = (
            certificate_trust(certificate, root, self._test_roots, now_s)
            or issuer_agreement(code)
            or frame.account_fault(code)
            or authorisation_date(code, now_s)
            or frame.custom_fault(code)
            or freshness(code, now_s)
        )
        return Verified(verdict, code)

    def prove(self, examined: Verified) -> Verdict:
        """The verdict on what `examine` of this verifier gave, with the signatures verified."""
        code, verdict = examined.code, examined.verdict
        if code is None or Verdict.ACCEPTED < verdict < Verdict.CERTIFICATE_SIGNATURE:
            return verdict
        if isinstance(code, v1.Code):
            return verdict or self._prove_v1(code)
        issuer_key = self._issuer_key(code)
        if isinstance(issuer_key, Verdict):
            return issuer_key
        return verdict or self._authorisation(code, issuer_key) or _rider(code)

    def issuer(self, code: Code) -> str:
        """Who issued a code that this verifier found worth proving, 8 digits."""
        return self._v1_keys[code.key_id].issuer if isinstance(code, v1.Code) else code.issuer

    def forget(self) -> None:
        """Empty both memories, as after a start: the next code is verified in full."""
        self._certified.clear()
        self._authorised.clear()

    def _issuer_key(self, code: RideCode) -> PublicKey | Verdict:
        """Check 3. What certifies something that is no key certifies nothing."""
        certificate, user_id = code.certificate, code.certificate_user_id
        name = _named(user_id, certificate.raw)
        known = self._certified.find(name)
        if known is not None:
            return known
        root = self._roots[certificate.service, certificate.root_index]
        if not root.key.verify(certificate.signed, certificate.signature, user_id):
            return Verdict.CERTIFICATE_SIGNATURE
        key = _key(certificate.public_key)
        if key is None:
            return Verdict.CERTIFICATE_SIGNATURE
        self._certified.keep(name, key)
        return key

    def _authorisation(self, code: Code, issuer_key: PublicKey) -> Verdict:
        """Check 9. What is signed names the signer, in the certificate or the key's own id."""
        signed, signature = code.signed_by_issuer, code.authorisation_signature
        user_id = code.issuer_user_id
        name = _named(user_id, issuer_key.xy + signature + signed)
        if self._authorised.find(name) is not None:
            return Verdict.ACCEPTED
        if not issuer_key.verify(signed, signature, user_id):
            return Verdict.AUTHORISATION_SIGNATURE
        self._authorised.keep(name, name)
        return Verdict.ACCEPTED

    def _examine_v1(self, code: v1.Code, now_s: int) -> Verdict:
        """Checks 2, 5, 6 and 8, as far as the older form has the fields."""
        if code.key_id not in self._v1_keys:
            return Verdict.ROOT_UNKNOWN
        return v1.account_fault(code) or authorisation_date(code, now_s) or freshness(code, now_s)

    def _prove_v1(self, code: v1.Code) -> Verdict:
        return self._authorisation(code, self._v1_keys[code.key_id].public_key) or _rider(code)


def _named(user_id: bytes, judged: bytes) -> bytes:
    """A name for a signature with all that it hangs on: nothing else can have the same one."""
    return blake2b(bytes((len(user_id),)) + user_id + judged, digest_size=32).digest()


def _rider(code: Code) -> Verdict:
    """Check 10, never remembered: every code has a signature of its own."""
    key = _key(code.user_key)
    if key is None:
        return Verdict.USER_KEY_MALFORMED
    good = key.verify(code.signed_by_user, code.user_signature, code.rider_user_id)
    return Verdict.ACCEPTED if good else Verdict.USER_SIGNATURE


def _key(point: bytes) -> PublicKey | None:
    try:
        return PublicKey(point)
    except BadInputError:
        return None


def _by_name(roots: Iterable[Root]) -> dict[tuple[bytes, int], Root]:
    found: dict[tuple[bytes, int], Root] = {}
    for root in roots:
        if found.setdefault((root.service, root.index), root) != root:
            raise BadInputError(
                f"Two roots have service {root.service.hex()} and index {root.index}.",
                "A code names its root by these two: keep one.",
            )
    return found
