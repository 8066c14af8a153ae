"""The phones of a city, and the institutions that authorise them: every key from the seed.

A phone gets an authorisation every four hours and makes its codes alone. Keys and nonces follow
from the seed, so the same second of the same phone gives the same bytes on any machine; what a
thief's code is made of says its `Recipe`.
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import Final

from msgspec import Struct

from ridecode.code import (
    Authority,
    Grant,
    Issuer,
    RepeatableSigner,
    Root,
    authorise,
    make_certificate,
    make_root,
    make_test_root,
    present,
)
from ridecode.sim.chance import draw
from ridecode.sim.city import SimCity
from ridecode.sim.kinds import Recipe
from ridecode.sim.readings import VALIDITY_S

GRANTED_S: Final = 4 * 3_600
"""A new authorisation comes after so long; the old one is good for 20 minutes more."""
_OVERLAP_S: Final = 1_200
_EARLIER_S: Final = 6 * 3_600
_LIMIT_FEN: Final = 2_000
_EXPIRY: Final = "1289"
_ROOT, _OTHER_ROOT = 1, 2
_ORDER_BELOW: Final = 1 << 255
_USER_ID: Final = b"1234567812345678"
_CUT: Final = 150
_KEPT: Final = 20_000
"""Phones kept ready; one takes about 2 KB."""


def sim_authority(city: SimCity) -> Authority:
    """A root and its issuers, a test root in a demonstration city."""
    return _authority(city, _ROOT, test=city.pack.demo)


def _authority(city: SimCity, index: int, *, test: bool) -> Authority:
    ca = _signer(city, "root", index)
    record = (make_test_root if test else make_root)(ca, index, _EXPIRY)
    root = Root.parse(record)
    issuers = {}
    for serial, number in enumerate(city.pack.issuers, 1):
        signer = _signer(city, "issuer", index, number)
        certificate = make_certificate(
            ca, root, issuer=number, issuer_key=signer.public_key, expiry=_EXPIRY, serial=serial
        )
        issuers[number] = Issuer(number, certificate, signer)
    return Authority(root, issuers)


def _signer(city: SimCity, *names: int | str) -> RepeatableSigner:
    told = "\0".join(str(name) for name in (city.seed, city.pack.id, *names)).encode()
    number = int.from_bytes(blake2b(told, digest_size=32).digest(), "big") % _ORDER_BELOW
    return RepeatableSigner((number + 1).to_bytes(32, "big"))


class Phone(Struct):
    """One rider's phone, with the authorisations that it was last given."""

    signer: RepeatableSigner
    grants: dict[tuple[int, Recipe], bytes]


class Phones:
    """All phones of a city, each made when it is first asked for."""

    def __init__(self, city: SimCity, authority: Authority | None = None) -> None:
        """With the institutions of `sim_authority`, or those of a running demonstration."""
        self._city = city
        self._authority = authority or sim_authority(city)
        self._other = _authority(city, _OTHER_ROOT, test=True)
        self._phones: OrderedDict[tuple[int, int], Phone] = OrderedDict()
        self._thief = _signer(city, "thief")
        self._phase = city.key("grants")
        self._app = city.key("platform")
        self.made = 0
        """How many phones were made."""
        self.granted = 0
        """How many authorisations were signed."""
        self._platforms = [platform.number for platform in city.pack.platforms.values()]

    def code(self, rider: int, account_type: int, ts_s: int, age_s: int, recipe: Recipe) -> bytes:
        """What is shown at `ts_s`: a code that the phone's clock dates `age_s` before."""
        made_s = ts_s - age_s
        variant = 1 if recipe is Recipe.NEW_ACCOUNT else 0
        granted_s = made_s
        if recipe is Recipe.TODAYS_GRANT:
            granted_s = ts_s
        elif recipe is Recipe.EARLIER_GRANT:
            granted_s = made_s - _EARLIER_S
        phone = self._phone(rider, variant)
        grant = self._grant(phone, rider, variant, account_type, granted_s, recipe)
        code = present(grant, phone.signer, made_s)
        match recipe:
            case Recipe.LAST_BYTE:
                return code[:-65] + bytes((code[-65] ^ 0xFF,)) + code[-64:]
            case Recipe.OTHER_KEY:
                return code[:-64] + self._thief.sign(code[:-65], _USER_ID)
            case Recipe.CUT:
                return code[:_CUT]
            case _:
                return code

    def _phone(self, rider: int, variant: int) -> Phone:
        name = rider, variant
        phone = self._phones.get(name)
        if phone is None:
            home = self._city.issuer_of(rider)
            signer = _signer(self._city, "phone", home.city, rider, variant)
            phone = self._phones[name] = Phone(signer, {})
            self.made += 1
            if len(self._phones) > _KEPT:
                self._phones.popitem(last=False)
        return phone

    def _grant(
        self, phone: Phone, rider: int, variant: int, account_type: int, at_s: int, recipe: Recipe
    ) -> bytes:
        """Fields 1 to 15 that a phone holds at a moment."""
        phase = draw(self._phase, rider) % GRANTED_S
        issued_s = at_s - (at_s - phase) % GRANTED_S
        forged = recipe if recipe in _FORGED else Recipe.OWN
        known = phone.grants.get((issued_s, forged))
        if known is None:
            if len(phone.grants) >= 3:
                phone.grants.clear()
            known = self._granted(phone, rider, variant, account_type, issued_s, recipe)
            phone.grants[issued_s, forged] = known
            self.granted += 1
        return known

    def _granted(
        self, phone: Phone, rider: int, variant: int, account_type: int, issued_s: int,
        recipe: Recipe,
    ) -> bytes:  # fmt: skip
        number = self._city.issuer_of(rider).issuer
        authority = self._other if recipe is Recipe.OTHER_ROOT else self._authority
        if recipe is Recipe.OTHER_ISSUER:
            number = next((other for other in authority.issuers if other != number), number)
        issuer = authority.issuers[number]
        grant = Grant(
            payment_account=f"{rider:016}",
            card_account=self._city.account(rider, variant),
            platform=self._platforms[draw(self._app, rider) % len(self._platforms)],
            account_type=account_type,
            limit_fen=_LIMIT_FEN,
            user_key=phone.signer.public_key,
            until_s=issued_s + GRANTED_S + _OVERLAP_S,
            validity_s=VALIDITY_S,
        )
        made = authorise(grant, issuer.certificate, issuer.signer)
        if recipe is Recipe.OTHER_SIGNATURE:
            return made[:-64] + self._thief.sign(made[:-65], _USER_ID)
        return made


_FORGED: Final = (Recipe.OTHER_ISSUER, Recipe.OTHER_ROOT, Recipe.OTHER_SIGNATURE)
