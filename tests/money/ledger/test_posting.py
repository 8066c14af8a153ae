"""Posting: balances follow from the lines, nothing is posted twice, nothing by halves."""

from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ridecode.money.ledger import (
    Account,
    Flow,
    Journal,
    Kind,
    Ledger,
    Outcome,
    balance,
    lines_of,
)
from ridecode.store import Cell
from tests.money.ledger.books import COMPANY, DAY, NOW, journal, named, posted

RIDER, WECHAT = Account(Kind.RIDER, "r1"), Account(Kind.CHANNEL, "wechat")
COMPANYS = Account(Kind.CARD_COMPANY, COMPANY)
POSTED, EXISTS = Outcome.POSTED, Outcome.EXISTS


def test_a_fare_is_owed_charged_and_paid_in(cell: Cell) -> None:
    assert (
        posted(
            cell,
            journal("ride", Flow.FARE, 530),
            journal("order", Flow.CHARGED, 530),
            journal("payout", Flow.PAID_IN, 527),
            journal("fee", Flow.CHANNEL_FEE, 3),
        )
        == [POSTED] * 4
    )
    amounts = {
        Account(Kind.RIDER, "r1"): 0, Account(Kind.CHANNEL, "wechat"): 0,
        Account(Kind.CARD_COMPANY, COMPANY): 530, Account(Kind.BANK, COMPANY): 527,
        Account(Kind.FEE, "wechat"): -3, Account(Kind.RIDER, "nobody"): 0,
    }  # fmt: skip
    assert {at: balance(cell, at) for at in amounts} == amounts


