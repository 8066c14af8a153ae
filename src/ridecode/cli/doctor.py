"""`ridecode doctor`: what this machine and data folder are like, and what to do about it."""

import platform
import sys
from typing import TYPE_CHECKING

import msgspec
import typer
from msgspec import Struct

from ridecode.cli.city import judged
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import show, table
from ridecode.core import RidecodeError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

_DISK_LEAST = 1 << 30
_SIGNING_FIXED_FROM = {(3, 0): 22, (3, 4): 8, (3, 5): 9, (3, 6): 5, (4, 0): 3}
"""By branch of OpenSSL, the first release with two published timing fixes for SM2 signing; of 3.0
it is Debian's 3.0.22, upstream's 3.0.23. Branches that are not named got no fix, or are newer."""


class Finding(Struct, frozen=True):
    """One thing looked at. A finding that is not `good` has a remedy; `needed` ones stop work."""

    what: str
    found: str
    good: bool
    needed: bool = True
    remedy: str = ""


def doctor(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Look at machine, data folder and city pack. Starts and changes nothing.

    Exit code 6 where something that is needed is not there.
    """
    findings = [_python(), _sm2(), _openssl(), *_database(data), _vault(data), _pack(city)]
    show([msgspec.to_builtins(one) for one in findings], as_json, lambda: _told(findings))
    if any(one.needed and not one.good for one in findings):
        raise typer.Exit(UnavailableError.exit_code)


def _python() -> Finding:
    from importlib.metadata import version

    found = f"{platform.python_version()}, ridecode {version('ridecode')}, {platform.machine()}"
    return Finding("Python", found, sys.version_info >= (3, 11), remedy="Use Python 3.11 or newer.")


def _sm2() -> Finding:
    from ridecode.code import KeySigner, library_version

    try:
        KeySigner(KeySigner.new_scalar()).public_key  # noqa: B018 (the self-test runs at first use)
    except RidecodeError as error:
        return Finding("SM2", error.what, good=False, remedy=error.remedy)
    return Finding("SM2", f"{library_version()}: self-test passed", good=True)


def _openssl() -> Finding:
    from ridecode.code import library_version

    try:
        named = library_version()
    except RidecodeError as error:
        return Finding("SM2 signing", error.what, good=False, needed=False, remedy=error.remedy)
    numbers = next((word for word in named.split() if word[:1].isdigit()), "0.0.0")
    major, minor, patch = (int(part) for part in numbers.split("-")[0].split("."))
    first = _SIGNING_FIXED_FROM.get((major, minor))
    newer = (major, minor) > max(_SIGNING_FIXED_FROM)
    good = newer if first is None else patch >= first
    return Finding(
        "SM2 signing", named, good, needed=False,
        remedy="Two timing fixes for signing are missing: bring the system's libssl3 up to date "
        "before it signs with an issuer's key. Verifying is not concerned.",
    )  # fmt: skip


def _database(data: "Path") -> list[Finding]:
    from ridecode.store import server_status

    try:
        status = server_status(data)
    except RidecodeError as error:
        return [Finding("database", error.what, good=False, remedy=error.remedy)]
    if status.external:
        found = f"external server {status.place or '?'}, PostgreSQL {status.programs or '?'}"
        return [Finding("database", found, status.running, remedy="See RIDECODE_DATABASE_URL.")]
    state = "ready" if status.ready else "starting or recovering" if status.running else "at rest"
    free = f"{status.disk_free / (1 << 30):,.1f} GiB free where the data lies"
    return [
        Finding("database", f"PostgreSQL {status.programs} of our own, {state}"
                f"{f', process {status.pid}' if status.pid else ''}", good=True),
        Finding("data folder", f"{status.place or data}: {free}", status.disk_free >= _DISK_LEAST,
                remedy="Make room, or name another folder with --data."),
    ]  # fmt: skip


def _vault(data: "Path") -> Finding:
    if not (data / "vault").exists():
        return Finding("vault", "none yet: it is made with the first key", good=True)
    locked = not (data / "vault.key").exists()
    found = "locked with a passphrase" if locked else "opened by vault.key, which lies beside it"
    return Finding(
        "vault", found, locked, needed=False,
        remedy="Good enough for a demonstration. Set RIDECODE_VAULT_PASSPHRASE for anything else.",
    )  # fmt: skip


def _pack(city: str) -> Finding:
    from ridecode.city import Severity

    try:
        errors = [one for one in judged(city)[1] if one.severity is Severity.ERROR]
    except RidecodeError as error:
        return Finding("city pack", error.what, good=False, remedy=error.remedy)
    if errors:
        return Finding("city pack", str(errors[0]), good=False,
                       remedy=f"See them all: ridecode city check --city {city}")  # fmt: skip
    return Finding("city pack", f"{city}: no errors", good=True)


def _told(findings: list[Finding]) -> "Table":
    rows: list[list[object]] = [
        ["✓" if one.good else "✗" if one.needed else "!", one.what,
         one.found if one.good else f"{one.found}\n→ {one.remedy}"]
        for one in findings
    ]  # fmt: skip
    return table("ridecode doctor", ["", "", ""], rows)
