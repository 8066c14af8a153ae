"""Whatever bytes come, the linter answers; and no changed file passes as sound or signed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError
from ridecode.money.clearing import file_name, lint, public_key, sent_lines
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


@given(st.booleans(), CHANGES, st.booleans())
def test_a_real_file_that_was_changed_is_never_sound(
    real: tuple[Path, Path], is_answer: bool, changes: list[tuple[float, int, bytes]], beside: bool
) -> None:
    path = real[is_answer]
    content = honest = path.read_bytes()
    for share, gone, come in changes:
        at = int(share * len(content))
        content = content[:at] + come + content[at + gone :]
    (folder := path.parent / "changed").mkdir(exist_ok=True)
    changed = folder / path.name
    changed.write_bytes(content)
    found = lint(changed, KEYS, real[0] if beside else None)
    if content != honest:
        assert found.signed_by is None
        assert found.findings


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
