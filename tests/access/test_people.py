"""People and machines over a real database: coming in, waiting, being shut out."""

from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

import pytest
from argon2 import PasswordHasher

from ridecode.access import (
    Closed,
    Grant,
    NotKnownError,
    Person,
    Role,
    add,
    disable,
    latest,
    machine_token,
    passwords,
    people,
    sign_in,
    sign_out,
    verify,
)
from ridecode.access.people import SESSION
from ridecode.core import BadInputError, NotFoundError, UnavailableError
from ridecode.store import Cell

NOW = 1_535_724_890_000_000
S, DAY = 1_000_000, 86_400_000_000
GOOD, WRONG = "correct horse battery", "battery horse correct"
METRO = Grant(Role.OPERATOR, "shenzhen-metro")
AUDITOR = Grant(Role.AUDITOR)


class Door:
    """A closed entrance whose clock the test sets."""

    def __init__(self, cell: Cell) -> None:
        self.ts = NOW
        self._closed = Closed(cell, lambda: self.ts)

    def lets_in(self, token: str) -> str:
        """The name; empty where nobody comes in."""
        try:
            return self._closed.who(token).name
        except NotKnownError:
            return ""


@pytest.fixture
def door(cell: Cell) -> Door:
    return Door(cell)


@pytest.fixture
def li(cell: Cell) -> str:
    add(cell, "li", [METRO, AUDITOR], GOOD, "machine:root", NOW)
    return "li"


def test_somebody_signs_in_and_is_who_he_is(cell: Cell, door: Door, li: str) -> None:
    token, until = sign_in(cell, li, GOOD, NOW)
    assert until == NOW + SESSION == NOW + 12 * 3_600 * S
    who = Closed(cell, lambda: NOW).who(token)
    assert (who.name, who.grants) == ("li", (METRO, AUDITOR))
    assert people(cell) == [Person("li", (METRO, AUDITOR), True, NOW, None)]


def test_a_session_ends_at_its_hour(cell: Cell, door: Door, li: str) -> None:
    token, until = sign_in(cell, li, GOOD, NOW)
    door.ts = until - 1
    assert door.lets_in(token)
    door.ts = until
    assert not door.lets_in(token)


def test_a_session_ends_when_it_is_ended_and_no_other_with_it(
    cell: Cell, door: Door, li: str
) -> None:
    first, second = (sign_in(cell, li, GOOD, NOW)[0] for _ in range(2))
    sign_out(cell, first)
    assert (door.lets_in(first), door.lets_in(second)) == ("", "li")
    sign_out(cell, "no token")


def test_whoever_is_disabled_is_out_at_once_and_does_not_come_back(
    cell: Cell, door: Door, li: str
) -> None:
    session, machines = sign_in(cell, li, GOOD, NOW)[0], machine_token(cell, li, 9, "root", NOW)
    disable(cell, li, "left the company", "machine:root", NOW + S)
    assert (door.lets_in(session), door.lets_in(machines)) == ("", "")
    with pytest.raises(NotKnownError):
        sign_in(cell, li, GOOD, NOW)
    with pytest.raises(NotFoundError):
        machine_token(cell, li, 9, "root", NOW)
    disable(cell, li, "again", "machine:root", NOW + DAY)
    assert [one.disabled_at for one in people(cell)] == [NOW + S]


def test_whoever_begins_anew_has_other_roles_and_no_session(
    cell: Cell, door: Door, li: str
) -> None:
    token = sign_in(cell, li, GOOD, NOW)[0]
    disable(cell, li, "lost phone", "machine:root", NOW)
    add(cell, li, [AUDITOR], WRONG, "machine:root", NOW + S)
    assert not door.lets_in(token)
    with pytest.raises(NotKnownError):
        sign_in(cell, li, GOOD, NOW)
    assert sign_in(cell, li, WRONG, NOW)
    assert people(cell) == [Person("li", (AUDITOR,), True, NOW, None)]


def test_a_machine_comes_in_by_its_token_alone(cell: Cell, door: Door) -> None:
    add(cell, "tencent-server", [Grant(Role.PLATFORM, "tencent")], None, "root", NOW)
    with pytest.raises(NotKnownError):
        sign_in(cell, "tencent-server", "", NOW)
    token = machine_token(cell, "tencent-server", 90, "root", NOW)
    door.ts = NOW + 90 * DAY - 1
    assert door.lets_in(token) == "tencent-server"
    door.ts += 1
    assert not door.lets_in(token)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_machines_token_lasts_a_year_at_most(cell: Cell, li: str, days: int) -> None:
    with pytest.raises(BadInputError):
        machine_token(cell, li, days, "root", NOW)


@pytest.mark.parametrize("name", ["", "Li", "-li", "oidc:li", "machine:li", "l i", "x" * 65, "李"])
def test_a_name_is_a_plain_word(cell: Cell, name: str) -> None:
    with pytest.raises(BadInputError):
        add(cell, name, [AUDITOR], GOOD, "root", NOW)


