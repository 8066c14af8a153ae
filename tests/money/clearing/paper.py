"""Small files of the clearing to test with: a settlement file, its successor, and forgeries."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from ridecode.core import day_named
from ridecode.money.clearing import (
    FIRST,
    Again,
    Charge,
    Fare,
    Fault,
    Head,
    Lint,
    Sent,
    Written,
    line_of,
    lint,
    public_key,
    write_settlement,
)
from ridecode.money.clearing.signing import Said, signature_line

CITY, COMPANY, STRANGER = (bytes([n]) * 32 for n in (1, 2, 3))
"""Private keys."""
KEYS = (public_key(CITY), public_key(COMPANY))
DAY = day_named("2018-09-01")
MORNING = 1_535_758_200_000_000


def fare(n: int, amount: int, operator: str = "metro", **fields: object) -> Fare:
    plain: dict[str, object] = {
        "n": n, "ride": UUID(int=n), "account": "3104870400000000001", "operator": operator,
        "platform": "tencent", "product": "metro", "line": "line-1", "entry_stop": "罗湖",
        "entry_ts": MORNING, "exit_stop": "sz-gangxia", "exit_ts": MORNING + 1_500_000_000,
        "tariff": "shenzhen-2018", "amount": amount,
    }  # fmt: skip
    return Fare(**{**plain, **fields})  # type: ignore[arg-type]


def charge(n: int, amount: int, channel: str = "wechat") -> Charge:
    return Charge(n, UUID(int=n), "3104870400000000001", channel, f"42000{n}", amount)


LINES: tuple[Sent, ...] = (
    fare(11, 530), fare(12, 200, "eastern-bus", platform="", exit_stop="", line=""),
    fare(14, -50, exit_ts=None),
    charge(13, 530), charge(16, -30, "wallet"),
    Again(1, 4, fare(3, 400)), Again(1, 9, charge(5, 400)),
)  # fmt: skip
"""On lines 2 to 8 of a file; lines 9 to 15 are O, O, P, P, K, K and T, the last one is S."""


def head(number: int = 2, before: bytes = b"\7" * 32, **fields: object) -> Head:
    plain: dict[str, object] = {
        "city": "shenzhen", "card_company": "shenzhentong", "day": DAY, "number": number,
        "part": 1, "parts": 1, "before": before,
    }  # fmt: skip
    return Head(**{**plain, **fields})  # type: ignore[arg-type]


def first(folder: Path, *lines: Sent) -> Written:
    return write_settlement(folder, head(1, FIRST), map(line_of, lines), CITY)


def settlement(folder: Path, *lines: Sent, **fields: object) -> Written:
    """The file of `LINES`, or of others."""
    return write_settlement(folder, head(**fields), map(line_of, lines or LINES), CITY)  # type: ignore[arg-type]


Forge = Callable[[list[bytes]], list[bytes] | None]
"""Changes the lines before S, each with its end, in place or by giving others."""


def forged(path: Path, forge: Forge, private: bytes = CITY, said: Said = Said.SETTLEMENT) -> Path:
    """Change a file and sign it anew."""
    lines = path.read_bytes().splitlines(keepends=True)[:-1]
    changed = b"".join(forge(lines) or lines)
    path.write_bytes(changed + signature_line(private, said, sha256(changed).digest()))
    return path


def on(line: int, old: str, new: str) -> Forge:
    """Another text on a line, from 1."""

    def change(lines: list[bytes]) -> None:
        assert old.encode() in lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(old.encode(), new.encode(), 1)

    return change


def put(line: int, *others: bytes) -> Forge:
    """Other lines in the place of one."""

    def change(lines: list[bytes]) -> None:
        lines[line - 1 : line] = others

    return change


def swapped(one: int, other: int) -> Forge:
    def change(lines: list[bytes]) -> None:
        lines[one - 1], lines[other - 1] = lines[other - 1], lines[one - 1]

    return change


def of(found: Lint) -> set[Fault]:
    return {one.fault for one in found.findings}


def faults(path: Path, before: Path | None = None) -> set[Fault]:
    return of(lint(path, KEYS, before))
