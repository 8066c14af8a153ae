"""Posting: batches of journals become lines of the books, one batch at a time.

Of two that post at once, one waits for the other: the number of a line, and the balances beside it,
follow from all lines before. So many are posted in one go: a batch of 5,000 two-legged journals
takes 5,000 rows of about 120 bytes and three index entries each, some 20 µs of PostgreSQL's time
and 10 µs of ours a journal.
"""

from collections import Counter
from collections.abc import Sequence, Set
from typing import Final

from ridecode.core import new_id
from ridecode.money.ledger import db
from ridecode.money.ledger.chart import Account
from ridecode.money.ledger.journal import Books, Journal, Outcome, judge, malformed
from ridecode.store import Connection

BATCH_MOST: Final = 10_000
"""Journals of one batch: with more the database's rows leave the processor's caches."""
_REMEMBERED: Final = 500_000
"""Accounts whose numbers and balances are kept in mind, about 100 MB."""


class Ledger:
    """Who posts to a city's books; remembers balances from batch to batch, for one thread.

    Somebody else may post as well: then what is remembered is read again.
    """

    def __init__(self, card_company: str) -> None:
        """`card_company`: whose platform every charge of the city is settled on."""
        self._card_company = card_company
        self._numbers: dict[Account, int] = {}
        self._heads: dict[Account, int] = {}
        self._as_of: object = None
        """The batch after which the balances were remembered."""
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
        malformations = [malformed(one, self._card_company) for one in journals]
        sound = [one for one, why in zip(journals, malformations, strict=True) if why is None]
        judged = iter(self._post_sound(conn, sound, now) if sound else ())
        return [next(judged) if why is None else why for why in malformations]

    def _post_sound(self, conn: Connection, journals: Sequence[Journal], now: int) -> list[Outcome]:
        head = db.lock(conn)
        if head.batch is None or head.batch != self._as_of:
            # Somebody else has posted, or what was posted here last was rolled back.
            self._forget()
        self._as_of = None
        touched = {one for each in journals for one in (each.debited, each.credited)}
        self._remember(conn, touched, head.last)
        books = Books(head.last, head.closed)
        heads = {one: self._heads[one] for one in touched}
        # As a rule all are new; what stands in the way otherwise may be that they were told before.
        outcomes, lines = judge(books, heads, {}, journals)
        is_written = len(lines) == len(journals) and db.add_journals(conn, lines, self._numbers)
        if not is_written:
            known = db.by_ids(conn, [journal.journal_id for journal in journals])
            heads = {one: self._heads[one] for one in touched}
            outcomes, lines = judge(books, heads, known, journals)
            if lines:
                is_written = db.add_journals(conn, lines, self._numbers)
                assert is_written, "nobody else posts meanwhile"
        if lines:
            batch = new_id()
            db.add_batch(conn, lines[-1].n, max(now, head.posted_at), batch)
            self._heads |= heads
            self._as_of = batch
        return outcomes

    def _forget(self) -> None:
        self._numbers.clear()
        self._heads.clear()

    def _remember(self, conn: Connection, touched: Set[Account], last: int) -> None:
        """Know the number and the balance of every account that is touched."""
        if len(self._numbers) > _REMEMBERED:
            self._forget()
        unnumbered = sorted(touched - self._numbers.keys())
        if unnumbered:
            self._numbers |= db.numbers(conn, unnumbered)
            unopened = [one for one in unnumbered if one not in self._numbers]
            if unopened:
                self._numbers |= db.add_accounts(conn, unopened)
        unread = touched - self._heads.keys()
        if unread:
            found = db.heads(conn, [self._numbers[one] for one in unread], last)
            self._heads |= {one: found.get(self._numbers[one], 0) for one in unread}
