"""Posting: batches of journals become lines of the books, one batch at a time.

Of two that post at once, one waits for the other: the number of a line, and the balances beside it,
follow from all lines before. So many are posted in one go, and while the database takes in a
thousand lines the next thousand are judged. A line takes 220 bytes with its three entries in
indexes, and on a slow core 19 µs of PostgreSQL's time and 13 µs of ours.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final, TypeAlias
from uuid import UUID

from ridecode.core import new_id
from ridecode.money.ledger import db
from ridecode.money.ledger.chart import FLOWS, Kind
from ridecode.money.ledger.journal import Books, Journal, Lines, Outcome, is_of_rider, refused
from ridecode.store import Connection

BATCH_MOST: Final = 10_000
"""Journals that are written by one statement."""
_PART: Final = 1_000
"""Journals that are judged while the ones before are written."""
_REMEMBERED: Final = 500_000
"""Accounts whose numbers and balances are kept in mind, about 150 MB."""

_KINDS: Final = [{flow: kinds[side] for flow, kinds in FLOWS.items()} for side in (0, 1)]
_PARTIES: Final = [attrgetter("debit"), attrgetter("credit")]
"""Of the debited and of the credited account: its kind by the journal's flow, and its party."""

_Named: TypeAlias = tuple[Kind, str]
"""An account as a journal names it."""
_Sides: TypeAlias = tuple[list[int], list[int]]
"""Of each journal the numbers of the debited and of the credited account."""


class Ledger:
    """Who posts to a city's books; remembers balances from batch to batch, for one thread.

    Somebody else may post as well: then what is remembered is read again.
    """

    def __init__(self, card_company: str) -> None:
        """`card_company`: whose platform every charge of the city is settled on."""
        self._card_company = card_company
        self._numbers: dict[int, dict[str, int]] = {int(kind): {} for kind in Kind}
        """By kind and party."""
        self._heads: dict[int, int] = {}
        """Debits minus credits by number."""
        self._as_of: UUID | None = None
        """The batch after which they were remembered."""
        self.posted: Counter[Outcome] = Counter()
        """Journals so far, by outcome."""

    def post(self, conn: Connection, journals: Sequence[Journal], now: int) -> list[Outcome]:
        """Write what may be written, in their order; of each journal what became of it.

        In the caller's transaction, which may hold other writes, and durable with it. `now` is UTC
        epoch microseconds; a batch is never posted before the one before it.
        """
        outcomes: list[Outcome] = []
        for at in range(0, len(journals), BATCH_MOST):
            outcomes += self._post(conn, journals[at : at + BATCH_MOST], now)
        self.posted.update(outcomes)
        return outcomes

    def _post(self, conn: Connection, journals: Sequence[Journal], now: int) -> list[Outcome]:
        head = db.lock(conn)
        if head.batch is None or head.batch != self._as_of or len(self._heads) > _REMEMBERED:
            # Somebody else has posted, or what was posted here last was rolled back.
            self._forget()
        self._as_of = None
        sides = self._sides(journals)
        faults = self._open(conn, journals, sides, head.last)
        if not faults:
            return self._write(conn, head, journals, sides, now)
        sound = [one for at, one in enumerate(journals) if at not in faults]
        judged = iter(self._write(conn, head, sound, self._sides(sound), now))
        return [faults.get(at) or next(judged) for at in range(len(journals))]

    def _forget(self) -> None:
        self._heads.clear()
        for numbers in self._numbers.values():
            numbers.clear()

    def _sides(self, journals: Sequence[Journal]) -> _Sides:
        """The numbers of the accounts of each; 0 for one that is not known."""
        debit, credit = (
            {flow: self._numbers[kind].get for flow, kind in kinds.items()} for kinds in _KINDS
        )
        return (
            [debit[one.flow](one.debit, 0) for one in journals],
            [credit[one.flow](one.credit, 0) for one in journals],
        )

    def _open(
        self, conn: Connection, journals: Sequence[Journal], sides: _Sides, last: int
    ) -> dict[int, Outcome]:
        """Know every account, and open those that are not there; by position what has none.

        Where all have theirs, `sides` has their numbers afterwards.
        """
        if 0 not in sides[0] and 0 not in sides[1]:
            return {}
        unknown = _unknown(journals, sides)
        wrong = {one: why for one in unknown if (why := refused(*one, self._card_company))}
        faults = _faults(journals, wrong) if wrong else {}
        if faults:
            # What stands beside a wrong one is opened where a sound journal has it.
            sound = [one for at, one in enumerate(journals) if at not in faults]
            unknown = _unknown(sound, self._sides(sound))
        if unknown:
            self._learn(conn, sorted(unknown), last)
        if not faults:
            for numbers, known in zip(sides, self._sides(journals), strict=True):
                numbers[:] = known
        return faults

    def _learn(self, conn: Connection, named: Sequence[db.Named], last: int) -> None:
        found = db.numbers(conn, named)
        self._heads |= dict.fromkeys(found.values(), 0) | db.heads(conn, found.values(), last)
        unopened = [one for one in named if one not in found]
        opened = db.add_accounts(conn, unopened) if unopened else {}
        self._heads |= dict.fromkeys(opened.values(), 0)
        for (kind, party), number in (found | opened).items():
            self._numbers[kind][party] = number

    def _write(
        self, conn: Connection, head: db.Head, journals: Sequence[Journal], sides: _Sides, now: int
    ) -> list[Outcome]:
        # As a rule all are new.
        books = Books(head.last, head.closed, self._heads, {})
        outcomes: list[Outcome] = []
        if db.add_lines(conn, _judged(books, journals, sides, outcomes)):
            _recognise(conn, head.last, journals, outcomes)
        else:
            self._forget()
            sides = self._sides(journals)
            self._open(conn, journals, sides, head.last)
            told = db.by_ids(conn, [journal.journal_id for journal in journals])
            known = {line.journal.journal_id: line.journal for line in told}
            books = Books(head.last, head.closed, self._heads, known)
            outcomes, lines = books.judge(journals, *sides)
            is_written = not lines.journals or db.add_lines(conn, [lines])
            assert is_written, "nobody else posts meanwhile"
        if books.last > head.last:
            self._as_of = new_id()
            db.add_batch(conn, books.last, max(now, head.posted_at), self._as_of)
            touched = {*sides[0], *sides[1]}
            db.add_heads(
                conn, books.last, {one: self._heads[one] for one in touched if not is_of_rider(one)}
            )
        return outcomes


