"""Values that stand in print or in service, against which nothing here was made to fit."""

import pytest

from ridecode.code import Certificate, KeySigner, RideCode, Root, Verifier, make_root, parse
from ridecode.core import Verdict

REAL_ROOT = (
    "2101010000a000000632021240041140dcb53b215317dd87eac919eea6524085cacf49e37cf055b0b6c0aa84"
    "d8157f496f32bfd10bef202cdd897fa8e6172f2f14e3ca810fed8089702cb61277690c6c4ef502d60834bb03"
    "3ab536d4d652a200f08ee141cdd6695c44580f0a75af944249fc17b5652bab5e4df6b2c692fa351e04ac5285"
    "0a6adffb2e12053f34b800d2"
)
REAL_CERTIFICATE = (
    "2401012020021201343930121890886604042021030dbf032921dce84d19846049d07043cec077486cbb64bc"
    "4c659975f23a849ae5bb2589b795054a26b490685384caaf21e7eda1d55e6688c8f46b83701c77c6fdc6c968"
    "c369dfd06f3eebf82d08a563bc94074e7f59ea91604d59f519a3069b7e"
)
VECTOR_A = (
    "8001492401010000011201011000123000000104040021024467e6043f38645e740050f3d6c9d6a0bf6b13d3"
    "b57892842be9b75cca3ce884a7cd5cff96676e184ae1f27107afab3bf4f8037bcc507b7d6daba94676a24cff"
    "24064b3fb88d4869fdbf5244ac35b57ef4a60f52bbba2b5318fc2e7666c8cdc9303030303030303030303030"
    "30303031310517""0000000000001f0101100000000001010007d00240fe1d2084a7eb18c6270952e3e642be6e"
    "9c74a74c41bcb1dd329179216d26c870dbd880003c001553da4fe8c1e79321b4f6705dd485abe98f7ed6b452"
    "34e2269c3b286ef4bd91afcba9926b03d667150997e28b451772837960a052c929c127431312928247314869"
    "55b90015173f0012032a872b1ef870b99b390f6388290e62140d723383b9747285b52ff7fb4b3b73de53f00d"
    "6a2761225a07d12a36f0023669d3a2ea18184f0fc571cd04"
)  # fmt: skip
VECTOR_B = (
    "8101692401010000011201011000123000000104040021024467e6043f38645e740050f3d6c9d6a0bf6b13d3"
    "b57892842be9b75cca3ce884b7e515d08ccf8f72e04de9415ae4f6ec928c9118ae6fa74953e5a4d45ca8ad79"
    "6ebd9c982c9c7f3d171791d78b21d3db2534ea742db386c79a870195ca2da283303030303030303030303030"
    "30303031310517""0000000000001f0101100000000001010007d00240fe1d2084a7eb18c6270952e3e642be6e"
    "9c74a74c41bcb1dd329179216d26c870dbd880003c20000102030405060708090a0b0c0d0e0f101112131415"
    "161718191a1b1c1d1e1f1528511991f180b9182b98dd7ef69755fafa76a5156d1fb1a73c56de7ede82246058"
    "79afb80093ca6459e6b9749498da5b2178a12feb1ffede05d380e6bc31d6446955b900152d8109c32b98a745"
    "44d68bbfa4172c0475e23969c02c9270f95313d38734be74109a8dc34a4cb2e5fc802ef1f959c39ccf7f92e6"
    "99591c35e776ffbc33cfff75"
)  # fmt: skip
MADE_S = 1767225600


def verifier() -> Verifier:
    root = make_root(KeySigner(b"\x11" * 32), 1, "1230")
    return Verifier([Root.parse(root)])


@pytest.mark.parametrize("code", [VECTOR_A, VECTOR_B])
def test_the_two_synthetic_codes_are_accepted_at_their_time(code: str) -> None:
    assert verifier().verify(bytes.fromhex(code), MADE_S).verdict is Verdict.ACCEPTED


def test_the_fields_of_the_first_synthetic_code() -> None:
    code = parse(bytes.fromhex(VECTOR_A))
    assert isinstance(code, RideCode)
    assert code.version == 0x80
    assert code.card_account == "3105170000000000001"
    assert (code.issuer, code.platform) == ("01011000", "00000001")
    assert (code.account_type, code.limit_fen, code.validity_s) == (1, 2000, 60)
    assert (code.authorised_until_s, code.made_s) == (1893456000, MADE_S)


def test_the_real_root_loads() -> None:
    root = Root.parse(bytes.fromhex(REAL_ROOT))
    assert (root.index, root.is_test) == (2, False)


def test_the_real_certificate_reads() -> None:
    certificate = Certificate.parse(bytes.fromhex(REAL_CERTIFICATE))
    assert (certificate.issuer, certificate.serial) == ("01343930", 0x908866)
