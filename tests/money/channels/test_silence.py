"""Why channels are silent: what is kept of their words, how reasons add up, that all are told."""

import re
from pathlib import Path

import pytest

from ridecode.money.channels import MEANINGS, Silence, Silent
from ridecode.money.channels.silence import counted
from tests.money.channels.kit import BUSY, NO_ANSWER

PAGE = (Path(__file__).resolve().parents[3] / "docs/channels.md").read_text(encoding="utf-8")


def mistake(code: str | int) -> Silent:
    return Silent(Silence.OUR_MISTAKE, f"{code}")


@pytest.mark.parametrize(
    ("code", "kept"),
    [("PARAM_ERROR", "PARAM_ERROR"), ("", ""), ("余额不足 NO_MONEY", "NO_MONEY"),
     ("a\nb\x1b[1m\x7f", "ab[1m"), ("余额不足", ""), ("x" * 64, "x" * 64),
     ("x" * 65, "x" * 64), ("中" * 100 + "y" * 65, "y" * 64)],
)  # fmt: skip
def test_of_a_code_64_printable_characters_are_kept(code: str, kept: str) -> None:
    assert mistake(code).code == kept


def test_what_is_kept_of_two_codes_is_the_same_reason() -> None:
    assert len({mistake("x" * 65), mistake("x" * 64), mistake("x" * 64 + "y")}) == 1


def test_a_reason_is_named_with_its_code() -> None:
    assert [str(one) for one in (NO_ANSWER, mistake("NO_AUTH"))] == [
        "NO_ANSWER", "OUR_MISTAKE NO_AUTH",
    ]  # fmt: skip


def test_reasons_add_up_the_most_frequent_first() -> None:
    told = [(BUSY, 1), (NO_ANSWER, 2), (mistake("b"), 2), (mistake("a"), 1), (BUSY, 4)]
    assert counted(told) == (
        (BUSY, 5), (NO_ANSWER, 2), (mistake("b"), 2), (mistake("a"), 1),
    )  # fmt: skip
    assert counted([]) == ()


def test_of_many_codes_eight_are_kept_and_no_request_is_lost() -> None:
    told = [(mistake(n), n) for n in range(1, 12)] + [(Silent(Silence.BUSY, "z"), 100), (BUSY, 1)]
    summed = counted(told)
    assert summed == (
        (Silent(Silence.BUSY, "z"), 100),
        (mistake(11), 11),
        (mistake(""), 1 + 2 + 3 + 4),
        *((mistake(n), n) for n in (10, 9, 8, 7, 6, 5)),
        (BUSY, 1),
    )
    assert sum(requests for _, requests in summed) == sum(requests for _, requests in told)
    assert counted([*summed, *summed]) == tuple((one, 2 * requests) for one, requests in summed)


def test_every_reason_says_what_it_means_and_what_to_do() -> None:
    assert set(MEANINGS) == set(Silence)


def test_the_page_tells_every_reason_and_no_other() -> None:
    told = re.findall(r"^\| `([A-Z_]+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert told == [one.name for one in Silence]