def _unknown(journals: Sequence[Journal], sides: _Sides) -> set[_Named]:
    """The accounts of which no number is known."""
    return {
        (kinds[one.flow], party(one))
        for numbers, kinds, party in zip(sides, _KINDS, _PARTIES, strict=True)
        for number, one in zip(numbers, journals, strict=True)
        if not number
    }


def _faults(journals: Sequence[Journal], wrong: Mapping[_Named, Outcome]) -> dict[int, Outcome]:
    """By position what is wrong with an account; of two the debited one's is told."""
    faults: dict[int, Outcome] = {}
    for kinds, party in zip(_KINDS, _PARTIES, strict=True):
        for at, one in enumerate(journals):
            why = wrong.get((kinds[one.flow], party(one)))
            if why is not None:
                faults.setdefault(at, why)
    return faults


def _judged(
    books: Books, journals: Sequence[Journal], sides: _Sides, outcomes: list[Outcome]
) -> Iterator[Lines]:
    """The lines of those that may be posted if all are new; of each what becomes of it is added to
    `outcomes`."""
    for at in range(0, len(journals), _PART):
        part = slice(at, at + _PART)
        told, lines = books.judge(journals[part], sides[0][part], sides[1][part])
        if lines.journals:
            yield lines
        outcomes += told


def _recognise(
    conn: Connection, last: int, journals: Sequence[Journal], outcomes: list[Outcome]
) -> None:
    """Of those that were refused some may be in the books from before, up to the line `last`.

    No balance hangs on which it is, so the lines that were written stay as they are.
    """
    refused_ = [at for at, one in enumerate(outcomes) if one in _OF_ITS_MOMENT]
    if not refused_:
        return
    found = db.by_ids(conn, [journals[at].journal_id for at in refused_])
    known = {line.journal.journal_id: line.journal for line in found if line.n <= last}
    for at in refused_:
        before = known.get(journals[at].journal_id)
        if before is not None:
            outcomes[at] = Outcome.EXISTS if before == journals[at] else Outcome.ID_TAKEN


_OF_ITS_MOMENT: Final = frozenset({Outcome.DAY_CLOSED, Outcome.OVERDRAWN})
"""What is told of a journal only where it is not in the books."""
