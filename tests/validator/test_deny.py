"""The deny list is exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError
from ridecode.validator import DenyList

ACCOUNTS = st.integers(0, 10**19 - 1).map(lambda number: f"{number:019}")


@given(st.sets(ACCOUNTS), st.sets(ACCOUNTS))
def test_it_holds_what_it_was_given_and_nothing_else(denied: set[str], others: set[str]) -> None:
    deny_list = DenyList(denied)
    assert {account for account in denied | others if account in deny_list} == denied
    assert len(deny_list) == len(denied)


@given(st.lists(ACCOUNTS))
def test_order_and_repetition_do_not_matter(denied: list[str]) -> None:
    assert DenyList(denied) == DenyList([*reversed(denied), *denied])
    assert hash(DenyList(denied)) == hash(DenyList(reversed(denied)))


def test_the_outermost_accounts() -> None:
    deny_list = DenyList(["0" * 19, "9" * 19])
    assert "0" * 19 in deny_list
    assert "9" * 19 in deny_list
    assert "0" * 18 + "1" not in deny_list
    assert "9" * 18 + "8" not in deny_list
    assert "0" * 19 not in DenyList()


@pytest.mark.parametrize("account", ["", "1" * 18, "1" * 20, "1" * 18 + "f", "１" * 19, "+" * 19])
def test_what_is_no_account_is_refused(account: str) -> None:
    with pytest.raises(BadInputError, match="19 digits"):
        DenyList([account])


def test_a_million_accounts_take_eight_megabytes() -> None:
    deny_list = DenyList(f"{3105170000000000000 + 7 * n}" for n in range(1_000_000))
    assert deny_list.size_bytes < 8_000_000
    assert "3105170000006999993" in deny_list
    assert "3105170000006999994" not in deny_list
