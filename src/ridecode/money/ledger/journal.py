"""A journal moves an amount from one account to another, and what may be posted. Pure.

It has two legs and one amount, so none can be out of balance. Its id is made from the fact that it
is of (`core.derived_id`): the same fact told again is the same journal, and one that says something
else under a known id is refused. What has several legs in a book-keeper's hand is several journals
of one batch, which is written whole or not at all.
"""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from enum import IntEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.money.ledger.chart import FLOWS, Account, Flow, Kind

PARTY: Final = re.compile(r"[0-9A-Za-z._:-]{1,64}", re.ASCII)
"""So that a party is written in any file as it is."""
AMOUNT_END: Final = 10**15
"""No single journal moves ten trillion yuan."""


class Journal(Struct, frozen=True, gc=False):
    """One entry in the books. Amounts are fen, above zero."""

    journal_id: UUID
    flow: Flow
    debit: str
    """Party of the debited account; its kind is the flow's."""
    credit: str
    amount: int
    day: int
    """Business day that it belongs to, days since 1970-01-01."""
    about: UUID
    """The fact that it is of: a ride, an order, a file."""

    @property
    def debited(self) -> Account:
        return Account(FLOWS[self.flow][0], self.debit)

    @property
    def credited(self) -> Account:
        return Account(FLOWS[self.flow][1], self.credit)


class Outcome(IntEnum):
    """What became of a journal, the first that applies. Only POSTED changes a balance."""

    AMOUNT_OUTSIDE = 1
    """The amount is not above zero, or beyond all reason."""
    PARTY_MALFORMED = 2
    """A party is 1 to 64 letters, digits, dots, colons, hyphens and underscores."""
    OTHER_CARD_COMPANY = 3
    """An account of a card company that is not the city's."""
    EXISTS = 4
    """It is in the books already, word for word."""
    ID_TAKEN = 5
    """Another one has its id."""
    DAY_CLOSED = 6
    OVERDRAWN = 7
    """A wallet has less than that."""
    POSTED = 8


class Line(Struct, frozen=True, gc=False):
    """A journal as it stands in the books."""

    n: int
    """Its number, from 1 without a gap, in the order of posting."""
    journal: Journal
    debit_after: int
    """Debits minus credits of the debited account after it."""
    credit_after: int
    """The same of the credited account."""


class Books(Struct, frozen=True):
    """The books as they stand when journals are judged."""

    last: int
    """Number of the last journal."""
    closed: int | None
    """Last business day that was closed; None: none was."""


def malformed(journal: Journal, card_company: str) -> Outcome | None:
    """What is wrong with a journal whatever the books say; None for nothing."""
    if not 0 < journal.amount < AMOUNT_END:
        return Outcome.AMOUNT_OUTSIDE
    if not PARTY.fullmatch(journal.debit) or not PARTY.fullmatch(journal.credit):
        return Outcome.PARTY_MALFORMED
    debited, credited = FLOWS[journal.flow]
    if (debited in _ONE_OF_ITS_KIND and journal.debit != card_company) or (
        credited in _ONE_OF_ITS_KIND and journal.credit != card_company
    ):
        return Outcome.OTHER_CARD_COMPANY
    return None


_ONE_OF_ITS_KIND: Final = frozenset({Kind.CARD_COMPANY, Kind.BANK})


def judge(
    books: Books, heads: MutableMapping[Account, int], known: Mapping[UUID, Journal],
    journals: Sequence[Journal],
) -> tuple[list[Outcome], list[Line]]:  # fmt: skip
    """Of each well-formed journal what becomes of it, and the lines to be written.

    `heads` has debits minus credits of every account that is touched, and moves along; `known`
    those of the journals' ids that are in the books.
    """
    outcomes: list[Outcome] = []
    lines: list[Line] = []
    seen = dict(known)
    for journal in journals:
        outcome = _standing(books, heads, seen, journal)
        if outcome is Outcome.POSTED:
            debited, credited, amount = journal.debited, journal.credited, journal.amount
            heads[debited] = debit_after = heads[debited] + amount
            heads[credited] = credit_after = heads[credited] - amount
            seen[journal.journal_id] = journal
            lines.append(Line(books.last + len(lines) + 1, journal, debit_after, credit_after))
        outcomes.append(outcome)
    return outcomes, lines


def _standing(
    books: Books, heads: Mapping[Account, int], seen: Mapping[UUID, Journal], journal: Journal
) -> Outcome:
    before = seen.get(journal.journal_id)
    if before is not None:
        return Outcome.EXISTS if before == journal else Outcome.ID_TAKEN
    if books.closed is not None and journal.day <= books.closed:
        return Outcome.DAY_CLOSED
    if FLOWS[journal.flow][0] is Kind.WALLET and heads[journal.debited] + journal.amount > 0:
        return Outcome.OVERDRAWN
    return Outcome.POSTED


def open_day(day: int, closed: int | None) -> int:
    """The business day that takes what belongs to `day`: the first open one from it on."""
    return day if closed is None else max(day, closed + 1)
