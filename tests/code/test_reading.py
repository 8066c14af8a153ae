"""Whose code it is, what stands where in it, and the same as plain values."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ridecode.code import Platform, anatomy, fields, parse, sniff
from ridecode.code.bench import bench_verify
from ridecode.core import Verdict
from tests.code import forge
from tests.code.test_published import REAL_CERTIFICATE, REAL_ROOT

CODE = forge.build({"field_14": bytes(range(5))})
V1 = forge.build_v1()


@pytest.mark.parametrize(
    ("data", "platform"),
    [
        (CODE, Platform.T_UNION),
        (CODE[:200], Platform.T_UNION),
        (b"\x80", Platform.T_UNION),
        (CODE[:226], Platform.T_UNION),
        (V1, Platform.T_UNION_V1),
        (b"\x80" + V1[1:], Platform.T_UNION_V1),
        (V1[:3] + b"\x01" + V1[4:], Platform.T_UNION_V1),
        (V1[:3] + b"\x02" + V1[4:], Platform.UNKNOWN),
        (b"\x80" + V1[1:3] + b"\x02" + V1[4:], Platform.T_UNION),
        (V1[:-1], Platform.UNKNOWN),
        (b"\x54\x01\x00", Platform.TONGKA),
        (b"\x54\x02", Platform.TONGKA),
        (b"\x54\x03", Platform.UNKNOWN),
        (b"\x55", Platform.UNIFIED),
        (b"\x02\x01abc", Platform.ALIPAY),
        (b"\x02\x02abc", Platform.UNKNOWN),
        (b"TX", Platform.TENCENT),
        (b"tx", Platform.UNKNOWN),
        (b"SHSTMETRO", Platform.SHANGHAI_METRO),
        (b"SHSTMETR", Platform.UNKNOWN),
        (b"62", Platform.UNIONPAY),
        (b"62" + b"1" * 47, Platform.UNIONPAY),
        (b"62" + b"1" * 48, Platform.UNKNOWN),
        (b"62a", Platform.UNKNOWN),
        (b"61", Platform.UNKNOWN),
        (b"", Platform.UNKNOWN),
        (b"\x7f", Platform.UNKNOWN),
        (b"https://example.com", Platform.UNKNOWN),
    ],
)
def test_a_code_is_told_by_its_first_bytes(data: bytes, platform: Platform) -> None:
    assert sniff(data) is platform


def test_every_platform_has_both_languages() -> None:
    assert all(platform.words.zh and platform.words.en for platform in Platform)


@settings(max_examples=300)
@given(st.one_of(
    st.binary(max_size=400),
    st.integers(0, len(CODE)).map(lambda end: CODE[:end]),
    st.binary(max_size=40).map(lambda more: CODE + more),
    st.integers(0, 255).map(lambda byte: CODE[:197] + bytes((byte,)) + CODE[198:]),
    st.sampled_from([V1, bytes.fromhex(REAL_ROOT), bytes.fromhex(REAL_CERTIFICATE)]),
))  # fmt: skip
def test_no_byte_is_lost_or_shown_twice(data: bytes) -> None:
    opened = anatomy(data)
    if opened.parts:
        assert b"".join(part.raw for part in opened.parts) == data
        ends = [part.offset + len(part.raw) for part in opened.parts]
        assert [part.offset for part in opened.parts] == [0, *ends[:-1]]
    assert all(part.name.zh and part.name.en for part in opened.parts)


def test_fields_are_plain_values_under_the_names_of_the_attributes() -> None:
    told = fields(CODE)
    assert told is not None
    assert (told["version"], told["card_account"]) == (0x80, "3105170000000000001")
    assert (told["custom"], told["user_key"]) == ("0001020304", forge.RIDER_POINT.hex())
    certificate = told["certificate"]
    assert isinstance(certificate, dict)
    assert (certificate["issuer"], certificate["root_index"]) == ("01011000", 1)
    assert "raw" not in told
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("data", [b"", CODE[:-1], V1[:-1], b"TX", bytes(332)])
def test_what_is_not_well_formed_has_no_fields(data: bytes) -> None:
    assert fields(data) is None
    assert isinstance(parse(data), Verdict)


def test_the_bench_measures_against_its_bars() -> None:
    """Its shape alone: how fast this machine is now decides no test."""
    found = bench_verify(rounds=1)
    assert found.cold_us > found.warm_us > found.examine_us > 0
    assert (found.code_bytes, found.bare_bytes, found.slices) == (332, 300, 8)
    assert found.library.startswith("OpenSSL")
    cold, warm, *speed = found.bars
    assert (cold.limit, warm.limit, [bar.limit for bar in speed]) == (1.10, 1.20, [0.80])
    assert [bar.kept for bar in (cold, warm)] == [bar.measured <= bar.limit for bar in (cold, warm)]
    assert [bar.kept for bar in speed] == [bar.measured >= bar.limit for bar in speed]
