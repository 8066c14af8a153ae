"""`ridecode doctor`: what this machine and data folder are like, and what to do about it."""

import platform
import re
import sys
from typing import TYPE_CHECKING

import msgspec
import typer

from ridecode.cli import doctor_data
from ridecode.cli.city import judged
from ridecode.cli.findings import Finding, ailing
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import show, table
from ridecode.core import RidecodeError, UnavailableError

if TYPE_CHECKING:
    from rich.table import Table

_SIGNING_FIXED_FROM = {(3, 0): 22, (3, 4): 8, (3, 5): 9, (3, 6): 5, (4, 0): 3}
"""By branch of OpenSSL, the first release with two published timing fixes for SM2 signing; of 3.0
it is Debian's 3.0.22, upstream's 3.0.23. Branches that are not named got no fix, or are newer."""


def doctor(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Look at machine, data folder and city pack. Starts and changes nothing.

    Exit code 6 where something that is needed is not there.
    """
    findings = [
        _python(), _packages(), _sm2(), _openssl(), _page(), _logs(),
        *doctor_data.looked_at(data, _city_id(city)), _pack(city),
    ]  # fmt: skip
    show([msgspec.to_builtins(one) for one in findings], as_json, lambda: _told(findings))
    if any(one.needed and not one.good for one in findings):
        raise typer.Exit(UnavailableError.exit_code)


def _python() -> Finding:
    from importlib.metadata import version

    found = f"{platform.python_version()}, ridecode {version('ridecode')}, {platform.machine()}"
    return Finding("Python", found, sys.version_info >= (3, 11), remedy="Use Python 3.11 or newer.")


def _packages() -> Finding:
    """What ridecode says that it needs is installed."""
    from importlib.metadata import PackageNotFoundError, requires, version

    missing = []
    for told in requires("ridecode") or ():
        name, _, condition = told.partition(";")
        if "extra" in condition:
            continue
        name = re.split(r"[^A-Za-z0-9._-]", name.strip())[0]
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    found = f"missing: {', '.join(missing)}" if missing else "all that is needed is installed"
    remedy = "Install ridecode again: pip install -c constraints.txt -e ."
    return Finding("packages", found, not missing, remedy=remedy)


def _page() -> Finding:
    from importlib.resources import files

    there = (files("ridecode") / "api" / "web" / "index.html").is_file()
    return Finding("page", "built" if there else "not built: HTTP works without it", there,
                   needed=False, remedy="python tools/build_web.py")  # fmt: skip


def _logs() -> Finding:
    from ridecode.core import logs

    try:
        return Finding("logs", f"from {logs.level_name(sys.stderr)} on", good=True)
    except RidecodeError as error:
        return ailing("logs", error)


def _sm2() -> Finding:
    from ridecode.code import KeySigner, library_version

    try:
        KeySigner(KeySigner.new_scalar()).public_key  # noqa: B018 (the self-test runs at first use)
    except RidecodeError as error:
        return ailing("SM2", error)
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


def _pack(city: str) -> Finding:
    from ridecode.city import Severity

    try:
        errors = [one for one in judged(city)[1] if one.severity is Severity.ERROR]
    except RidecodeError as error:
        return ailing("city pack", error)
    if errors:
        return Finding("city pack", str(errors[0]), good=False,
                       remedy=f"See them all: ridecode city check --city {city}")  # fmt: skip
    return Finding("city pack", f"{city}: no errors", good=True)


def _city_id(city: str) -> str:
    """Of a shipped pack or a pack's folder; empty where it is none, which `_pack` tells."""
    from ridecode.city import load_pack

    try:
        return load_pack(city).id
    except RidecodeError:
        return ""


def _told(findings: list[Finding]) -> "Table":
    rows: list[list[object]] = [
        ["✓" if one.good else "✗" if one.needed else "!", one.what,
         one.found if one.good else f"{one.found}\n→ {one.remedy}"]
        for one in findings
    ]  # fmt: skip
    return table("ridecode doctor", ["", "", ""], rows)
