"""Make the test vectors again: `python -m tests.vectors.make` from the root of the project.

Derived from the cases of tests/code, built by `forge` and signed by `paper_sm2`, whose nonces are
derived from the message: the files come out byte for byte. What a vector must give is written in
its case, and the fields are read by `paper_code`; neither knows the code that is tested.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.code import cases, cases_root, cases_sm2, cases_v1, forge, paper_code, paper_sm2
from tests.code.test_published import VECTOR_A, VECTOR_B
from tests.vectors.flags import FLAGS

HERE: Final = Path(__file__).parent
Record = dict[str, Any]
V1_KEYS: Final = {"00000007": forge.ISSUER_POINT}
sign = cache(paper_sm2.sign)


def ride_codes() -> Iterator[Record]:
    for letter, published in (("A", VECTOR_A), ("B", VECTOR_B)):
        comment = f"published synthetic code {letter}, made by another implementation"
        yield _ride_code(comment, "Published", bytes.fromhex(published), forge.MADE, "ACCEPTED")
    for case in (*cases.ACCEPTED, *cases.REFUSED):
        yield _ride_code(case.comment, case.flag, case.code(sign), case.now, case.verdict.name)
    trusting = forge.build(cases.AT_INDEX["test"], sign)
    yield _ride_code("root is a test root, and such are accepted here", "Root", trusting,
                     forge.MADE, "ACCEPTED", test_roots=True)  # fmt: skip


def _ride_code(
    comment: str, flag: str, code: bytes, now: int, verdict: str, *, test_roots: bool = False
) -> Record:
    roots = _roots_for(code)
    return {"comment": comment, "flags": [flag], "code": code.hex(),
            "roots": [root.hex() for root in roots],
            "test_roots": "accepted" if test_roots else "refused",
            "now": now, "verdict": verdict, "fields": paper_code.fields(code)}  # fmt: skip


@cache
def _roots() -> dict[str, bytes]:
    return {name: forge.build_root(changes, sign) for name, changes in cases.ROOTS.items()}


def _roots_for(code: bytes) -> list[bytes]:
    """The root that the code names, or the first one where it names none that there is."""
    named = [root for root in _roots().values() if root[1:5] + root[10:11] == code[4:9]]
    return named or [_roots()["service"]]


def v1_codes() -> Iterator[Record]:
    keys = [{"key_id": key_id, "issuer": "01011000", "public_key": point.hex()}
            for key_id, point in V1_KEYS.items()]  # fmt: skip
    for case in (*cases_v1.ACCEPTED, *cases_v1.REFUSED):
        code = case.code(sign)
        yield {"comment": case.comment, "flags": [case.flag], "code": code.hex(), "keys": keys,
               "now": case.now, "verdict": case.verdict.name,
               "fields": paper_code.fields_v1(code)}  # fmt: skip


def roots() -> Iterator[Record]:
    for case in (*cases_root.SOUND, *cases_root.UNSOUND):
        record = case.made(sign)
        fields = paper_code.root_fields(record) if case.valid else None
        yield {"comment": case.comment, "flags": [case.flag], "record": record.hex(),
               "valid": case.valid, "fields": fields}  # fmt: skip


def signatures() -> Iterator[Record]:
    for case in (*cases_sm2.good(), *cases_sm2.bad()):
        yield {"comment": case.comment, "flags": [case.flag], "public_key": case.public_key.hex(),
               "user_id": case.user_id.hex(), "message": case.message.hex(),
               "signature": case.signature.hex(), "valid": case.valid}  # fmt: skip


def _file(kind: str, about: str, vectors: Iterable[Record]) -> str:
    numbered = [{"id": number, **vector} for number, vector in enumerate(vectors, 1)]
    used = sorted({flag for vector in numbered for flag in vector["flags"]})
    head = {
        "kind": kind,
        "about": about,
        "derived_by": "tests/vectors/make.py with tests/code/paper_sm2.py",
        "verified_by": ["tests/code/paper_code.py and paper_sm2.py (plain integers)",
                        "gmssl_pyx (GmSSL), which lacks only the empty user id",
                        "ridecode.code (OpenSSL)"],
        "flags": {flag: dict(zip(("about", "attack"), FLAGS[flag], strict=True)) for flag in used},
        "vectors": numbered,
    }  # fmt: skip
    return json.dumps(head, indent=1, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """All files by name."""
    return {
        "ride_code.json": _file("ride_code", "Ride codes of JT/T 1179-2018.", ride_codes()),
        "v1.json": _file("v1", "Ride codes of the older form of 226 bytes.", v1_codes()),
        "root.json": _file("root", "Root records of 144 bytes, each read alone.", roots()),
        "sm2.json": _file("sm2", "SM2 signatures with SM3, as r ‖ s.", signatures()),
    }


if __name__ == "__main__":
    for name, text in files().items():
        (HERE / name).write_text(text, encoding="utf-8")
