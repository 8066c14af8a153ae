"""The other side of the clearing: a card company that checks what it gets, and may misbehave.

It has its own view of who exists. A file that its linter finds fault with is refused whole; of a
sound one it rejects single lines, and one that was answered before is answered as before.
"""

from collections.abc import Callable, Collection, Iterator
from enum import IntEnum
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct, structs

from ridecode.core import ConflictError, RefusedError
from ridecode.money.clearing import (
    Again,
    AnswerHead,
    Charge,
    Fare,
    Reason,
    Rejected,
    Seen,
    Sent,
    SentFile,
    Total,
    answer_file,
    answer_name,
    cleared,
    lint,
    new_key,
    recognise,
    sent_file,
    sent_lines,
)
from ridecode.store import whole_file


class Mischief(IntEnum):
    """What goes wrong with one answer."""

    ANSWERED_TWICE = 1
    """A second answer, in the folder `again`, rejects a line that the first one cleared."""
    ANOTHER_FILE = 2
    """The answer names another digest."""
    WRONG_TOTALS = 3
    """A fen more is cleared than the lines come to."""
    FORGED = 4
    """It is signed with a key of somebody else."""
    NEVER_SENT = 5
    """It rejects a line that the file does not have."""


class View(Struct, frozen=True):
    """Who exists for the card company."""

    accounts: Callable[[str], bool]
    operators: frozenset[str]
    platforms: frozenset[str]
    channels: frozenset[str]
    tariffs: frozenset[str]


Plan: TypeAlias = Callable[[int], Reason | None]
"""Why a line of the ledger is rejected, by its number; None where it is cleared."""


def clears(_: int) -> None:
    """Nothing is rejected but what is unknown."""


class CardCompany:
    """One city's card company; it remembers what it was sent."""

    def __init__(
        self, private: bytes, keys: Collection[bytes], view: View, plan: Plan = clears
    ) -> None:
        """`private` signs its answers; `keys` are those that it knows the city by."""
        self._private = private
        self._keys = keys
        self._view = view
        self._plan = plan
        self._last: Path | None = None
        self._digests: dict[int, bytes] = {}
        self._rejected: dict[int, tuple[Rejected, ...]] = {}
        """By file."""
        self._cleared: set[int] = set()
        """Lines of the ledger."""
        self._open: dict[tuple[int, int], int] = {}
        """Rejected lines that may be sent again: file and line, and the number in the ledger."""

    def answer(
        self, path: Path, folder: Path, mischief: Mischief | None = None
    ) -> tuple[Path, ...]:
        """Answer a settlement file by a file in a folder; with mischief, by as many as it likes.

        The company itself goes by its true answer, which it gives when the file is sent again.
        Raises `RefusedError` for a file with any finding, `ConflictError` for another one under a
        number that it knows.
        """
        sent = sent_file(path)
        seen = recognise(sent.head.number, sent.digest, self._digests)
        if seen is Seen.CONFLICT:
            raise ConflictError(f"File {sent.head.number} was another one.", "Send that one.")
        if seen is Seen.NEW:
            self._take(sent)
        rejected = self._rejected[sent.head.number]
        first = self._write(sent, rejected, folder, mischief)
        if mischief is not Mischief.ANSWERED_TWICE:
            return (first,)
        (folder / "again").mkdir(exist_ok=True)
        return first, self._write(sent, _one_more(sent, rejected), folder / "again", None)

    def _take(self, sent: SentFile) -> None:
        found = lint(sent.path, self._keys, self._last)
        if found.findings or found.signed_by is None:
            first = found.findings[0] if found.findings else "no signature"
            raise RefusedError(f"File {sent.head.number} is refused: {first}.", "Send it anew.")
        rejected = tuple(self._judged(sent))
        self._last = sent.path
        self._digests[sent.head.number] = sent.digest
        self._rejected[sent.head.number] = rejected

    def _judged(self, sent: SentFile) -> Iterator[Rejected]:
        for at, one in sent_lines(sent.path):
            moved = one.sent if isinstance(one, Again) else one
            reason = self._why_not(one)
            if isinstance(one, Again) and reason is not Reason.NEVER_REJECTED:
                del self._open[one.file, one.at]
            if reason is None:
                self._cleared.add(moved.n)
            else:
                self._open[sent.head.number, at] = moved.n
                yield Rejected(at, moved.n, reason, reason.name.lower().replace("_", " "))

    def _why_not(self, one: Sent) -> Reason | None:
        """Why a line is rejected, the first reason that applies."""
        moved = one.sent if isinstance(one, Again) else one
        if isinstance(one, Again) and self._open.get((one.file, one.at)) != moved.n:
            return Reason.NEVER_REJECTED
        if moved.n in self._cleared:
            return Reason.DUPLICATE
        if not self._view.accounts(moved.account):
            return Reason.UNKNOWN_ACCOUNT
        unknown = self._unknown(moved)
        return self._plan(moved.n) if unknown is None else unknown

    def _unknown(self, moved: Fare | Charge) -> Reason | None:
        view = self._view
        if isinstance(moved, Charge):
            return None if moved.channel in view.channels else Reason.UNKNOWN_CHANNEL
        if moved.operator not in view.operators:
            return Reason.UNKNOWN_OPERATOR
        if moved.platform and moved.platform not in view.platforms:
            return Reason.UNKNOWN_PLATFORM
        return None if moved.tariff in view.tariffs else Reason.UNKNOWN_TARIFF

    def _write(
        self, sent: SentFile, rejected: tuple[Rejected, ...], folder: Path,
        mischief: Mischief | None,
    ) -> Path:  # fmt: skip
        head = AnswerHead(
            city=sent.head.city, card_company=sent.head.card_company, day=sent.head.day,
            number=sent.head.number, digest=sent.digest,
        )  # fmt: skip
        totals, _ = cleared(sent.path, {one.at: one.n for one in rejected})
        private = self._private
        if mischief is Mischief.ANOTHER_FILE:
            head = structs.replace(head, digest=bytes(32))
        elif mischief is Mischief.WRONG_TOTALS:
            more = Total(totals.fares.lines, totals.fares.fen + 1)
            totals = structs.replace(totals, fares=more)
        elif mischief is Mischief.FORGED:
            private = new_key()
        elif mischief is Mischief.NEVER_SENT:
            rejected = (*rejected, Rejected(10**6 + 2, 1, Reason.DUPLICATE, ""))
        path = folder / answer_name(head)
        with whole_file(path) as out:
            out.write(answer_file(head, rejected, totals, private))
        return path


def _one_more(sent: SentFile, rejected: tuple[Rejected, ...]) -> tuple[Rejected, ...]:
    """The same and the first line that is not among them; the same where there is none."""
    known = {one.at for one in rejected}
    for at, one in sent_lines(sent.path):
        if at not in known:
            moved = one.sent if isinstance(one, Again) else one
            return tuple(
                sorted(
                    (*rejected, Rejected(at, moved.n, Reason.WRONG_AMOUNT, "")),
                    key=lambda one: one.at,
                )
            )
    return rejected
