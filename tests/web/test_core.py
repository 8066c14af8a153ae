"""The page's core without a browser: its tests, its types, and its codes before our verifier."""

import subprocess
from pathlib import Path

import msgspec
import pytest
from tools.build_web import ROOT, node_and_npm, run_npm

from ridecode.code import (
    Grant,
    KeySigner,
    Root,
    TestRoots,
    Verifier,
    authorise,
    make_certificate,
    make_test_root,
)
from ridecode.core import Verdict

WEB = ROOT / "web"
MADE_S = 1_767_225_600
PHONE_KEY = "33" * 32
ISSUER = KeySigner(bytes.fromhex("22" * 32))
AUTHORITY = KeySigner(bytes.fromhex("11" * 32))
TEST_ROOT = Root.parse(make_test_root(AUTHORITY, 1, "1240"))


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if not (WEB / "node_modules/vitest").exists():
        pytest.skip("the page's packages are not installed: python tools/build_web.py")


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_cores_own_tests_and_types_hold(script: str) -> None:
    run_npm(["run", "--silent", script])


class _Made(msgspec.Struct):
    code: str


def present(tmp_path: Path, authorisations: list[bytes]) -> list[bytes]:
    """Codes of the phone's core for a key of 33…33, made by Node.js."""
    node, _ = node_and_npm()
    bundle = tmp_path / "present.mjs"
    pack: list[str | Path] = [
        node,
        "node_modules/rolldown/bin/cli.mjs",
        "test/present.ts",
        "-o",
        bundle,
    ]
    subprocess.run(pack, cwd=WEB, check=True, capture_output=True)
    asked = [
        msgspec.json.encode({"key": PHONE_KEY, "authorisation": each.hex(), "now": MADE_S})
        for each in authorisations
    ]
    done = subprocess.run([node, bundle], input=b"\n".join(asked), capture_output=True, check=True)
    return [
        bytes.fromhex(made.code) for made in msgspec.json.Decoder(_Made).decode_lines(done.stdout)
    ]


def authorisation(version: int, custom: bytes) -> bytes:
    certificate = make_certificate(
        AUTHORITY, TEST_ROOT, issuer="02215840", issuer_key=ISSUER.public_key, expiry="1240",
        serial=1, version=version,
    )  # fmt: skip
    grant = Grant(
        payment_account="0" * 16, card_account="3104870400000000001", platform="99000002",
        account_type=1, limit_fen=2_000, user_key=KeySigner(bytes.fromhex(PHONE_KEY)).public_key,
        until_s=MADE_S + 3_600, validity_s=60, custom=custom, version=version,
    )  # fmt: skip
    return authorise(grant, certificate, ISSUER)


def test_our_verifier_accepts_every_code_of_the_phone_and_no_altered_one(tmp_path: Path) -> None:
    """Both user ids of field 17 (0x80's and 0x81's own), the shortest and the longest code."""
    forms = [(0x80, b""), (0x80, bytes(32)), (0x81, b""), (0x81, b"custom")]
    authorisations = [authorisation(*form) for form in forms] * 25
    codes = present(tmp_path, authorisations)
    verifier = Verifier([TEST_ROOT], test_roots=TestRoots.ACCEPTED)
    for granted, code in zip(authorisations, codes, strict=True):
        assert code[: len(granted)] == granted
        assert code[len(granted) : -64] == MADE_S.to_bytes(4, "big") + b"\x15"
        assert verifier.verify(code, MADE_S + 60).verdict is Verdict.ACCEPTED
        assert verifier.verify(code, MADE_S + 61).verdict is Verdict.CODE_EXPIRED
        altered = code[:-1] + bytes((code[-1] ^ 1,))
        assert verifier.verify(altered, MADE_S).verdict is Verdict.USER_SIGNATURE
    assert len({code[-64:-32] for code in codes}) == len(codes), "no nonce comes twice"
