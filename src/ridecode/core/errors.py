"""The errors that cross a door, each with the remedy a person needs.

    RidecodeError
    ├── BadInputError      what came in is malformed: a file, a field, an option   exit 2
    ├── NotFoundError      what was named is not there                             exit 3
    ├── ConflictError      the same id came with another body                      exit 4
    ├── RefusedError       well-formed, but a rule says no                         exit 5
    └── UnavailableError   a server, file or library that is needed is not there   exit 6

A refused ride code is not an error but a verdict: see `ridecode.core.verdict`.
"""

from typing import ClassVar


class RidecodeError(Exception):
    """A failure that a person can act on: what happened, and what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".rstrip()


class BadInputError(RidecodeError):
    """What came in is malformed; `file`, `line` and `column` say where, if known (from 1)."""

    exit_code = 2

    def __init__(
        self,
        what: str,
        remedy: str = "",
        *,
        file: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(what, remedy)
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {super().__str__()}" if place else super().__str__()


class NotFoundError(RidecodeError):
    """What was named is not there."""

    exit_code = 3


class ConflictError(RidecodeError):
    """The same id came again with another body."""

    exit_code = 4


class RefusedError(RidecodeError):
    """The request is well-formed, but a rule refuses it."""

    exit_code = 5


class UnavailableError(RidecodeError):
    """A server, file or library that is needed cannot be had now."""

    exit_code = 6
