"""How `ridecode riders` shows an account: for people, and as a record for programs."""

from typing import TYPE_CHECKING

from ridecode.cli.output import facts, show, table
from ridecode.core import to_iso

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from ridecode.riders import Standing

Record = dict[str, object]


def record(told: "Standing") -> Record:
    account, phone = told.account, told.phone
    return {
        "account": account.account,
        "payment_account": account.payment_account,
        "issuer": account.issuer,
        "platform": account.platform,
        "account_type": account.account_type,
        "credit": told.credit.name.lower(),
        "owed": max(told.owing.owed, 0),
        "denied": [[one.why.name.lower(), to_iso(one.since)] for one in told.denied],
        "user_key": None if phone is None else phone.user_key.hex(),
        "usable_from": None if phone is None else to_iso(phone.usable_from),
    }


def shown(told: "Standing", as_json: bool) -> None:
    show(record(told), as_json, lambda: standing(told))


def standing(told: "Standing") -> "Table":
    """An account for people, with the words that its rider is told."""
    pairs = record(told)
    for name in ("user_key", "usable_from"):
        pairs[name] = pairs[name] or "–"
    said = [f"{one.why.words.zh} {one.why.words.en}" for one in told.denied]
    pairs["denied"] = "\n".join(said) or "–"
    return facts(f"账户 · account {told.account.account}", pairs)


def with_history(told: "Standing", happened: list[list[object]]) -> "Group":
    from rich.console import Group

    return Group(standing(told), table("\n历史 · history", ["时间 · at", "", ""], happened))


def refused(rows: list[list[object]]) -> object:
    """The deny list, for people."""
    if not rows:
        return "没有停用的账户 · no account is denied"
    columns = ["账户 · account", "原因 · why", "自 · since"]
    return table(f"停用账户 · denied accounts: {len(rows):,}", columns, rows)
