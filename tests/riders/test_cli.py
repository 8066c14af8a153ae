"""`ridecode riders`, command by command, on a data folder whose server runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ridecode.cli import phones
from ridecode.cli.riders import app
from ridecode.code import parse, present
from ridecode.core import (
    BadInputError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RidecodeError,
)
from ridecode.store import Cell, Vault
from tests.riders.world import FOREIGN, NOW, SZT, tell_debts

DOCUMENT = "resident-id:11010519491231002x"
ENROL = ("enrol", "--document", DOCUMENT, "--platform", "tencent")
Run = Callable[..., str]


@pytest.fixture
def run(cell: Cell, data_folder: Path) -> Run:
    def run(command: str, *arguments: str) -> str:
        done = CliRunner().invoke(app, [command, "--data", str(data_folder), *arguments])
        if done.exception is not None:
            raise done.exception
        return done.stdout

    return run


def told(run: Run, *arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def test_from_the_enrolment_to_the_loss(run: Run, data_folder: Path) -> None:
    rider = told(run, *ENROL)
    account = rider["account"]
    assert (rider["issuer"], rider["credit"], rider["user_key"]) == (SZT, "new", None)

    bound = told(run, "bind", account, "--phone", "mine")
    granted = told(run, "authorise", account, "--phone", "mine")
    held = phones.signer(Vault.open(data_folder), "mine")
    assert bound["user_key"] == held.public_key.hex()
    read: Any = parse(present(phones.authorisation(data_folder, "mine"), held, NOW // 10**6))
    assert read.card_account == granted["card_account"] == account

    assert told(run, "reclassify", account, "3")["account_type"] == 3
    lost = told(run, "loss", account, "--phone", "mine")
    assert [why for why, _ in lost["denied"]] == ["lost"]
    assert [row[:2] for row in told(run, "denied")] == [[account, "lost"]]
    shown = told(run, "show", account)
    assert [kind for _, kind, _ in shown["history"]] == [
        "enrolled",
        "bound",
        "reclassified",
        "stopped",
    ]
    for said in ("手机已挂失", "history", account):
        assert said in run("show", account)
    assert "lost" in run("denied")


def test_a_foreign_account_is_revoked_and_restored(run: Run) -> None:
    assert told(run, "revoke", FOREIGN, FOREIGN) == {"revoked": 1, "before": 1}
    assert [row[:2] for row in told(run, "denied")] == [[FOREIGN, "revoked"]]
    assert told(run, "restore", FOREIGN) == {"restored": [FOREIGN]}
    assert "no account is denied" in run("denied")


def test_debts_of_the_log_are_taken_in_first(run: Run, cell: Cell) -> None:
    account = told(run, *ENROL)["account"]
    tell_debts(cell, (account, "owed", 2_000, NOW))
    assert told(run, "show", account)["owed"] == 2_000
    with pytest.raises(RefusedError, match="2000 are unpaid"):
        run(*ENROL[:-1], "alipay")


WRONG: list[tuple[tuple[str, ...], type[RidecodeError], str]] = [
    (("enrol", "--document", "x", "--platform", "tencent"), BadInputError, "KIND:NUMBER"),
    (("enrol", "--document", "visa:1", "--platform", "tencent"), BadInputError, "travel-permit"),
    ((*ENROL[:-1], "nobody"), BadInputError, "tencent, alipay, city-app"),
    ((*ENROL, "--account-type", "2"), ConflictError, "of type 1"),
    (("bind", FOREIGN, "--phone", "mine"), NotFoundError, "no account"),
    (("bind", FOREIGN), BadInputError, "one of --phone and --user-key"),
    (("authorise", FOREIGN, "--user-key", "00"), NotFoundError, "no account"),
    (("loss", FOREIGN, "--phone", "none"), NotFoundError, "phone/none"),
    (("revoke", "123"), BadInputError, "19 digits"),
    (("show", FOREIGN), NotFoundError, "no account"),
]


def test_a_slip_is_told(run: Run) -> None:
    run(*ENROL)
    for arguments, kind, said in WRONG:
        with pytest.raises(kind, match=said):
            run(*arguments)
