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

from ridecode.money.ledger.chart import FLOWS, OF_RIDERS, Account, Flow, Kind

AMOUNT_END: Final = 10**15
"""No single journal moves ten trillion yuan."""
PARTY: Final = re.compile(r"[0-9A-Za-z._:-]{1,64}", re.ASCII)
"""So that a party is written in any file as it is."""


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

    PARTY_MALFORMED = 1
    """A party is 1 to 64 letters, digits, dots, colons, hyphens and underscores."""
    OTHER_CARD_COMPANY = 2
    """An account of a card company that is not the city's."""
    AMOUNT_OUTSIDE = 3
    """The amount is not above zero, or beyond all reason."""
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


class Lines(Struct, frozen=True, gc=False):
    """Lines that follow each other, as they are written: column by column, each with one value a
    line."""

    first: int
    """Number of the first line; the others count on."""
    journals: list[Journal]
    debits: list[int]
    """Numbers of the debited accounts, and of the credited ones."""
    credits: list[int]
    debits_after: list[int]
    """As in `Line`."""
    credits_after: list[int]


def refused(kind: Kind, party: str, card_company: str) -> Outcome | None:
    """Why an account can never be opened; None where it can."""
    if not PARTY.fullmatch(party):
        return Outcome.PARTY_MALFORMED
    if kind in _ONE_OF_ITS_KIND and party != card_company:
        return Outcome.OTHER_CARD_COMPANY
    return None


_ONE_OF_ITS_KIND: Final = frozenset({Kind.CARD_COMPANY, Kind.BANK})


class Books:
    """The books as far as a batch touches them; they move along while it is judged."""

    def __init__(
        self, last: int, closed: int | None, heads: MutableMapping[int, int],
        known: Mapping[UUID, Journal],
    ) -> None:  # fmt: skip
        """`last`: number of the last line. `closed`: the last business day that was closed.
        `heads`: debits minus credits of every account that is touched, by its number. `known`:
        those of the journals that are in the books, by id."""
        self.last = last
        self.heads = heads
        self._closed = -(1 << 31) if closed is None else closed
        self._seen = {journal_id.int: journal for journal_id, journal in known.items()}

    def judge(
        self, journals: Sequence[Journal], debits: Sequence[int], credits_: Sequence[int]
    ) -> tuple[list[Outcome], Lines]:
        """Of each journal what becomes of it, and the lines to be written.

        `debits` and `credits_` are the numbers of its accounts, both of which there are.
        """
        heads, seen = self.heads, self._seen
        outcomes: list[Outcome] = []
        lines = Lines(self.last + 1, [], [], [], [], [])
        for journal, debit, credit in zip(journals, debits, credits_, strict=True):
            key, amount = journal.journal_id.int, journal.amount
            after = heads[debit] + amount
            if not 0 < amount < AMOUNT_END:
                outcomes.append(Outcome.AMOUNT_OUTSIDE)
            elif key in seen:
                outcomes.append(Outcome.EXISTS if seen[key] == journal else Outcome.ID_TAKEN)
            elif journal.day <= self._closed:
                outcomes.append(_DAY_CLOSED)
            elif debit >> _SHIFT == _WALLET and after > 0:
                outcomes.append(_OVERDRAWN)
            else:
                seen[key] = journal
                heads[debit] = after
                heads[credit] = credit_after = heads[credit] - amount
                lines.journals.append(journal)
                lines.debits.append(debit)
                lines.credits.append(credit)
                lines.debits_after.append(after)
                lines.credits_after.append(credit_after)
                outcomes.append(_POSTED)
        self.last += len(lines.journals)
        return outcomes, lines


_SHIFT: Final = 48
"""An account's number has its kind above so many bits."""


def is_of_rider(number: int) -> bool:
    """Whether the account of a number is one of riders'."""
    return number >> _SHIFT in OF_RIDERS


# To look up a member of an enumeration in its class takes as long as the rest of a journal.
_WALLET: Final = int(Kind.WALLET)
_DAY_CLOSED, _OVERDRAWN, _POSTED = Outcome.DAY_CLOSED, Outcome.OVERDRAWN, Outcome.POSTED


def open_day(day: int, closed: int | None) -> int:
    """The business day that takes what belongs to `day`: the first open one from it on."""
    return day if closed is None else max(day, closed + 1)
