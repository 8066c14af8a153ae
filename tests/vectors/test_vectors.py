"""The vectors through the code of this project, through two other implementations, and as files."""

import json
from pathlib import Path
from typing import Any

import gmssl_pyx
import jsonschema  # type: ignore[import-untyped]
import pytest

from ridecode.code import Root, TestRoots, Verifier, fields, v1
from ridecode.code.sm2 import PublicKey
from ridecode.core import BadInputError, Verdict
from tests.code import paper_code
from tests.vectors import make

HERE = Path(__file__).parent
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in HERE.glob("*.json")}
SCHEMA = FILES.pop("vectors.schema")
Vector = dict[str, Any]
raw = bytes.fromhex


def each(kind: str) -> pytest.MarkDecorator:
    vectors = FILES[kind]["vectors"]
    return pytest.mark.parametrize("vector", vectors, ids=[f"{v['id']}" for v in vectors])


# --- the code of this project -------------------------------------------------------------------


@each("ride_code")
def test_a_ride_code_gets_its_verdict_and_its_fields(vector: Vector) -> None:
    roots = [Root.parse(raw(root)) for root in vector["roots"]]
    judge = Verifier(roots, test_roots=TestRoots(vector["test_roots"]))
    verified = judge.verify(raw(vector["code"]), vector["now"])
    assert verified.verdict is Verdict[vector["verdict"]], vector["comment"]
    assert fields(raw(vector["code"])) == vector["fields"]


@each("v1")
def test_a_v1_code_gets_its_verdict_and_its_fields(vector: Vector) -> None:
    keys = [v1.Key(k["key_id"], k["issuer"], PublicKey(raw(k["public_key"])))
            for k in vector["keys"]]  # fmt: skip
    verified = Verifier([], v1_keys=keys).verify(raw(vector["code"]), vector["now"])
    assert verified.verdict is Verdict[vector["verdict"]], vector["comment"]
    assert fields(raw(vector["code"])) == vector["fields"]


@each("root")
def test_a_root_record_reads_or_is_refused(vector: Vector) -> None:
    if not vector["valid"]:
        with pytest.raises(BadInputError):
            Root.parse(raw(vector["record"]))
        return
    root = Root.parse(raw(vector["record"]))
    assert vector["fields"] == {
        "service": root.service.hex(), "index": root.index, "expires_s": root.expires_s,
        "public_key": root.key.xy.hex(), "is_test": root.is_test,
    }  # fmt: skip


@each("sm2")
def test_a_signature_verifies_or_does_not(vector: Vector) -> None:
    message, signature = raw(vector["message"]), raw(vector["signature"])
    try:
        key = PublicKey(raw(vector["public_key"]))
    except BadInputError:
        assert not vector["valid"]
        return
    assert key.verify(message, signature, raw(vector["user_id"])) is vector["valid"]


# --- two other implementations ------------------------------------------------------------------


def _der(number: bytes) -> bytes:
    short = number.lstrip(b"\x00") or b"\x00"
    body = b"\x00" * (short[0] >> 7) + short
    return b"\x02" + bytes((len(body),)) + body


def gmssl_verify(key: bytes, message: bytes, signature: bytes, user_id: bytes) -> bool:
    """By GmSSL, which takes signatures in DER and has no verdict on malformed keys: it raises."""
    if len(signature) != 64 or len(key) not in (33, 64):
        return False
    encoded = _der(signature[:32]) + _der(signature[32:])
    sequence = b"\x30" + bytes((len(encoded),)) + encoded
    try:
        point = key if len(key) == 64 else gmssl_pyx.normalize_sm2_public_key(key)
        return bool(gmssl_pyx.sm2_verify(point, message, sequence, signer_id=user_id))
    except gmssl_pyx.InvalidValueError:
        return False


@pytest.mark.parametrize("verify", [paper_code.paper_verify, gmssl_verify], ids=["paper", "GmSSL"])
def test_other_implementations_agree(verify: paper_code.Verify) -> None:
    for vector in FILES["ride_code"]["vectors"]:
        trusting = vector["test_roots"] == "accepted"
        roots = [raw(root) for root in vector["roots"]]
        verdict = paper_code.judge(raw(vector["code"]), roots, vector["now"],
                                   test_roots=trusting, verify=verify)  # fmt: skip
        assert verdict == vector["verdict"], vector["comment"]
    for vector in FILES["v1"]["vectors"]:
        keys = {key["key_id"]: raw(key["public_key"]) for key in vector["keys"]}
        verdict = paper_code.judge_v1(raw(vector["code"]), keys, vector["now"], verify=verify)
        assert verdict == vector["verdict"], vector["comment"]
    for vector in FILES["root"]["vectors"]:
        sound = paper_code.root_is_sound(raw(vector["record"]), verify=verify)
        assert sound is vector["valid"], vector["comment"]


@pytest.mark.parametrize("verify", [paper_code.paper_verify, gmssl_verify], ids=["paper", "GmSSL"])
def test_other_implementations_agree_on_signatures(verify: paper_code.Verify) -> None:
    for vector in FILES["sm2"]["vectors"]:
        if verify is gmssl_verify and not vector["user_id"]:
            continue  # GmSSL refuses the empty user id itself
        parts = (raw(vector[name]) for name in ("public_key", "message", "signature", "user_id"))
        assert verify(*parts) is vector["valid"], vector["comment"]


# --- the files ----------------------------------------------------------------------------------


def test_made_again_they_are_the_same_to_the_byte() -> None:
    for name, text in make.files().items():
        assert (HERE / name).read_text(encoding="utf-8") == text, f"python -m {make.__name__}"


@pytest.mark.parametrize("kind", FILES)
def test_a_file_keeps_its_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(FILES[kind], SCHEMA)


@pytest.mark.parametrize("kind", FILES)
def test_the_schema_forbids_what_it_does_not_know(kind: str) -> None:
    for damage in ({"odd": 1}, {"vectors": [FILES[kind]["vectors"][0] | {"odd": 1}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(FILES[kind] | damage, SCHEMA)


@pytest.mark.parametrize("kind", FILES)
def test_refusals_are_no_fewer_than_acceptances(kind: str) -> None:
    good = [v for v in FILES[kind]["vectors"] if v.get("valid", v.get("verdict") == "ACCEPTED")]
    assert 0 < 2 * len(good) <= len(FILES[kind]["vectors"])


@pytest.mark.parametrize("kind", FILES)
def test_flags_are_those_that_are_explained(kind: str) -> None:
    used = {flag for vector in FILES[kind]["vectors"] for flag in vector["flags"]}
    assert used == set(FILES[kind]["flags"])


def test_every_verdict_on_trust_has_a_vector() -> None:
    shown = {vector["verdict"] for vector in FILES["ride_code"]["vectors"]}
    assert shown == {verdict.name for verdict in Verdict if verdict < Verdict.CLOCK_UNTRUSTED}
