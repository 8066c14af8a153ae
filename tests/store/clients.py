"""Another process that uses a data folder's database, driven line by line.

Run as a program it opens the cell, then runs each line of its input as SQL in a transaction of
its own, until `close`.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

import ridecode

SOURCES = Path(ridecode.__file__).parents[1]


class Client:
    """The other process; a context manager that leaves none behind."""

    def __init__(self, data: Path, city: str = "shenzhen") -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(data), city],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
            env=os.environ | {"PYTHONPATH": ":".join([str(SOURCES), *filter(None, sys.path)])},
        )  # fmt: skip
        self.server = int(self._answer())
        """Process number of the server that it uses."""

    def run(self, query: str) -> str:
        """The answer to a statement, or the name of the error that came instead."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{query}\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        assert self.run("close") == "closed"
        self.process.wait(10)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def _answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


def main(data: Path, city: str) -> None:
    from ridecode.core import UnavailableError
    from ridecode.store import open_cell, server_status

    cell = open_cell(data, city)
    sys.stdout.write(f"{server_status(data).pid}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        if line.strip() == "close":
            break
        try:
            with cell.connection() as conn:
                found = conn.execute(line.encode())
                answer = str(found.fetchall() if found.description else "done")
        except UnavailableError:
            answer = "UnavailableError"
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    cell.close()
    sys.stdout.write("closed\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
