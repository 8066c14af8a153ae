"""Whatever bytes come, the linter answers; and no changed file passes as sound or signed."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError
from ridecode.money.clearing import file_name, lint, public_key, sent_lines
from ridecode.money.clearing.findings import Findings
from ridecode.money.clearing.layout import RECORDS
from ridecode.money.clearing.scan import Scan
from ridecode.money.clearing.settled import Settled
from tests.money.clearing.paper import COMPANY, KEYS, head, settlement
from tests.money.clearing.test_answer import REJECTED, answer


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A settlement file and its answer."""
    folder = tmp_path_factory.mktemp("real")
    to = settlement(folder)
    return to.path, answer(folder, to, *REJECTED)


PIECES = [b",", b"\n", b"\r\n", b"-", b"0", b"A,1,2,", b"S,"]
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1), st.integers(0, 40),
        st.binary(max_size=8) | st.sampled_from(PIECES),
    ),
    min_size=1, max_size=4,
)  # fmt: skip
"""Where, as a share of the file; how many bytes go; what comes in their place."""


def _changed(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for share, gone, come in changes:
        at = int(share * len(content))
        content = content[:at] + come + content[at + gone :]
    return content


@given(st.booleans(), CHANGES, st.booleans())
def test_a_real_file_that_was_changed_is_never_sound(
    real: tuple[Path, Path], is_answer: bool, changes: list[tuple[float, int, bytes]], beside: bool
) -> None:
    path = real[is_answer]
    honest = path.read_bytes()
    content = _changed(honest, changes)
    (folder := path.parent / "changed").mkdir(exist_ok=True)
    changed = folder / path.name
    changed.write_bytes(content)
    found = lint(changed, KEYS, real[0] if beside else None)
    if content != honest:
        assert found.signed_by is None
        assert found.findings


@given(CHANGES)
def test_line_by_line_and_all_at_once_the_findings_are_the_same(
    real: tuple[Path, Path], changes: list[tuple[float, int, bytes]]
) -> None:
    """Lines of one kind are read by one expression, others one by one: both ways say the same."""
    content = _changed(real[0].read_bytes(), changes)
    whole, each = Findings(), Findings()
    at_once, by_line = Scan(RECORDS, Settled(whole), whole), Scan(RECORDS, Settled(each), each)
    at_once.take(content)
    for line in re.findall(rb"[^\n]*\n|[^\n]+", content):
        by_line.take(line)
    at_once.finish()
    by_line.finish()
    assert whole.told == each.told
    assert (at_once.signed, at_once.digest) == (by_line.signed, by_line.digest)


@given(
    st.binary(max_size=2000), st.sampled_from([b"", b"H,ridecode-answer,1,", b"H,", b"\xff\xfe"])
)
def test_any_bytes_are_linted(real: tuple[Path, Path], content: bytes, begin: bytes) -> None:
    path = real[0].parent / "any" / file_name(head())
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(begin + content)
    for before in (None, real[0], path):
        found = lint(path, (public_key(COMPANY),), before)
        assert found.findings
        assert found.signed_by is None
    try:
        list(sent_lines(path))
    except BadInputError as error:
        assert error.line is not None
