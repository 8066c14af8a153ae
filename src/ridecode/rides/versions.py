"""What a pass writes: only rows that differ from the stored ones, each as a new version."""

from collections.abc import Mapping
from uuid import UUID

from ridecode.rides.rows import Key, Row


class Changes:
    """Differences between stored rows and what they should be, collected over a chunk.

    A row is its facts (account, start and ride id first), then its version, then what is no fact.
    `in_history` tells the last version of rows that are stored no more.
    """

    def __init__(self, facts: int, in_history: Mapping[UUID, int]) -> None:
        self._facts = facts
        self._in_history = in_history
        self.gone: list[Key] = []
        """Of stored rows to be moved to history."""
        self.rows: list[Row] = []
        """To be written after that."""
        self.added = self.changed = self.removed = 0

    def put(self, old: Row | None, row: Row) -> bool:
        """A row in place of the stored one; False where they say the same."""
        facts = self._facts
        if old is None:
            self.added += 1
            version = self._in_history.get(row[2], 0)
            if version == 0:
                self.rows.append(row)
                return True
        elif old[:facts] == row[:facts]:
            return False
        else:
            self.gone.append(old[:3])
            self.changed += 1
            version = old[facts]
        self.rows.append((*row[:facts], version + 1, *row[facts + 1 :]))
        return True

    def drop(self, old: Row) -> None:
        """A stored row that has no place any more."""
        self.gone.append(old[:3])
        self.removed += 1

    def last_starts(self) -> dict[str, int]:
        """By account when the last row that was written or dropped starts."""
        last: dict[str, int] = {}
        for changed in (self.rows, self.gone):
            for account, start, *_ in changed:
                if start >= last.get(account, start):
                    last[account] = start
        return last
