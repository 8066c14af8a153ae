"""What a verifier remembers: only what was good, under all that was signed, and not too much."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ridecode.code import KeySigner, Root, TestRoots, Verifier, v1
from ridecode.code.lately import Lately
from ridecode.code.sm2 import PublicKey
from ridecode.core import BadInputError, Verdict
from tests.code import forge
from tests.code.forge import MADE
from tests.code.world import ROOT_RECORDS, v1_key, verifier


def test_the_least_recently_used_goes_first() -> None:
    memory: Lately[int] = Lately(2)
    memory.keep(b"a", 1)
    memory.keep(b"b", 2)
    assert memory.find(b"a") == 1
    memory.keep(b"c", 3)
    assert (memory.find(b"a"), memory.find(b"b"), memory.find(b"c")) == (1, None, 3)
    assert len(memory) == 2


def test_what_is_kept_twice_is_there_once() -> None:
    memory: Lately[int] = Lately(2)
    memory.keep(b"a", 1)
    memory.keep(b"a", 2)
    assert (len(memory), memory.find(b"a")) == (1, 2)
    memory.clear()
    assert (len(memory), memory.find(b"a")) == (0, None)


def test_a_memory_of_none_keeps_nothing() -> None:
    memory: Lately[int] = Lately(0)
    memory.keep(b"a", 1)
    assert memory.find(b"a") is None


def test_threads_share_a_memory_within_its_bounds() -> None:
    memory: Lately[int] = Lately(10)

    def work(number: int) -> None:
        name = bytes((number % 50,))
        memory.keep(name, number % 50)
        assert memory.find(name) in (None, number % 50)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(5_000)))
    assert len(memory) == 10


def sizes(judge: Verifier) -> tuple[int, int]:
    """Certificates and authorisations remembered."""
    return len(judge._certified), len(judge._authorised)


def test_good_signatures_are_remembered_once() -> None:
    judge = verifier()
    for second in range(3):
        code = forge.build({"field_16": (MADE + second).to_bytes(4, "big"), **SAME})
        assert judge.verify(code, MADE).verdict is Verdict.ACCEPTED
    assert sizes(judge) == (1, 1)
    judge.forget()
    assert sizes(judge) == (0, 0)


FIRST = forge.build()
SAME = {"item_13": FIRST[56:120], "field_15": FIRST[199:263]}
"""The signatures of root and issuer, so that only the rider signs anew."""


def test_nothing_is_remembered_of_what_was_refused() -> None:
    judge = verifier()
    for changes in ({"key_13": forge.OTHER}, {"item_12": forge.OFF_CURVE}, {"item_3": b"\x09"}):
        judge.verify(forge.build(changes), MADE)
        assert sizes(judge) == (0, 0)
    judge.verify(forge.build({"key_15": forge.OTHER}), MADE)
    assert sizes(judge) == (1, 0), "the certificate was good, the authorisation was not"
    judge.verify(forge.build({"key_17": forge.OTHER}), MADE)
    assert sizes(judge)[1] == 1, "the authorisation was good, whoever showed it"


@pytest.mark.parametrize(
    "changes",
    [{"field_9": bytes(3)}, {"field_14": b"\x00"}, {"field_15": b"\x22" * 64},
     {"field_7": b"\x00\x00\x00\x02"}],
    ids=str,
)  # fmt: skip
def test_a_remembered_authorisation_vouches_for_itself_alone(changes: dict[str, bytes]) -> None:
    judge = verifier()
    assert judge.verify(FIRST, MADE).verdict is Verdict.ACCEPTED
    verdict = judge.verify(forge.build(SAME | changes), MADE).verdict
    assert verdict is Verdict.AUTHORISATION_SIGNATURE


def test_a_remembered_certificate_vouches_for_itself_alone() -> None:
    judge = verifier()
    assert judge.verify(FIRST, MADE).verdict is Verdict.ACCEPTED
    for changes in ({"item_7": b"\x00\x00\x02"}, {"item_12": forge.point(forge.OTHER)}):
        code = forge.build({"item_13": SAME["item_13"], "key_15": forge.OTHER} | changes)
        assert judge.verify(code, MADE).verdict is Verdict.CERTIFICATE_SIGNATURE


def test_what_is_remembered_under_one_user_id_is_not_good_under_another() -> None:
    judge = verifier()
    assert judge.verify(FIRST, MADE).verdict is Verdict.ACCEPTED
    relabelled = b"\x81" + FIRST[1:]
    assert judge.verify(relabelled, MADE).verdict is Verdict.CERTIFICATE_SIGNATURE


def test_a_remembered_code_still_ages() -> None:
    judge = verifier()
    assert judge.verify(FIRST, MADE).verdict is Verdict.ACCEPTED
    assert judge.verify(FIRST, MADE + 61).verdict is Verdict.CODE_EXPIRED
    assert judge.verify(FIRST, forge.UNTIL + 1).verdict is Verdict.AUTHORISATION_EXPIRED
    assert judge.verify(FIRST, 1_924_992_000).verdict is Verdict.CERTIFICATE_EXPIRED


def test_the_memories_are_bounded() -> None:
    roots = [Root.parse(ROOT_RECORDS["service"])]
    judge = Verifier(roots, certificates_most=2, authorisations_most=3)
    for number in range(6):
        code = forge.build({"item_7": bytes((0, 0, number))})
        assert judge.verify(code, MADE).verdict is Verdict.ACCEPTED
    assert sizes(judge) == (2, 3)


def test_a_verifier_may_be_shared_among_threads() -> None:
    """Few places in memory and many threads: each verdict is as if it were alone."""
    roots = [Root.parse(ROOT_RECORDS["service"])]
    judge = Verifier(roots, certificates_most=1, authorisations_most=2)
    work = [
        (forge.build({"item_7": bytes((0, 0, number))} | changes), verdict)
        for number in range(4)
        for changes, verdict in (
            ({}, Verdict.ACCEPTED),
            ({"key_13": forge.OTHER}, Verdict.CERTIFICATE_SIGNATURE),
            ({"key_15": forge.OTHER}, Verdict.AUTHORISATION_SIGNATURE),
            ({"key_17": forge.OTHER}, Verdict.USER_SIGNATURE),
        )
    ] * 12
    with ThreadPoolExecutor(4) as threads:
        verdicts = threads.map(lambda item: judge.verify(item[0], MADE).verdict, work)
        assert list(verdicts) == [verdict for _, verdict in work]


def test_a_v1_code_shares_no_memory_with_another_key() -> None:
    judge = Verifier([], v1_keys=[v1_key(), v1.Key("00000008", "01011000", OTHERS)])
    code = forge.build_v1()
    assert judge.verify(code, MADE).verdict is Verdict.ACCEPTED
    other_key = code[:4] + bytes.fromhex("00000008") + code[8:]
    assert judge.verify(other_key, MADE).verdict is Verdict.AUTHORISATION_SIGNATURE


OTHERS = PublicKey(KeySigner(forge.OTHER).public_key)


def test_a_v1_key_is_one_issuers_under_whatever_id() -> None:
    """The id is under no signature: a rider may write the other one, and so another issuer."""
    one = v1_key()
    under_another_id = v1.Key("00000008", one.issuer, one.public_key)
    assert (
        Verifier([], v1_keys=[one, under_another_id]).verify(forge.build_v1(), MADE).verdict
        is Verdict.ACCEPTED
    )
    with pytest.raises(BadInputError, match="two issuers"):
        Verifier([], v1_keys=[one, v1.Key("00000008", "02002900", one.public_key)])


def test_two_roots_of_one_name_are_refused() -> None:
    one = Root.parse(ROOT_RECORDS["service"])
    assert Verifier([one, one]).verify(FIRST, MADE).verdict is Verdict.ACCEPTED
    other = Root.parse(forge.build_root({"expiry": bytes.fromhex("1239")}))
    with pytest.raises(BadInputError, match="Two roots"):
        Verifier([one, other])


def test_what_was_read_twice_is_one_and_the_same() -> None:
    """A root or key may come by two ways: a bundle and an option, two files, two starts."""
    one, again = (Root.parse(ROOT_RECORDS["service"]) for _ in range(2))
    assert Verifier([one, again]).verify(FIRST, MADE).verdict is Verdict.ACCEPTED
    assert Verifier([], v1_keys=[v1_key(), v1_key()]) is not None
    assert (one == again, one != again, v1_key() == v1_key()) == (True, False, True)
    assert len({one, again, Root.parse(ROOT_RECORDS["test"])}) == 2


def test_the_form_of_the_last_byte_does_not_make_another_code() -> None:
    judge = verifier(TestRoots.ACCEPTED)
    codes = [FIRST[:-65] + bytes((byte,)) + FIRST[-64:] for byte in (0, 0x15, 0xFF)]
    read = [judge.verify(code, MADE) for code in codes]
    assert [verified.verdict for verified in read] == [Verdict.ACCEPTED] * 3
    assert len({verified.code.identity for verified in read if verified.code}) == 1


def test_the_unsigned_bytes_do_not_make_another_v1_code() -> None:
    judge, code = verifier(), forge.build_v1()
    other = b"\x80\xff\xff\x01" + code[4:161] + b"\x00" + code[162:]
    read = [judge.verify(data, MADE) for data in (code, other)]
    assert [verified.verdict for verified in read] == [Verdict.ACCEPTED] * 2
    assert len({verified.code.identity for verified in read if verified.code}) == 1