def test_nobody_is_taken_in_without_a_role_or_with_a_short_password(cell: Cell) -> None:
    with pytest.raises(BadInputError):
        add(cell, "li", [], GOOD, "root", NOW)
    with pytest.raises(BadInputError):
        add(cell, "li", [AUDITOR], "short", "root", NOW)
    assert people(cell) == []


@pytest.mark.parametrize("name", ["li", "wang", "", "oidc:li"])
def test_a_refusal_is_the_same_whatever_it_is_for(cell: Cell, li: str, name: str) -> None:
    with pytest.raises(NotKnownError) as refused:
        sign_in(cell, name, WRONG, NOW)
    assert str(refused.value).startswith("This name with this password is not known")
    assert [one.entry.act for one in latest(cell, 9)] == ["access add"]


def test_after_five_wrong_passwords_even_the_right_one_waits(cell: Cell, li: str) -> None:
    for _ in range(5):
        with pytest.raises(NotKnownError):
            sign_in(cell, li, WRONG, NOW)
    with pytest.raises(NotKnownError):
        sign_in(cell, li, GOOD, NOW + 30 * S - 1)
    assert sign_in(cell, li, GOOD, NOW + 30 * S)
    assert latest(cell, 1)[0].entry.reason == "after 5 refused"
    assert sign_in(cell, li, GOOD, NOW + 30 * S)
    assert latest(cell, 1)[0].entry.reason == ""


def test_guesses_that_come_at_once_are_counted_each(cell: Cell, li: str) -> None:
    def guess(number: int) -> bool:
        try:
            sign_in(cell, li, GOOD if number == 11 else WRONG, NOW)
        except NotKnownError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(guess, range(12))) == 0
    with pytest.raises(NotKnownError):
        sign_in(cell, li, GOOD, NOW)


def test_a_flood_keeps_nobodys_name_waiting(
    cell: Cell, li: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is sent away, since too many sign in at once, has tried nothing."""
    monkeypatch.setattr(passwords, "_places", BoundedSemaphore(1))
    with passwords.turn():
        for _ in range(9):
            with pytest.raises(UnavailableError):
                sign_in(cell, li, GOOD, NOW)
    assert sign_in(cell, li, GOOD, NOW)
    assert latest(cell, 1)[0].entry.reason == ""


def test_one_name_waits_and_another_does_not(cell: Cell, li: str) -> None:
    add(cell, "wang", [AUDITOR], GOOD, "root", NOW)
    for _ in range(5):
        with pytest.raises(NotKnownError):
            sign_in(cell, li, WRONG, NOW)
    assert sign_in(cell, "wang", GOOD, NOW)


def test_an_old_hash_is_made_anew_at_the_next_sign_in(cell: Cell, li: str) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    with cell.connection() as conn:
        conn.execute("UPDATE access_people SET password = %s", (old,))
    assert sign_in(cell, li, GOOD, NOW)
    with cell.connection() as conn:
        row = conn.execute("SELECT password FROM access_people").fetchone()
    assert row is not None
    assert "m=65536,t=3,p=4" in row[0]
    assert sign_in(cell, li, GOOD, NOW)


def test_neither_a_password_nor_a_token_is_kept(cell: Cell, li: str) -> None:
    token = sign_in(cell, li, GOOD, NOW)[0]
    with cell.connection() as conn:
        told = [
            str(conn.execute(f"SELECT array_agg(x::text) FROM {table} AS x").fetchone())
            for table in ("access_people", "access_tokens", "access_grants", "access_log")
        ]
    assert all(told)
    for secret in (GOOD, token, token.encode().hex()):
        assert not any(secret in one for one in told)


def test_somebody_of_the_issuers_can_be_shut_out_by_name(cell: Cell) -> None:
    disable(cell, "oidc:wang", "stolen laptop", "machine:root", NOW)
    assert [(one.name, one.disabled_at) for one in people(cell)] == [("oidc:wang", NOW)]
    with pytest.raises(NotFoundError):
        disable(cell, "wang", "who?", "machine:root", NOW)


def test_every_change_is_in_the_log(cell: Cell, li: str) -> None:
    machine_token(cell, li, 90, "machine:root", NOW)
    sign_in(cell, li, GOOD, NOW)
    disable(cell, li, "left", "machine:ops", NOW)
    told = [(one.entry.who, one.entry.act, one.entry.subject, one.entry.reason)
            for one in reversed(latest(cell, 9))]  # fmt: skip
    assert told == [
        ("machine:root", "access add", "li", "operator shenzhen-metro, auditor"),
        ("machine:root", "access token", "li", "90 days"),
        ("li", "sign in", "li", ""),
        ("machine:ops", "access disable", "li", "left"),
    ]
    assert verify(cell).fault is None
