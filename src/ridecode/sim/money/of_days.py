"""Closed business days: they balance, prove themselves, and never change again."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from ridecode.core import day_name
from ridecode.money import close_day
from ridecode.money.ledger import Account, audit_day, balance, trial_balance
from ridecode.sim.money.db import Seen
from ridecode.sim.money.truth import Truth


def the_books_balance(seen: Seen, _: Truth) -> Iterator[str]:
    """All accounts together are zero, and each is the sum of its lines."""
    lines = trial_balance(seen.cell)
    if sum(one.closing for one in lines):
        yield f"all closings together are {sum(one.closing for one in lines)} fen"
    sums: Counter[Account] = Counter()
    for one in seen.lines:
        sums[one.journal.debited] += one.journal.amount
        sums[one.journal.credited] -= one.journal.amount
    with seen.cell.connection() as conn:
        for account, fen in sums.items():
            has = balance(conn, account)
            if has != (fen if account.kind.is_debit else -fen):
                yield f"{account.kind.name} {account.party} has {has} fen, its lines {fen}"


def lines_are_numbered(seen: Seen, _: Truth) -> Iterator[str]:
    """Lines have the numbers from 1 on, and none is posted before the one before it."""
    if [one.n for one in seen.lines] != list(range(1, len(seen.lines) + 1)):
        yield "a number is missing"
    for before, one in pairwise(seen.lines):
        if one.posted_at < before.posted_at:
            yield f"the line {one.n} is posted before the line {before.n}"


def closed_days_take_nothing(seen: Seen, _: Truth) -> Iterator[str]:
    """No line of a closed day was posted after it was closed."""
    for one in seen.lines:
        closed = seen.closed.get(one.journal.day)
        if closed is not None and one.posted_at > closed:
            yield f"the line {one.n} was posted to {day_name(one.journal.day)} when it was closed"


def days_prove_themselves(_: Seen, truth: Truth) -> Iterator[str]:
    """The auditor finds nothing in the files of a closed day."""
    folder, before = truth.folder / "own", None
    for day in truth.closed:
        found = audit_day(folder, day, before)
        for one in found.findings:
            yield f"{day_name(day)}: {one.fault.name}, line {one.line}: {one.what}"
        before = folder / f"seal-{day_name(day)}.json"


def closed_days_stay(seen: Seen, truth: Truth) -> Iterator[str]:
    """Written again, all files of a closed day are the same bytes."""
    folder = truth.folder / f"again-{seen.now}"
    for day, files in truth.closed.items():
        close_day(seen.cell, truth.pack, day, folder, truth.town.ours, seen.now)
        written = {path.name: path.read_bytes() for path in folder.glob(f"*-{day_name(day)}*")}
        for name in files.keys() | written.keys():
            if files.get(name) != written.get(name):
                yield f"{name} is not what it was"