REFUSED: list[tuple[str, Journal, Outcome]] = [
    ("nothing", journal("x", Flow.FARE, 0), Outcome.AMOUNT_OUTSIDE),
    ("less than nothing", journal("x", Flow.FARE, -1), Outcome.AMOUNT_OUTSIDE),
    ("ten trillion yuan", journal("x", Flow.FARE, 10**15), Outcome.AMOUNT_OUTSIDE),
    ("from nobody", journal("x", Flow.FARE, 1, debit=""), Outcome.PARTY_MALFORMED),
    ("to nobody", journal("x", Flow.CHARGED, 1, credit=""), Outcome.PARTY_MALFORMED),
    ("to another card company", journal("x", Flow.FARE, 1, credit="elsewhere"),
     Outcome.OTHER_CARD_COMPANY),
    ("to another's bank", journal("x", Flow.PAID_IN, 1, debit="elsewhere"),
     Outcome.OTHER_CARD_COMPANY),
    ("from an empty wallet", journal("x", Flow.CHARGED_WALLET, 1), Outcome.OVERDRAWN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "outcome"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_is_refused_leaves_no_trace(cell: Cell, wrong: Journal, outcome: Outcome) -> None:
    good = journal("good", Flow.FARE, 1)
    assert posted(cell, wrong, good) == [outcome, POSTED]
    assert posted(cell, wrong) == [outcome]
    assert (balance(cell, RIDER), balance(cell, COMPANYS)) == (1, 1)
    with cell.connection() as conn:
        assert conn.execute("SELECT n FROM ledger_journals").fetchall() == [(1,)]


def test_a_wallet_gives_what_is_in_it_and_no_more(cell: Cell) -> None:
    wallet = Account(Kind.WALLET, "r1")
    assert posted(cell, journal("top-up", Flow.TOPPED_UP, 500)) == [POSTED]
    rides = [journal(f"ride {n}", Flow.CHARGED_WALLET, 200) for n in range(3)]
    assert posted(cell, *rides) == [POSTED, POSTED, Outcome.OVERDRAWN]
    assert balance(cell, wallet) == 100
    assert posted(cell, rides[2], journal("more", Flow.TOPPED_UP, 100), rides[2]) == [
        Outcome.OVERDRAWN, POSTED, POSTED,
    ]  # fmt: skip
    assert balance(cell, wallet) == 0


def test_what_is_refused_now_and_was_posted_before_exists(cell: Cell) -> None:
    """Among others that are new: of the same words, of other words, and one told twice in a batch
    that the wallet suffices for only in the end."""
    paid, other = (journal("paid", Flow.CHARGED_WALLET, fen) for fen in (500, 600))
    late = journal("late", Flow.CHARGED_WALLET, 50)
    assert posted(cell, journal("top-up", Flow.TOPPED_UP, 500), paid) == [POSTED] * 2
    batch = [paid, journal("new", Flow.FARE, 1), late, other, journal("1", Flow.TOPPED_UP, 60),
             late, late]  # fmt: skip
    assert posted(cell, *batch) == [
        EXISTS, POSTED, Outcome.OVERDRAWN, Outcome.ID_TAKEN, POSTED, POSTED, EXISTS,
    ]  # fmt: skip
    assert balance(cell, Account(Kind.WALLET, "r1")) == 10


def test_told_again_it_exists_and_told_otherwise_it_is_refused(cell: Cell) -> None:
    one = journal("one", Flow.FARE, 100)
    other = journal("one", Flow.FARE, 101)
    assert posted(cell, one, one, other) == [POSTED, EXISTS, Outcome.ID_TAKEN]
    assert posted(cell, other, journal("two", Flow.FARE, 5), one) == [
        Outcome.ID_TAKEN, POSTED, EXISTS,
    ]  # fmt: skip
    assert balance(cell, RIDER) == 105


def test_balances_are_of_any_moment(cell: Cell) -> None:
    for at, amount in enumerate((100, 20, 3)):
        posted(cell, journal(f"{at}", Flow.FARE, amount), now=NOW + 10 * at)
    posted(cell, journal("paid", Flow.CHARGED, 123), now=NOW + 30)
    moments = {NOW - 1: 0, NOW: 100, NOW + 9: 100, NOW + 10: 120, NOW + 25: 123, NOW + 30: 0}
    assert {ts: balance(cell, RIDER, ts) for ts in moments} == moments


def test_a_clock_that_is_behind_moves_no_balance_of_the_past(cell: Cell) -> None:
    posted(cell, journal("1", Flow.FARE, 100), now=NOW)
    posted(cell, journal("2", Flow.FARE, 20), now=NOW - 50)
    assert (balance(cell, RIDER, NOW - 1), balance(cell, RIDER, NOW)) == (0, 120)


def test_the_newest_lines_come_first_and_page_by_page(cell: Cell) -> None:
    posted(cell, *(journal(f"{n}", Flow.FARE, n) for n in range(1, 6)))
    posted(cell, journal("paid", Flow.CHARGED, 15))
    first = lines_of(cell, RIDER, most=3)
    assert [(line.n, line.journal.flow) for line in first] == [
        (6, Flow.CHARGED), (5, Flow.FARE), (4, Flow.FARE),
    ]  # fmt: skip
    assert [line.n for line in lines_of(cell, RIDER, before=first[-1].n, most=3)] == [3, 2, 1]
    assert [line.debit_after for line in lines_of(cell, RIDER)][1:] == [15, 10, 6, 3, 1]
    assert lines_of(cell, Account(Kind.RIDER, "nobody")) == []


def test_the_lines_of_an_account_that_is_not_a_riders(cell: Cell) -> None:
    """From the batches that moved it, page by page, over others that did not."""
    for n in range(1, 4):
        fares = [journal(f"{n} {at}", Flow.FARE, n, debit=f"r{at}") for at in (1, 2)]
        assert posted(cell, *fares, journal(f"paid {n}", Flow.CHARGED, 1)) == [POSTED] * 3
    assert posted(cell, journal("top-up", Flow.TOPPED_UP, 5)) == [POSTED]
    found = lines_of(cell, COMPANYS, most=4)
    assert [(line.n, line.credit_after) for line in found] == [(8, -12), (7, -9), (5, -6), (4, -4)]
    assert [line.n for line in lines_of(cell, COMPANYS, before=4)] == [2, 1]
    assert [line.n for line in lines_of(cell, COMPANYS, before=2)] == [1]
    assert [line.n for line in lines_of(cell, WECHAT)] == [10, 9, 6, 3]


def test_one_that_has_no_account_does_not_stand_in_anothers_way(cell: Cell) -> None:
    """Even where it comes under the same id."""
    good = journal("same", Flow.FARE, 7)
    bad = journal("same", Flow.FARE, 7, credit="elsewhere")
    assert posted(cell, bad, good, bad) == [
        Outcome.OTHER_CARD_COMPANY, POSTED, Outcome.OTHER_CARD_COMPANY,
    ]  # fmt: skip


def test_of_two_accounts_that_cannot_be_the_debited_one_is_told(cell: Cell) -> None:
    bad = [
        journal("1", Flow.FARE, 7, debit="a b", credit="elsewhere"),
        journal("2", Flow.FARE_BACK, 7, debit="elsewhere", credit="a b"),
        journal("3", Flow.FARE, 7, debit="new", credit="elsewhere"),
    ]
    assert posted(cell, *bad) == [
        Outcome.PARTY_MALFORMED, Outcome.OTHER_CARD_COMPANY, Outcome.OTHER_CARD_COMPANY,
    ]  # fmt: skip
    with cell.connection() as conn:
        assert conn.execute("SELECT count(*) FROM ledger_accounts").fetchone() == (0,)


def test_two_posters_see_each_others_lines(cell: Cell) -> None:
    ours, theirs = Ledger(COMPANY), Ledger(COMPANY)
    for n, one in enumerate((ours, theirs, theirs, ours, ours)):
        with cell.connection() as conn:
            assert one.post(conn, [journal(f"{n}", Flow.FARE, 10**n)], NOW) == [POSTED]
    assert balance(cell, RIDER) == 11_111


def test_what_was_rolled_back_is_forgotten(cell: Cell) -> None:
    """Numbers of accounts, balances and the count of lines: as if nothing had been."""
    one = Ledger(COMPANY)
    with cell.connection() as conn:
        one.post(conn, [journal("1", Flow.FARE, 100)], NOW)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), cell.connection() as conn:
            one.post(conn, [journal("2", Flow.FARE, 7), journal("3", Flow.CHARGED, 1)], NOW)
            raise ZeroDivisionError
    assert posted(cell, journal("2", Flow.FARE, 20)) == [POSTED]
    with cell.connection() as conn:
        assert one.post(conn, [journal("3", Flow.CHARGED, 1)], NOW) == [POSTED]
    assert (balance(cell, RIDER), balance(cell, WECHAT)) == (119, 1)
    assert [line.n for line in lines_of(cell, RIDER)] == [3, 2, 1]


STATEMENTS = [
    "UPDATE ledger_journals SET amount = amount + 1",
    "DELETE FROM ledger_journals",
    "TRUNCATE ledger_journals",
    "UPDATE ledger_accounts SET party = 'me' WHERE party = 'metro'",
    "DELETE FROM ledger_batches",
    "UPDATE ledger_days SET closed_at = 0",
    "DELETE FROM ledger_seals",
    "TRUNCATE ledger_day_sums",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_itself_changes_nothing(cell: Cell, statement: str) -> None:
    posted(cell, journal("1", Flow.FARE, 100))
    with pytest.raises(psycopg.errors.RestrictViolation), cell.connection() as conn:
        conn.execute(statement.encode())


INSERT = """INSERT INTO ledger_journals VALUES
    (9, %s, {flow}, {debit}, {credit}, {amount}, {after}, 0, {day}, %s)"""
WRONG_ROWS: list[tuple[str, dict[str, int]]] = [
    ("an amount of nothing", {"amount": 0}),
    ("an overdrawn wallet", {"flow": 4, "debit": 3 << 48, "credit": 1 << 48, "after": 1}),
]


@pytest.mark.parametrize(
    "wrong", [row[1] for row in WRONG_ROWS], ids=[row[0] for row in WRONG_ROWS]
)
def test_the_database_itself_refuses(cell: Cell, wrong: dict[str, int]) -> None:
    plain = {"flow": 1, "debit": 1 << 48, "credit": 4 << 48, "amount": 1, "after": 1, "day": DAY}
    statement = INSERT.format(**{**plain, **wrong})
    with pytest.raises(psycopg.errors.CheckViolation), cell.connection() as conn:
        conn.execute(statement.encode(), (named("a"), named("b")))


def test_a_second_card_company_has_no_account(cell: Cell) -> None:
    posted(cell, journal("1", Flow.FARE, 100))
    with pytest.raises(psycopg.errors.UniqueViolation), cell.connection() as conn:
        conn.execute(
            "INSERT INTO ledger_accounts VALUES (%s, 4, 'elsewhere')", ((4 << 48) + 10_000,)
        )


PARTIES = st.sampled_from(["r1", "r2", "r3"])
JOURNALS = st.lists(
    st.builds(
        lambda flow, rider, amount, number: journal(
            str(number), flow, amount,
            **({"debit": rider} if flow is not Flow.CHARGED else {"credit": rider}),
        ),
        st.sampled_from([Flow.FARE, Flow.CHARGED, Flow.CHARGED_WALLET]),
        PARTIES, st.integers(-1, 50), st.integers(0, 12),
    ),
    max_size=12,
)  # fmt: skip


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(batches=st.lists(JOURNALS, max_size=4))
def test_any_batches_keep_the_books(cell: Cell, batches: list[list[Journal]]) -> None:
    """Sums over the lines are the balances, debits are credits, and no id stands twice."""
    ledger, said = Ledger(COMPANY), dict[UUID, Journal]()
    with cell.connection() as conn:
        for batch in batches:
            for one, outcome in zip(batch, ledger.post(conn, batch, NOW), strict=True):
                if outcome is POSTED:
                    assert said.setdefault(one.journal_id, one) is one
                elif outcome is EXISTS:
                    assert said[one.journal_id] == one
                elif outcome is Outcome.ID_TAKEN:
                    assert said[one.journal_id] != one
        sums: dict[Account, int] = {}
        for one in said.values():
            sums[one.debited] = sums.get(one.debited, 0) + one.amount
            sums[one.credited] = sums.get(one.credited, 0) - one.amount
        assert sum(sums.values()) == 0
        found = conn.execute("SELECT n FROM ledger_journals ORDER BY n").fetchall()
        assert [row[0] for row in found] == list(range(1, len(said) + 1))
        for at, amount in sums.items():
            assert balance(conn, at) == (amount if at.kind.is_debit else -amount)
            assert at.kind is not Kind.WALLET or amount <= 0
        conn.rollback()
