"""A number is a file's for good."""

import pytest

from ridecode.money.clearing import Seen, recognise

KNOWN = {1: b"one", 2: b"two"}


@pytest.mark.parametrize(
    ("number", "digest", "seen"),
    [
        (1, b"one", Seen.SENT_AGAIN), (2, b"two", Seen.SENT_AGAIN), (1, b"two", Seen.CONFLICT),
        (3, b"two", Seen.NEW), (9, b"nine", Seen.NEW),
    ],
)  # fmt: skip
def test_a_file_is_known_by_its_number_and_its_digest(
    number: int, digest: bytes, seen: Seen
) -> None:
    assert recognise(number, digest, KNOWN) is seen
