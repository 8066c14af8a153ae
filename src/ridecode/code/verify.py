"""May these bytes be trusted, now? The checks of a ride code, in their sourced order.

The order is that of a terminal in service (docs/ride-code.md, "Order of the checks"), with the
agreement of field 6 and the certificate added. The first that fails is the verdict:

 1. length, version, stated length                     `frame_fault`
 2. certificate well-formed and in date                `certificate_fault`, expiry
 3. root known by service and index, and in date
 4. certificate signature; field 6 is its issuer
 5. payment account, card account, account type        `accounts_fault`
 6. authorisation in date
 7. custom field's length                              `custom_fault`
 8. validity at most 1,200 s; made neither later than now + 20 s nor longer ago than its validity,
    nor after its authorisation ended
 9. field 15, the issuer's signature over fields 3 to 14
10. field 17, the rider's signature over fields 1 to 16

Nothing shapes the verdict that was not read from its place in the bytes, and nothing is remembered
before its signature was good: both caches are filled after success only, keyed by all that was
signed together with the signature, and bounded. Dates are asked afresh each time.
"""

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from ridecode.code.certificate import Root, expires_s
from ridecode.code.layout import RideCode
from ridecode.code.parse import accounts_fault, certificate_fault, custom_fault, frame_fault
from ridecode.code.sm2 import PublicKey
from ridecode.core import BadInputError, Verdict

VALIDITY_MOST_S = 1_200
"""The longest validity that any terminal accepts (field 12)."""
AHEAD_MOST_S = 20
"""How far a phone's clock may run ahead of the reader's."""


class Verified(NamedTuple):
    """The verdict, and the code where it was at least read to its fields."""

    verdict: Verdict
    code: RideCode | None


class KeyCache:
    """Keys whose certification was verified: bounded, the least recently used goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: OrderedDict[bytes, PublicKey] = OrderedDict()

    def find(self, name: bytes) -> PublicKey | None:
        key = self._keys.get(name)
        if key is not None:
            try:
                self._keys.move_to_end(name)
            except KeyError:  # another thread has just pushed it out
                pass
        return key

    def keep(self, name: bytes, key: PublicKey) -> None:
        self._keys[name] = key
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)

    def __len__(self) -> int:
        return len(self._keys)


class Verifier:
    """Checks codes against a fixed set of roots; may be shared among threads."""

    def __init__(
        self,
        roots: Iterable[Root],
        *,
        certificates_most: int = 1_000,
        authorisations_most: int = 100_000,
    ) -> None:
        self.roots = {(root.service, root.index): root for root in roots}
        self._issuer_keys = KeyCache(certificates_most)
        self._user_keys = KeyCache(authorisations_most)

    def verify(self, data: bytes, now_s: int) -> Verified:
        """The one verdict on these bytes at `now_s`, UTC seconds."""
        refusal = frame_fault(data)
        if refusal is not None:
            return Verified(refusal, None)
        code = RideCode(bytes(data))
        refusal = self.before_signatures(code, now_s) or self.signatures(code)
        return Verified(refusal or Verdict.ACCEPTED, code)

    def before_signatures(self, code: RideCode, now_s: int) -> Verdict | None:
        """Checks 2 to 8; the certificate's signature, check 4, is verified once and remembered."""
        return (
            certificate_fault(code)
            or self._certificate_dates(code, now_s)
            or self._certificate_signature(code)
            or accounts_fault(code)
            or authorisation_date(code, now_s)
            or custom_fault(code)
            or freshness(code, now_s)
        )

    def signatures(self, code: RideCode) -> Verdict | None:
        """Checks 9 and 10, for a code that has passed all before."""
        user_key = self._user_key(code)
        if isinstance(user_key, Verdict):
            return user_key
        if not user_key.verify(code.signed_by_user, code.user_signature, code.user_user_id):
            return Verdict.USER_SIGNATURE
        return None

    def root_of(self, code: RideCode) -> Root | None:
        """The root that the code's certificate names."""
        certificate = code.certificate
        return self.roots.get((certificate.service, certificate.root_index))

    def _certificate_dates(self, code: RideCode, now_s: int) -> Verdict | None:
        expires = expires_s(code.certificate.expiry)
        if expires is None or now_s >= expires:
            return Verdict.CERTIFICATE_EXPIRED
        root = self.root_of(code)
        if root is None:
            return Verdict.ROOT_UNKNOWN
        return Verdict.ROOT_EXPIRED if now_s >= root.expires else None

    def _certificate_signature(self, code: RideCode) -> Verdict | None:
        key = self._issuer_key(code)
        if isinstance(key, Verdict):
            return key
        return None if code.issuer == code.certificate.issuer else Verdict.ISSUER_MISMATCH

    def _issuer_key(self, code: RideCode) -> PublicKey | Verdict:
        certificate, user_id = code.certificate, code.certificate_user_id
        name = user_id + certificate.raw
        known = self._issuer_keys.find(name)
        if known is not None:
            return known
        root = self.root_of(code)
        assert root is not None, "a certificate's root is looked up before its signature"
        if not root.key.verify(certificate.signed, certificate.signature, user_id):
            return Verdict.CERTIFICATE_SIGNATURE
        try:
            key = PublicKey(certificate.public_key)
        except BadInputError:
            return Verdict.CERTIFICATE_MALFORMED
        self._issuer_keys.keep(name, key)
        return key

    def _user_key(self, code: RideCode) -> PublicKey | Verdict:
        signed, user_id = code.signed_by_issuer, code.authorisation_user_id
        signature = code.authorisation_signature
        name = blake2b(user_id + signature + signed, digest_size=32).digest()
        known = self._user_keys.find(name)
        if known is not None:
            return known
        issuer_key = self._issuer_key(code)
        if isinstance(issuer_key, Verdict):
            return issuer_key
        if not issuer_key.verify(signed, signature, user_id):
            return Verdict.AUTHORISATION_SIGNATURE
        try:
            key = PublicKey(code.user_key)
        except BadInputError:
            return Verdict.USER_KEY_MALFORMED
        self._user_keys.keep(name, key)
        return key


def authorisation_date(code: RideCode, now_s: int) -> Verdict | None:
    """Field 11: the authorisation has not ended."""
    return Verdict.AUTHORISATION_EXPIRED if code.authorised_until_s < now_s else None


def freshness(code: RideCode, now_s: int) -> Verdict | None:
    """Fields 12 and 16: neither too long a claim, nor from the future, nor too old."""
    if code.validity_s > VALIDITY_MOST_S:
        return Verdict.VALIDITY_TOO_LONG
    if code.made_s > now_s + AHEAD_MOST_S:
        return Verdict.NOT_YET_VALID
    if code.made_s + code.validity_s < now_s:
        return Verdict.CODE_EXPIRED
    if code.made_s > code.authorised_until_s:
        return Verdict.MADE_AFTER_AUTHORISATION
    return None
