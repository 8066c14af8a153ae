"""`ridecode riders`: enrol riders, bind and authorise their phones, report losses, revoke.

Every command takes in first what the log tells of debts and copied keys.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from ridecode.cli import entered, phones
from ridecode.cli import riders_view as view
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import facts, show, waiting
from ridecode.cli.scanned import from_hex
from ridecode.core import BadInputError, to_iso

if TYPE_CHECKING:
    from ridecode.city import Pack
    from ridecode.riders import Document, RiderRules
    from ridecode.store import Cell

app = typer.Typer(help="Riders: enrol, bind phones, authorise, report a loss, revoke.",
                  no_args_is_help=True)  # fmt: skip

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="A card account of 19 digits.")]
Accounts = Annotated[
    list[str], typer.Argument(metavar="ACCOUNT…", help="Card accounts of 19 digits, of any issuer.")
]
PhoneName = Annotated[
    str | None, typer.Option("--phone", metavar="NAME", help="A phone whose key is in the vault.")
]
UserKey = Annotated[
    str | None,
    typer.Option("--user-key", metavar="HEX", help="A public key, 33 bytes compressed."),
]


class _Office(Struct, frozen=True):
    cell: "Cell"
    pack: "Pack"
    rules: "RiderRules"
    now: int


@contextmanager
def _office(data: Path, city: str, as_json: bool) -> Iterator[_Office]:
    """The city's riders as they stand now."""
    from ridecode.city import load_pack
    from ridecode.riders import follow, read_rules
    from ridecode.store import Clock, open_cell

    pack = load_pack(city)
    rules = read_rules(pack)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        now = Clock.of_folder(data).now()
        follow(cell, rules, now)
        yield _Office(cell, pack, rules, now)


