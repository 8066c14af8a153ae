"""Passwords and tokens: what is kept of them, and what gives nothing away."""

from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY
from hypothesis import given
from hypothesis import strategies as st

from ridecode.access import backoff, passwords, tokens
from ridecode.core import BadInputError, UnavailableError

GOOD = "correct horse battery"
MINUTE = 60_000_000


def test_a_hash_is_argon2id_with_the_recommended_parameters() -> None:
    made = passwords.hashed(GOOD)
    told = RFC_9106_LOW_MEMORY
    assert made.startswith(
        f"$argon2id$v=19$m={told.memory_cost},t={told.time_cost},p={told.parallelism}$"
    )
    assert passwords.fits(made, GOOD)
    assert not passwords.fits(made, GOOD + " ")
    assert not passwords.outdated(made)
    assert made != passwords.hashed(GOOD)


@pytest.mark.parametrize("odd", ["", "eleven char", "x" * 257])
def test_a_password_has_12_to_256_characters(odd: str) -> None:
    with pytest.raises(BadInputError, match="12 to 256"):
        passwords.hashed(odd)


def test_what_is_no_text_is_no_password() -> None:
    with pytest.raises(BadInputError, match="no text"):
        passwords.hashed("\ud800" * 12)
    assert not passwords.fits(passwords.hashed(GOOD), "\ud800" * 12)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert passwords.fits(old, GOOD)
    assert passwords.outdated(old)


def test_no_password_fits_where_there_is_no_hash_and_the_work_is_done_all_the_same() -> None:
    nobodys = passwords._nobodys()
    assert passwords.fits(nobodys, "nobody has this password")
    with patch.object(passwords, "_hasher", wraps=passwords._hasher) as hasher:
        assert not passwords.fits("", "nobody has this password")
        (asked,) = hasher.verify.call_args_list
    assert asked.args[0] == nobodys


def test_a_damaged_hash_fits_nothing() -> None:
    assert not passwords.fits("$argon2id$v=19$m=8,t=1,p=1$x$y", GOOD)


def test_of_a_flood_four_wait_and_the_others_are_sent_away_at_once() -> None:
    """Else it would hold every thread of the server, and nothing else go on."""
    ended: Queue[bool] = Queue()

    def comes() -> None:
        try:
            with passwords.turn():
                ended.put(True)
        except UnavailableError:
            ended.put(False)

    with ThreadPoolExecutor(40) as pool:
        with passwords.turn(), passwords.turn():
            for _ in range(40):
                pool.submit(comes)
            sent_away = [ended.get(timeout=4) for _ in range(36)]
        had_a_turn = [ended.get(timeout=4) for _ in range(4)]
    assert (sent_away, had_a_turn) == ([False] * 36, [True] * 4)


WAITS = [(1, 0), (4, 0), (5, MINUTE // 2), (6, MINUTE), (7, 2 * MINUTE), (9, 8 * MINUTE),
         (10, 15 * MINUTE), (11, 15 * MINUTE), (10**9, 15 * MINUTE)]  # fmt: skip


@pytest.mark.parametrize(("attempts", "wait"), WAITS)
def test_after_wrong_passwords_a_name_waits(attempts: int, wait: int) -> None:
    assert backoff.wait(attempts) == wait


def test_a_token_is_256_random_bits_and_its_digest_is_kept() -> None:
    made = {tokens.new_token() for _ in range(1_000)}
    assert len(made) == 1_000
    one = made.pop()
    digest = tokens.digest(one)
    assert digest is not None
    assert len(digest) == 32
    assert one.encode() not in digest


@given(st.text() | st.from_regex(r"rc_[A-Za-z0-9_-]{40,45}", fullmatch=True))
def test_what_is_no_token_has_no_digest(text: str) -> None:
    ours = text.startswith("rc_") and text.isascii() and len(text) == 46
    ours = ours and text[3:].replace("-", "a").replace("_", "a").isalnum()
    assert (tokens.digest(text) is not None) is ours
