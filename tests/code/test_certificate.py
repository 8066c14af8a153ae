"""Certificates and root records: what is taken, what is refused, what months mean."""

import pytest

from ridecode.code import Certificate, Root
from ridecode.code.certificate import end_of_month
from ridecode.core import BadInputError
from tests.code import forge
from tests.code.test_published import REAL_CERTIFICATE, REAL_ROOT

REAL = bytes.fromhex(REAL_CERTIFICATE)


def test_the_items_of_the_real_certificate() -> None:
    """Xiamen's of 2018, as a mini program that inspects ride codes carries it."""
    certificate = Certificate.parse(REAL)
    assert certificate.service.hex() == "01012020"
    assert certificate.root_index == 2
    assert certificate.issuer == "01343930"
    assert certificate.expires_s == 1_546_300_800, "December 2018 ends with 2019-01-01T00:00:00Z"
    assert certificate.serial == 0x908866
    assert certificate.parameter == 0x20
    assert certificate.public_key == REAL[20:53]
    assert certificate.signature == REAL[53:]
    assert certificate.signed == REAL[6:53]


@pytest.mark.parametrize(
    ("at", "by"),
    [
        (0, "21"), (6, "11"), (7, "0a"), (11, "00"), (11, "13"), (12, "1a"), (16, "05"),
        (17, "00"), (19, "20"), (20, "04"), (20, "00"),
    ],
)  # fmt: skip
def test_one_item_wrong_and_it_is_no_certificate(at: int, by: str) -> None:
    changed = REAL[:at] + bytes.fromhex(by) + REAL[at + 1 :]
    with pytest.raises(BadInputError, match="not a certificate"):
        Certificate.parse(changed)


@pytest.mark.parametrize("length", [0, 1, 116, 118, 144])
def test_a_certificate_has_117_bytes(length: int) -> None:
    with pytest.raises(BadInputError, match=f"These {length} bytes"):
        Certificate.parse((REAL + bytes(27))[:length])


@pytest.mark.parametrize(
    ("mmyy", "end"),
    [
        ("0100", 949_363_200),  # 2000-02-01
        ("0224", 1_709_251_200),  # 2024-03-01, after a leap day
        ("1229", 1_893_456_000),  # 2030-01-01
        ("1299", 4_102_444_800),  # 2100-01-01
        ("0030", None),
        ("1330", None),
        ("0a30", None),
        ("123f", None),
    ],
)
def test_a_month_is_good_to_its_end(mmyy: str, end: int | None) -> None:
    assert end_of_month(bytes.fromhex(mmyy)) == end


def test_months_are_remembered_in_bounds() -> None:
    for number in range(5_000):
        end_of_month(number.to_bytes(2, "big"))
    assert end_of_month.cache_info().currsize <= 1_200


def test_the_real_root_record() -> None:
    root = Root.parse(bytes.fromhex(REAL_ROOT))
    assert root.service.hex() == "01010000"
    assert root.expires_s == 2_240_611_200, "December 2040 ends with 2041-01-01T00:00:00Z"
    assert root.key.xy.hex() == REAL_ROOT[32:160]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"header": b"\x24"}, "begins 21"),
        ({"rid": bytes.fromhex("a000000633")}, "A000000632"),
        ({"expiry": b"\x13\x30"}, "not 1330"),
        ({"algorithm": b"\x05"}, "SM2"),
        ({"length": b"\x21"}, "64 bytes"),
        ({"key": bytes(64)}, "not a point"),
        ({"signer": forge.OTHER}, "does not verify"),
    ],
)
def test_a_root_record_is_refused_by_what_is_wrong(changes: dict[str, bytes], what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        Root.parse(forge.build_root(changes))


@pytest.mark.parametrize("at", range(0, 144, 9))
def test_a_root_record_with_any_byte_changed_is_refused(at: int) -> None:
    record = bytearray.fromhex(REAL_ROOT)
    record[at] ^= 0x10
    with pytest.raises(BadInputError):
        Root.parse(bytes(record))


def test_roots_are_equal_by_their_bytes() -> None:
    one, same = (Root.parse(bytes.fromhex(REAL_ROOT)) for _ in range(2))
    assert one == same
    assert len({one, same, Root.parse(forge.build_root())}) == 2