@app.command()
def enrol(
    document: Annotated[
        str,
        typer.Option(
            "--document",
            metavar="KIND:NUMBER",
            help="What was verified: resident-id, passport or travel-permit. It is not kept.",
        ),
    ],
    platform: Annotated[str, typer.Option("--platform", metavar="ID", help="As the pack names.")],
    issuer: Annotated[
        str | None, typer.Option("--issuer", metavar="NUMBER", help="Else the card company.")
    ] = None,
    country: Annotated[
        str, typer.Option("--country", metavar="XXX", help="Who issued the document, ICAO 9303.")
    ] = "CHN",
    account_type: Annotated[
        int, typer.Option("--account-type", help="1 ordinary, 2 student, 3 senior, 4 test …")
    ] = 1,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Enrol a rider. One account for a person, an issuer and a platform, however often asked for.

    Refused while the person owes too much, on whatever account or platform.
    """
    from ridecode.access import Right
    from ridecode.riders import Enrolment, identity_key, identity_of, standing
    from ridecode.riders import enrol as enrolled
    from ridecode.store import Vault

    told = _document(document, country)
    with _office(data, city, as_json) as at:
        asked = Enrolment(
            identity=identity_of(identity_key(Vault.open(data)), told),
            issuer=issuer or at.pack.card_company.issuer,
            platform=platform,
            account_type=account_type,
        )
        made = enrolled(at.cell, at.rules, asked, at.now)
        entered.riders(at.cell, Right.ENROL, "riders enrol", [made.account])
        view.shown(standing(at.cell, at.rules, made.account, at.now), as_json)


@app.command()
def bind(
    account: Account,
    phone: PhoneName = None,
    user_key: UserKey = None,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Bind a phone in place of the one before.

    That one gets no more authorisations. With --phone the key is made in the vault where there is
    none. The new phone is usable after the cooling period, and not before the last authorisation of
    the one before has ended.
    """
    from ridecode.access import Right
    from ridecode.riders import MadeBy, standing
    from ridecode.riders import bind as bound
    from ridecode.store import Vault

    if phone is not None and user_key is None:
        key = phones.new_phone(Vault.open(data), phone)
    else:
        key = _key(data, phone, user_key)
    with _office(data, city, as_json) as at:
        entered.riders(at.cell, Right.ACT_FOR_RIDER, "riders bind", [account])
        bound(at.cell, at.rules, account, key, MadeBy.DEVICE, at.now)
        view.shown(standing(at.cell, at.rules, account, at.now), as_json)


@app.command()
def authorise(
    account: Account,
    phone: PhoneName = None,
    user_key: UserKey = None,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Authorise the account's phone for some hours.

    How long and for how much follows from how the rider stands. Fields 1 to 15 are signed by the
    account's issuer (a test issuer). With --phone they are kept in DIR/phones, for
    `ridecode code present`.
    """
    from ridecode.access import Right
    from ridecode.code import demo_authority
    from ridecode.core import MICROS
    from ridecode.riders import authorise as authorised
    from ridecode.store import Vault

    key = _key(data, phone, user_key)
    with _office(data, city, as_json) as at:
        entered.riders(at.cell, Right.ACT_FOR_RIDER, "riders authorise", [account])
        issuers = demo_authority(Vault.open(data), at.pack.issuers, at.now // MICROS).issuers
        told = authorised(at.cell, at.rules, issuers, account, key, at.now)
    if phone is not None:
        phones.keep_authorisation(data, phone, told.fields)
    record: view.Record = {
        "authorisation": told.fields.hex(), "card_account": account,
        "issuer": told.account.issuer, "platform": told.account.platform,
        "credit": told.credit.name.lower(), "limit_fen": told.limit_fen,
        "validity_s": told.validity_s, "until": to_iso(told.until),
    }  # fmt: skip
    short = record | {"authorisation": f"{told.fields.hex()[:32]}…"}
    show(record, as_json, lambda: facts("✓ 已授权 · authorised", short))


@app.command()
def loss(
    account: Account,
    phone: PhoneName = None,
    user_key: UserKey = None,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Report a phone lost.

    The account is denied as long as that phone could ride.
    """
    from ridecode.access import Right
    from ridecode.riders import report_loss

    key = _key(data, phone, user_key)
    with _office(data, city, as_json) as at:
        entered.riders(at.cell, Right.ACT_FOR_RIDER, "riders loss", [account])
        view.shown(report_loss(at.cell, at.rules, account, key, at.now), as_json)


@app.command()
def revoke(accounts: Accounts, data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Deny card accounts until they are restored.

    They may be this city's or a foreign issuer's.
    """
    from ridecode.access import Right
    from ridecode.riders import revoke as revoked

    with _office(data, city, as_json) as at:
        entered.riders(at.cell, Right.DENY, "riders revoke", accounts)
        new = revoked(at.cell, accounts, at.now)
    record = {"revoked": sum(new), "before": len(new) - sum(new)}
    show(record, as_json, lambda: facts("✓ 已停用 · revoked", dict(record)))


@app.command()
def restore(
    accounts: Accounts, data: Data = DATA, city: City = CITY, as_json: Json = False
) -> None:
    """Take revocations back."""
    from ridecode.access import Right
    from ridecode.riders import restore as restored

    with _office(data, city, as_json) as at:
        entered.riders(at.cell, Right.DENY, "riders restore", accounts)
        taken = restored(at.cell, accounts, at.now)
    record = {"restored": taken}
    show(record, as_json, lambda: facts("✓ 已恢复 · restored", dict.fromkeys(taken, "")))


@app.command()
def reclassify(
    account: Account,
    account_type: Annotated[int, typer.Argument(metavar="TYPE", help="1 ordinary, 2 student, …")],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Give an account another type, field 8.

    From its next authorisation on.
    """
    from ridecode.access import Right
    from ridecode.riders import reclassify as reclassified
    from ridecode.riders import standing

    with _office(data, city, as_json) as at:
        entered.riders(at.cell, Right.DENY, "riders reclassify", [account])
        reclassified(at.cell, account, account_type, at.now)
        view.shown(standing(at.cell, at.rules, account, at.now), as_json)


@app.command(name="show")
def show_(account: Account, data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """How an account stands, and what became of it."""
    from ridecode.access import Right
    from ridecode.riders import history, standing

    with _office(data, city, as_json) as at:
        entered.riders(at.cell, Right.SEE_RIDER, "riders show", [account])
        told = standing(at.cell, at.rules, account, at.now)
        events = history(at.cell, account)
    happened: list[list[object]] = [
        [to_iso(one.at), one.kind.name.lower(), one.detail] for one in events
    ]
    record = view.record(told) | {"history": happened}
    show(record, as_json, lambda: view.with_history(told, happened))


@app.command()
def denied(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Every account that may not ride now, and why."""
    from ridecode.riders import denied as refused

    with _office(data, city, as_json) as at:
        found = refused(at.cell, at.rules, at.now)
    rows: list[list[object]] = [
        [one.account, one.why.name.lower(), to_iso(one.since)] for one in found
    ]
    show(rows, as_json, lambda: view.refused(rows))


def _document(told: str, country: str) -> "Document":
    from ridecode.riders import Document, DocumentKind

    kind, colon, number = told.partition(":")
    named = kind.upper().replace("-", "_")
    if not colon or named not in DocumentKind.__members__:
        kinds = ", ".join(one.lower().replace("_", "-") for one in DocumentKind.__members__)
        raise BadInputError("--document is KIND:NUMBER.", f"KIND is one of {kinds}.")
    return Document(DocumentKind[named], number, country)


def _key(data: Path, phone: str | None, user_key: str | None) -> bytes:
    from ridecode.store import Vault

    if user_key is not None and phone is None:
        return from_hex("--user-key", user_key)
    if phone is not None and user_key is None:
        return phones.signer(Vault.open(data), phone).public_key
    raise BadInputError("Which phone?", "Give one of --phone and --user-key.")
