"""Never around: from a rider's side to an operator or a platform money passes the card company."""

import runpy
from collections import deque

import pytest

from ridecode.money.ledger import FLOWS, Account, Flow, Kind, db
from ridecode.store import Cell
from ridecode.store.migrate import STEPS

PAYERS = (Kind.RIDER, Kind.CHANNEL, Kind.WALLET, Kind.ADVANCE, Kind.ADVANCED)
PAID = (Kind.OPERATOR, Kind.PLATFORM)


def reached(start: Kind) -> set[Kind]:
    """Whereto money can come, either way along every flow, without an account of the company's."""
    seen, waiting = {start}, deque([start])
    while waiting:
        at = waiting.popleft()
        for debited, credited in FLOWS.values():
            for one, other in ((debited, credited), (credited, debited)):
                if one is at and not other.is_card_companys and other not in seen:
                    seen.add(other)
                    waiting.append(other)
    return seen


@pytest.mark.parametrize("start", PAYERS)
def test_no_way_leads_around_the_card_company(start: Kind) -> None:
    assert not reached(start) & set(PAID)


def test_a_way_leads_through_it() -> None:
    assert (Kind.RIDER, Kind.CARD_COMPANY) in FLOWS.values()
    assert (Kind.CARD_COMPANY, Kind.OPERATOR) in FLOWS.values()


def test_every_flow_leads_somewhere_and_back() -> None:
    """What is booked can be corrected: another flow undoes it, or it ends at a payment."""
    assert set(FLOWS) == set(Flow)
    final = {Flow.CHANNEL_FEE, Flow.PAID_OPERATOR, Flow.PAID_PLATFORM, Flow.EXPLAINED}
    undone = {flow for flow, (debit, credit) in FLOWS.items() if (credit, debit) in FLOWS.values()}
    assert set(Flow) - undone == final


def test_every_pair_of_accounts_is_refused_by_the_database_but_the_flows(cell: Cell) -> None:
    """Whoever has a session of the database can post nothing else either."""
    with cell.connection() as conn:
        conn.execute(
            """CREATE TEMP TABLE passed (flow bigint, debit bigint, credit bigint);
            DO $$ DECLARE n bigint := 0; BEGIN
                FOR flow IN 0..40 LOOP FOR debit IN 0..20 LOOP FOR credit IN 0..20 LOOP
                    BEGIN
                        n := n + 1;
                        INSERT INTO ledger_journals VALUES (n, gen_random_uuid(), flow,
                            (debit::bigint << 48) + 1, (credit::bigint << 48) + 2, 1, 0, 0, 20000,
                            gen_random_uuid());
                        INSERT INTO passed VALUES (flow, debit, credit);
                    EXCEPTION WHEN check_violation THEN NULL;
                    END;
                END LOOP; END LOOP; END LOOP;
            END $$"""
        )
        passed = conn.execute("SELECT flow, debit, credit FROM passed").fetchall()
        conn.rollback()
    assert len(passed) == len(FLOWS)
    assert {row[0]: row[1:] for row in passed} == FLOWS


def test_the_schema_has_the_same_table() -> None:
    stored = runpy.run_path(str(STEPS / "0009_ledger.py"))["FLOWS"]
    assert {flow: pair for flow, *pair in stored} == {
        flow: list(pair) for flow, pair in FLOWS.items()
    }


def test_the_indexes_are_of_riders_accounts() -> None:
    ours = tuple(int(kind) for kind in Kind if kind.is_of_riders)
    step = (STEPS / "0009_ledger.py").read_text(encoding="utf-8")
    assert str(ours) == db._RIDERS
    assert f"WHERE (debit >> 48) IN {ours}" in step
    assert f"WHERE (credit >> 48) IN {ours}" in step


def test_kinds_have_their_sides() -> None:
    assert {one for one in Kind if one.is_debit} == {
        Kind.RIDER, Kind.CHANNEL, Kind.BANK, Kind.ADVANCE,
    }  # fmt: skip
    assert Account(Kind.RIDER, "1") < Account(Kind.CHANNEL, "0")
