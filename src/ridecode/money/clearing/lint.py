"""The linter: everything that is wrong with a settlement file or an answer, by field and line.

It takes any bytes and never raises for them; memory is bounded by the lines that one file may have.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

from ridecode.core import BadInputError
from ridecode.money.clearing import answer, layout
from ridecode.money.clearing.answer import Answer, AnswerHead, answer_name
from ridecode.money.clearing.answered import Answered
from ridecode.money.clearing.findings import Fault, Finding, Findings
from ridecode.money.clearing.layout import Head, file_name
from ridecode.money.clearing.scan import BLOCK, Scan, blocks
from ridecode.money.clearing.sent import SentFile, sent_file
from ridecode.money.clearing.settled import Settled
from ridecode.money.clearing.signing import Said, is_signed, key_id


class Lint(Struct, frozen=True):
    """What was found of one file; a sound one has no findings."""

    layout: str
    """`ridecode-settlement` or `ridecode-answer`."""
    head: Head | AnswerHead | None
    """None where it cannot be read."""
    lines: int
    digest: bytes
    """SHA-256 of the whole file."""
    signed_by: str | None
    """Id of the key whose signature holds; None where none was given, or it does not."""
    findings: tuple[Finding, ...]
    more: int
    """Findings that were left out behind the first hundred."""


def lint(path: Path, keys: Iterable[bytes] = (), before: Path | None = None) -> Lint:
    """Check a file: by itself, by public keys of those who may sign it, and by what came before.

    `keys` none: the signature is not checked. `before` is the settlement file with the number
    before, and of an answer the settlement file that it answers. Raises `BadInputError` where a
    file is not there, whatever is in it.
    """
    return _linted(path, list(keys), before)[0]


def read_answer(path: Path, keys: Iterable[bytes], before: Path) -> Answer:
    """An answer without a finding, signed, to the settlement file `before`.

    Raises `BadInputError` with the first finding where it has any.
    """
    found, content, findings = _linted(path, list(keys), before)
    if findings.told:
        raise findings.error(path)
    if not isinstance(content, Answered) or content.head is None or found.signed_by is None:
        raise BadInputError("This is no answer that is signed.", file=str(path))
    return Answer(content.head, tuple(content.rejected), found.digest)


_Content: TypeAlias = Settled | Answered


def _linted(path: Path, keys: list[bytes], before: Path | None) -> tuple[Lint, _Content, Findings]:
    findings = Findings()
    earlier = None if before is None else _before(before, findings)
    try:
        with path.open("rb") as file:
            is_answer = file.read(len(_ANSWER)) == _ANSWER
            file.seek(0)
            content: _Content = Answered(findings, earlier) if is_answer else Settled(findings)
            scan = Scan(answer.RECORDS if is_answer else layout.RECORDS, content, findings)
            for block in blocks(iter(lambda: file.read(BLOCK), b"")):
                scan.take(block)
    except OSError as error:
        raise BadInputError("The file cannot be read.", "Name another.", file=str(path)) from error
    scan.finish()
    if isinstance(content, Settled) and content.head is not None and earlier is not None:
        _follows(content.head, earlier, findings)
    if content.head is not None:
        _check_name(path, content.head, findings)
    signer = _signer(scan, keys, Said.ANSWER if is_answer else Said.SETTLEMENT, findings)
    found = Lint(
        answer.NAME if is_answer else layout.NAME, content.head, scan.lines, scan.digest, signer,
        tuple(findings.told), findings.count - len(findings.told),
    )  # fmt: skip
    return found, content, findings


_ANSWER: Final = f"H,{answer.NAME},".encode()


def _before(path: Path, findings: Findings) -> SentFile | None:
    try:
        return sent_file(path)
    except BadInputError as error:
        if not path.is_file():
            raise
        findings.add(Fault.NOT_THE_FILE_BEFORE, None, "", error.what, "a settlement file")
        return None


def _follows(head: Head, earlier: SentFile, findings: Findings) -> None:
    """Is it the file that comes after that one?"""
    before = earlier.head
    if (head.city, head.card_company) != (before.city, before.card_company):
        found = f"{before.city}, {before.card_company}"
        expected = f"{head.city}, {head.card_company}"
        findings.add(Fault.NOT_THE_FILE_BEFORE, None, "", found, expected)
    elif head.number != before.number + 1:
        findings.add(Fault.NUMBER, 1, "number", head.number, before.number + 1)
    else:
        if head.before != earlier.digest:
            findings.add(Fault.DIGEST, 1, "before", head.before.hex(), earlier.digest.hex())
        is_next_part = (head.day, head.parts, head.part) == (
            before.day, before.parts, before.part + 1,
        )  # fmt: skip
        is_next_day = head.part == 1 and before.part == before.parts and head.day > before.day
        if not (is_next_part or is_next_day):
            found = f"part {head.part} of {head.parts}"
            expected = f"what follows part {before.part} of {before.parts}"
            findings.add(Fault.PART, 1, "part", found, expected)


def _check_name(path: Path, head: Head | AnswerHead, findings: Findings) -> None:
    expected = file_name(head) if isinstance(head, Head) else answer_name(head)
    if path.name != expected:
        findings.add(Fault.NAME, None, "", path.name, expected)


def _signer(scan: Scan, keys: list[bytes], said: Said, findings: Findings) -> str | None:
    """Id of the key whose signature holds."""
    if scan.signature is None or not keys:
        return None
    named, signature = scan.signature
    public = {key_id(one): one for one in keys}.get(named)
    if public is None:
        known = ", ".join(map(key_id, keys))
        findings.add(Fault.KEY, scan.lines, "key", named, known)
    elif not is_signed(public, said, scan.signed, bytes.fromhex(signature)):
        findings.add(
            Fault.SIGNATURE, scan.lines, "signature", signature, "that of what stands above"
        )
    else:
        return named
    return None
