"""Small books to test with: journals in words, and what is in the database."""

from uuid import UUID

from ridecode.core import derived_id
from ridecode.money.ledger import FLOWS, Flow, Journal, Ledger, Outcome
from ridecode.store import Cell

COMPANY = "shenzhen-tong"
DAY = 20_000
NOW = DAY * 86_400_000_000


def journal(name: str, flow: Flow, amount: int, **fields: object) -> Journal:
    """One of that name; the riders are called r1, r2, …, the channel wechat."""
    parties = {
        "RIDER": "r1", "CHANNEL": "wechat", "WALLET": "r1", "CARD_COMPANY": COMPANY,
        "BANK": COMPANY, "OPERATOR": "metro", "PLATFORM": "app", "FEE": "wechat",
        "SUSPENSE": "wechat", "ADVANCE": "r1", "ADVANCED": "wechat",
    }  # fmt: skip
    debited, credited = FLOWS[flow]
    plain: dict[str, object] = {
        "journal_id": named(name), "flow": flow, "debit": parties[debited.name],
        "credit": parties[credited.name], "amount": amount, "day": DAY,
        "about": named(f"about {name}"),
    }  # fmt: skip
    return Journal(**{**plain, **fields})  # type: ignore[arg-type]


def named(name: str) -> UUID:
    return derived_id(NOW, name.encode())


def posted(cell: Cell, *journals: Journal, now: int = NOW) -> list[Outcome]:
    """By a ledger that remembers nothing."""
    with cell.connection() as conn:
        return Ledger(COMPANY).post(conn, journals, now)
