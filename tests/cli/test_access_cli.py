"""`ridecode access`: the first person, a machine, somebody shut out, and the log."""

import json
from pathlib import Path
from typing import Any

import pytest

from ridecode.access import Closed, NotKnownError, sign_in
from ridecode.core import device
from ridecode.store import Cell, Clock
from tests.cli.running import Ran, ridecode

GOOD = "correct horse battery"
AUDITOR = ("--role", "auditor")


def _with_password(password: str, *words: str) -> Ran:
    return ridecode("access", "add", *words, "--password-stdin", stdin=password + "\n")


def _told(*words: str) -> Any:
    done = ridecode("access", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_from_the_first_person_to_the_log(cell: Cell, data_folder: Path) -> None:
    where = ("--data", str(data_folder), "--json")
    added = _with_password(GOOD, "li", *AUDITOR, "--role", "operator", "--operator",
                           "shenzhen-metro", *where)  # fmt: skip
    assert json.loads(added.stdout)["grants"] == [
        {"role": "auditor", "scope": ""}, {"role": "operator", "scope": "shenzhen-metro"},
    ]  # fmt: skip
    now = Clock().now()
    session, _ = sign_in(cell, "li", GOOD, now)

    _told("add", "tencent", "--machine", "--role", "platform", "--platform", "tencent", *where)
    token = _told("token", "tencent", "--days", "30", *where)["token"]
    door = Closed(cell, lambda: now + 1_000_000)
    assert (door.who(session).name, door.who(token).name) == ("li", "tencent")

    _told("disable", "li", "--reason", "left", *where)
    with pytest.raises(NotKnownError):
        door.who(session)
    people = {one["name"]: one for one in _told("list", *where)}
    assert (people["li"]["password"], people["tencent"]["password"]) == (True, False)
    assert people["li"]["disabled_at"] >= now
    assert people["tencent"]["disabled_at"] is None

    log = _told("log", *where)
    assert [(one["act"], one["subject"], one["reason"]) for one in log] == [
        ("access disable", "li", "left"),
        ("access token", "tencent", "30 days"),
        ("access add", "tencent", "platform tencent"),
        ("sign in", "li", ""),
        ("access add", "li", "auditor, operator shenzhen-metro"),
    ]
    assert all(one["who"].startswith("machine:") for one in log if one["act"] != "sign in")
    assert _told("log", "--account", "3104870400000000001", *where) == []
    noted = _told("verify", *where)
    assert (noted["sound"], noted["head"]) == (True, f"5:{log[0]['link']}")
    assert _told("verify", "--head", noted["head"], *where)["sound"]

    with cell.connection() as conn:
        conn.execute("SET LOCAL session_replication_role = replica")
        conn.execute("DELETE FROM access_log WHERE n = 5")
    assert _told("verify", *where)["sound"]
    cut = ridecode("access", "verify", "--head", noted["head"], *where)
    assert (cut.returncode, json.loads(cut.stdout)["fault"]) == (1, "cut")
    shown = ridecode("access", "verify", "--head", noted["head"], "--data", str(data_folder))
    assert "✗" in shown.stdout
    for words in (("list",), ("log",)):
        assert "tencent" in ridecode("access", *words, "--data", str(data_folder)).stdout


SLIPS = [
    ("li", "--role", "boss"),
    ("li", "--role", "operator"),
    ("li", "--role", "operator", "--operator", "nobody"),
    ("li", "--role", "platform", "--platform", "nobody"),
    ("li", "--role", "auditor", "--operator", "shenzhen-metro"),
    ("li", "--role", "rider"),
    ("li", "--role", "rider", "--account", "*"),
    ("li", "--role", "auditor"),
]


@pytest.mark.parametrize("words", SLIPS, ids=[" ".join(words) for words in SLIPS])
def test_a_slip_is_told_before_a_server_is_started(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The last one: nobody is there to ask for a password."""
    data = tmp_path / "none"
    done = ridecode("access", "add", *words, "--data", str(data), "--json")
    assert done.returncode == 2, done.stderr
    assert not data.exists()


@pytest.mark.parametrize("head", ["5", "5:00", "x:" + "0" * 64, "5:" + "g" * 64])
def test_a_head_that_is_none_is_refused(tmp_path: Path, head: str) -> None:
    done = ridecode("access", "verify", "--head", head, "--data", str(tmp_path / "none"), "--json")
    assert done.returncode == 2, done.stderr


def test_a_short_password_is_refused(cell: Cell, data_folder: Path) -> None:
    ran = _with_password("short", "li", *AUDITOR, "--data", str(data_folder), "--json")
    assert (ran.returncode, "12 to 256" in ran.stderr) == (2, True)


def test_what_is_done_to_riders_and_devices_by_command_is_in_the_log(
    cell: Cell, data_folder: Path
) -> None:
    where = ("--data", str(data_folder), "--json")
    account = "3104870400000000001"
    key = device.public_key(b"k" * 32).hex()
    for words in (
        ("riders", "enrol", "--document", "passport:G12345678", "--platform", "tencent"),
        ("riders", "show", account),
        ("rides", "show", "--account", account),
        ("riders", "revoke", account, "3104870300000000777"),
        ("riders", "restore", account),
        ("riders", "reclassify", account, "2"),
        ("devices", "enrol", "gate-17", "--key", key, "--operator", "shenzhen-metro",
         "--product", "metro"),
        ("devices", "revoke", "gate-17", "--reason", "stolen"),
    ):  # fmt: skip
        done = ridecode(*words, *where)
        assert done.returncode == 0, done.stderr
    told = [(one["right"], one["act"], one["about"], one["subject"], one["reason"])
            for one in reversed(_told("log", *where))]  # fmt: skip
    assert told == [
        ("enrol", "riders enrol", "rider", account, ""),
        ("see_rider", "riders show", "rider", account, ""),
        ("see_rider", "rides show", "rider", account, ""),
        ("deny", "riders revoke", "rider", account, ""),
        ("deny", "riders revoke", "rider", "3104870300000000777", ""),
        ("deny", "riders restore", "rider", account, ""),
        ("deny", "riders reclassify", "rider", account, ""),
        ("manage_devices", "devices enrol", "device", "gate-17", ""),
        ("manage_devices", "devices revoke", "device", "gate-17", "stolen"),
    ]
    assert len(_told("log", "--account", account, *where)) == 6
