"""The file of rows that could not be read: line number, reason, words, and the row itself."""

import csv
from collections import Counter
from pathlib import Path
from typing import IO

from ridecode.taps.rejects import RejectReason


class RejectFile:
    """Written beside its place and moved there when it is whole; made only where there is a row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._file: IO[str] | None = None
        self.reasons: Counter[RejectReason] = Counter()

    def add(self, line: int, reason: RejectReason, row: bytes, encoding: str) -> None:
        """Keep a row as it came; bytes that are not in the encoding are written as \\x escapes."""
        self.reasons[reason] += 1
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(("line", "reason", "zh", "en", "row"))
        words = reason.words
        text = row.decode(encoding, "backslashreplace").replace("\0", "\\x00")
        csv.writer(self._file).writerow((line, reason.name, words.zh, words.en, text))

    def finish(self) -> Path | None:
        """The file where it belongs, or None where every row could be read."""
        if self._file is None:
            return None
        self._file.close()
        return self._part.replace(self._path)

    def abandon(self) -> None:
        """Leave nothing half-written behind; of a finished file nothing is left to do."""
        if self._file is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)
