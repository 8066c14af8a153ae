"""`ridecode code`: a test authority, phones and their codes; verify codes and look inside them."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli import code_view as view
from ridecode.cli import phones
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import REFUSED, show
from ridecode.cli.scanned import File, Hex, Picture, bytes_of, from_hex
from ridecode.core import MICROS, BadInputError, Verdict, to_iso

if TYPE_CHECKING:
    from ridecode.city import Pack
    from ridecode.store import Vault

app = typer.Typer(help="Ride codes: authorise, present, verify, look inside.",
                  no_args_is_help=True)  # fmt: skip

_HOUR_S = 3_600

Now = Annotated[
    int | None, typer.Option("--now", metavar="UNIX", help="UTC seconds; else this moment.")
]
Phone = Annotated[
    str, typer.Option("--phone", metavar="NAME", help="A phone whose key is in the vault.")
]


@app.command()
def ca(
    renew: Annotated[
        bool, typer.Option("--renew", help="A new root and new certificates, under a new index.")
    ] = False,
    data: Data = DATA,
    city: City = CITY,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Make the test root and its certificates, or show them.

    Private keys go into the data folder's vault. The root is marked as a test root: every city
    pack that is not marked as a demo refuses its codes.
    """
    from ridecode.city import load_pack
    from ridecode.code import demo_authority, renewed_authority
    from ridecode.store import Vault

    pack, vault = load_pack(city), Vault.open(data)
    found = renewed_authority if renew else demo_authority
    authority = found(vault, pack.issuers, _moment(now))
    record = view.authority_record(pack, authority)
    show(record, as_json, lambda: view.authority(pack, authority))


@app.command()
def issue(
    phone: Annotated[
        str | None,
        typer.Option("--phone", metavar="NAME", help="Make this phone's key in the vault."),
    ] = None,
    user_key: Annotated[
        str | None,
        typer.Option("--user-key", metavar="HEX", help="A public key, 33 bytes compressed."),
    ] = None,
    account_type: Annotated[
        int, typer.Option("--account-type", help="1 ordinary, 2 student, 3 senior, 4 test …")
    ] = 1,
    card_account: Annotated[
        str | None,
        typer.Option("--card-account", help="19 digits; else it follows from the key."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="FEN", help="The most of a ride.")
    ] = 2000,
    hours: Annotated[int, typer.Option("--hours", help="How long the authorisation lasts.")] = 24,
    validity: Annotated[
        int, typer.Option("--validity", metavar="SECONDS", help="How long a code is good.")
    ] = 60,
    data: Data = DATA,
    city: City = CITY,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Authorise a rider. Fields 1 to 15, signed by the city's card company (a test issuer).

    With --phone the phone's key is made in the vault and its authorisation kept in DIR/phones,
    for `ridecode code present`.
    """
    from ridecode.city import load_pack
    from ridecode.code import Grant, authorise, demo_accounts, demo_authority
    from ridecode.store import Vault

    pack, vault, at = load_pack(city), Vault.open(data), _moment(now)
    issuer = demo_authority(vault, pack.issuers, at).issuers[pack.card_company.issuer]
    key = _key_to_authorise(phone, user_key, vault)
    payment, card = demo_accounts(key, pack.issuers[issuer.number].iin)
    grant = Grant(
        payment_account=payment, card_account=card_account or card, platform=_platform(pack),
        account_type=account_type, limit_fen=limit, user_key=key, until_s=at + hours * _HOUR_S,
        validity_s=validity,
    )  # fmt: skip
    authorisation = authorise(grant, issuer.certificate, issuer.signer)
    if phone is not None:
        phones.keep_authorisation(data, phone, authorisation)
    record: dict[str, object] = {
        "phone": phone,
        "authorisation": authorisation.hex(),
        "user_key": key.hex(),
        "payment_account": grant.payment_account,
        "card_account": grant.card_account,
        "issuer": issuer.number,
        "platform": grant.platform,
        "until": to_iso(grant.until_s * MICROS),
        "validity_s": validity,
    }
    show(record, as_json, lambda: view.issued(record))


@app.command()
def present(
    phone: Phone,
    png: Annotated[Path | None, typer.Option("--png", metavar="FILE", help="A picture.")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="A drawing.")] = None,
    data: Data = DATA,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Make a phone's ride code of this moment. No network is used; its symbol is shown.

    In a pipe it prints the code in hex instead.
    """
    from ridecode.code import parse, symbol
    from ridecode.code import present as made
    from ridecode.store import Vault

    authorisation = phones.authorisation(data, phone)
    code = made(authorisation, phones.signer(Vault.open(data), phone), _moment(now))
    if png is not None:
        phones.show_in(png, symbol.png(code))
    if svg is not None:
        phones.show_in(svg, symbol.svg(code).encode())
    read = parse(code)
    assert not isinstance(read, Verdict), "what is presented is well-formed"
    record: dict[str, object] = {
        "code": code.hex(),
        "card_account": read.card_account,
        "made": to_iso(read.made_s * MICROS),
        "good_until": to_iso((read.made_s + read.validity_s) * MICROS),
        "authorised_until": to_iso(read.authorised_until_s * MICROS),
    }
    files = [file for file in (png, svg) if file is not None]
    show(record, as_json, lambda: view.presented(code, record, files))


@app.command()
def verify(
    hex_: Hex = None,
    file: File = None,
    picture: Picture = None,
    root: Annotated[
        list[str] | None,
        typer.Option(
            "--root",
            metavar="HEX",
            help="A root record to trust, 144 bytes; repeatable. A test root named here is "
            "trusted as well.",
        ),
    ] = None,
    now: Now = None,
    as_json: Json = False,
) -> int:
    """Say whether a code may be trusted now.

    Exit 0 if so, 1 if it is refused, 2 if an option is malformed.

    Trust alone is judged: form, certificate, dates and signatures, no rule of a place.
    """
    from ridecode.code import Root, TestRoots, Verifier, fields

    code = bytes_of(hex_, file, picture)
    roots = [Root.parse(from_hex("--root", record)) for record in root or ()]
    judge = Verifier(roots, test_roots=TestRoots.ACCEPTED)
    verdict = judge.verify(code, _moment(now)).verdict
    record = {"verdict": verdict.name, "fields": fields(code)}
    show(record, as_json, lambda: view.judged(verdict, code, roots))
    return 0 if verdict.accepted else REFUSED


@app.command()
def inspect(
    hex_: Hex = None, file: File = None, picture: Picture = None, as_json: Json = False
) -> None:
    """Show every part of a code, certificate or root record.

    Each with its number, place and meaning. Nothing is verified: see `ridecode code verify`.
    """
    from ridecode.code import anatomy

    data = bytes_of(hex_, file, picture)
    found = anatomy(data)
    fault = view.fault(found, data)
    record = view.anatomy_record(found, data, fault)
    show(record, as_json, lambda: view.opened(found, data, fault))


def _moment(now: int | None) -> int:
    return int(time.time()) if now is None else now


def _key_to_authorise(phone: str | None, user_key: str | None, vault: "Vault") -> bytes:
    if user_key is not None and phone is None:
        return from_hex("--user-key", user_key)
    if phone is not None and user_key is None:
        return phones.new_phone(vault, phone)
    raise BadInputError("Whose key is to be authorised?", "Give one of --phone and --user-key.")


def _platform(pack: "Pack") -> str:
    """An invented platform where the pack has one, so that no real one is impersonated."""
    platforms = sorted(pack.platforms.values(), key=lambda platform: not platform.demo)
    return platforms[0].number
