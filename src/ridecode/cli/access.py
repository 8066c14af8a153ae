"""`ridecode access`: who has which role, and the log of who did what.

Whoever may run these commands has the data folder: the machine itself says who asks.
"""

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli import access_view, entered
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import REFUSED, show, waiting
from ridecode.core import BadInputError

if TYPE_CHECKING:
    from ridecode.access import Grant, Head
    from ridecode.city import Pack

app = typer.Typer(help="Access: who may do what, and who did.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of a person or a machine.")]
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


@app.callback()
def access() -> None:
    """Access: who may do what, and who did."""


@app.command()
def add(
    name: Name,
    role: Annotated[
        list[str],
        typer.Option(
            "--role",
            metavar="ROLE",
            help="rider, operator, card_company, auditor or platform; may be given several times.",
        ),
    ],
    operator: Annotated[str, typer.Option("--operator", metavar="ID", help="Of which one.")] = "",
    platform: Annotated[str, typer.Option("--platform", metavar="ID", help="Of which one.")] = "",
    account: Annotated[
        str, typer.Option("--account", metavar="NUMBER", help="Of which rider's card account.")
    ] = "",
    machine: Annotated[
        bool, typer.Option("--machine", help="It has no password, but tokens alone.")
    ] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Take somebody in, with roles and a password.

    One who is there gets these roles and this password instead, and his sessions end.
    """
    from ridecode.access import add as take_in
    from ridecode.city import load_pack
    from ridecode.store import Clock, open_cell

    pack = load_pack(city)
    grants = _grants(pack, role, {"operator": operator, "platform": platform, "account": account})
    password = None if machine else _password(password_stdin)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        take_in(cell, name, grants, password, entered.by(), Clock().now())
    record = {"name": name, "grants": [access_view.grant(one) for one in grants]}
    show(record, as_json, lambda: f"✓ 已登记 · may come in: {name}")


@app.command()
def disable(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Let nobody in by this name any more.

    Its sessions and tokens end now.
    """
    from ridecode.access import disable as shut_out
    from ridecode.city import load_pack
    from ridecode.store import Clock, open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        shut_out(cell, name, reason, entered.by(), Clock().now())
    show({"name": name}, as_json, lambda: f"✓ 已停用 · comes in no more: {name}")


@app.command(name="list")
def list_(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Everybody who may come in or might once, with their roles."""
    from ridecode.access import people
    from ridecode.city import load_pack
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        found = people(cell)
    record = [
        {
            "name": one.name, "grants": [access_view.grant(grant) for grant in one.grants],
            "password": one.has_password, "added_at": one.added_at, "disabled_at": one.disabled_at,
        }
        for one in found
    ]  # fmt: skip
    show(record, as_json, lambda: access_view.people(found))


@app.command()
def token(
    name: Name,
    days: Annotated[int, typer.Option("--days", help="For how long it is good: 1 to 366.")] = 90,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Make a token for a machine. It is printed once, and not kept."""
    from ridecode.access import machine_token
    from ridecode.city import load_pack
    from ridecode.store import Clock, open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        made = machine_token(cell, name, days, entered.by(), Clock().now())
    show({"name": name, "token": made}, as_json, lambda: made)


@app.command()
def log(
    account: Annotated[
        str, typer.Option("--account", metavar="NUMBER", help="About this rider alone.")
    ] = "",
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="Entries.")] = 50,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Who did what, the newest first."""
    from ridecode.access import latest, looks
    from ridecode.city import load_pack
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        found = looks(cell, account, most) if account else latest(cell, most)
    show([access_view.entry(one) for one in found], as_json, lambda: access_view.log(pack, found))


@app.command()
def verify(
    head: Annotated[
        str, typer.Option("--head", metavar="N:LINK", help="One that was noted earlier.")
    ] = "",
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Check that nothing in the log was changed or cut out. Exit code 1 where something was.

    Note the head that it prints, elsewhere: by it the next check sees a tail that was cut off.
    """
    from ridecode.access import verify as check
    from ridecode.city import load_pack
    from ridecode.store import open_cell

    noted, pack = _head(head), load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        found = check(cell, noted)
    record = {
        "sound": found.fault is None,
        "head": f"{found.head.n}:{found.head.link.hex()}",
        "fault": None if found.fault is None else found.fault.name.lower(),
        "at": found.at,
    }
    show(record, as_json, lambda: access_view.verified(found))
    if found.fault is not None:
        raise typer.Exit(REFUSED)


def _grants(pack: "Pack", roles: list[str], scopes: dict[str, str]) -> "list[Grant]":
    from ridecode.access import Role, granted

    known = {one.name.lower(): one for one in Role}
    unknown = [role for role in roles if role not in known]
    if unknown:
        raise BadInputError(f"{unknown[0]!r} is no role.", f"Give one of {', '.join(known)}.")
    named = [known[role] for role in dict.fromkeys(roles)]
    idle = [f"--{what}" for what, id_ in scopes.items()
            if id_ and what not in {one.scope for one in named}]  # fmt: skip
    if idle:
        raise BadInputError(f"{idle[0]} goes with no role that is given.", "See --help.")
    for what, there in (("operator", pack.operators), ("platform", pack.platforms)):
        if scopes[what] and scopes[what] not in there:
            what_of = f"{scopes[what]!r} is no {what} of {pack.name.en}."
            raise BadInputError(what_of, "See the city pack.")
    return [granted(one, scopes.get(one.scope, "")) for one in named]


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInputError("There is nobody to ask for a password.", "Use --password-stdin.")
    asked: str = typer.prompt("密码 password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


def _head(told: str) -> "Head | None":
    from ridecode.access import Head

    if not told:
        return None
    found = _HEAD.fullmatch(told)
    if found is None:
        raise BadInputError(f"{told!r} is no head of a log.", "Give what verify printed: N:LINK.")
    return Head(int(found[1]), bytes.fromhex(found[2]))
