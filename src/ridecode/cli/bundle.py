"""`ridecode bundle`: what validators trust, from the keys to the readers.

A city's publication lies in DIR/bundles/CITY/public, its keys in the vault. For keys that lie
apart, each holder has a data folder of their own with a copy of the publication.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec import Struct

from ridecode.cli import bundle_view as view
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import REFUSED, show, waiting
from ridecode.cli.scanned import content_of, from_hex
from ridecode.core import MICROS, BadInputError, from_iso

if TYPE_CHECKING:
    from ridecode.bundle import Repository
    from ridecode.city import Pack
    from ridecode.code import Root
    from ridecode.fares import Tariffs
    from ridecode.store import Vault
    from ridecode.validator import Terms

app = typer.Typer(help="Bundles: what validators trust, signed and published.",
                  no_args_is_help=True)  # fmt: skip

Roots = Annotated[
    list[str] | None,
    typer.Option("--root", metavar="HEX", help="A root record of 144 bytes; repeatable."),
]
ProposalFile = Annotated[Path, typer.Argument(metavar="FILE", help="The proposal.")]
HolderName = Literal[
    "root-1", "root-2", "root-3", "fares", "operations", "deny", "snapshot", "timestamp"
]


class _Press(Struct, frozen=True):
    """Where a city's bundles are made."""

    pack: "Pack"
    repository: "Repository"
    vault: "Vault"
    now: int


@app.command()
def init(roots: Roots = None, data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Make the eight keys and publish version 1, with nobody denied.

    A demonstration trusts its test root; any other city is told its roots with --root. Readers are
    installed with the root metadata that is written beside the publication.
    """
    from ridecode.bundle import found
    from ridecode.validator import BundleFile

    at = _press(data, city)
    terms = _terms(at, roots, at.now)
    found(at.repository, at.vault, BundleFile(city=at.pack.id, terms=(terms,)), at.now)
    record = {"city": at.pack.id, "version": 1, "published": str(at.repository.folder),
              "root": str(at.repository.installation)}  # fmt: skip
    show(record, as_json, lambda: view.founded(record))


@app.command()
def publish(
    proposal: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A proposal that both roles signed.")
    ] = None,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Publish who may not ride now, or a signed proposal.

    It is what `ridecode riders denied` tells. Where nobody was denied or let in again it is said
    that all is still so: run it every few minutes, or readers grow stale.
    """
    from ridecode import bundle, riders
    from ridecode.store import open_cell

    at = _press(data, city)
    if proposal is not None:
        signed = bundle.read_proposal(content_of(proposal))
        version = bundle.publish(at.repository, signed, at.vault, at.now)
        record = {"version": version, "active_from": view.moment(signed.new.active_from)}
        show(record, as_json, lambda: view.published(record))
        return
    rules = riders.read_rules(at.pack)
    with open_cell(data, at.pack.id, say=waiting(as_json)) as cell:
        riders.follow(cell, rules, at.now)
        accounts = [one.account for one in riders.denied(cell, rules, at.now)]
    done = bundle.Publisher(at.repository, at.vault).deny(accounts, at.now)
    counts = {"version": done.version, "denied": done.denied, "changed": done.changed}
    show(counts, as_json, lambda: view.published(counts))


@app.command()
def propose(
    file: ProposalFile,
    active_from: Annotated[
        str, typer.Option("--from", metavar="MOMENT", help="When it begins, ISO 8601 with offset.")
    ],
    roots: Roots = None,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Propose what the city pack says now, into FILE.

    It holds from the moment given. Where the tariff changes, the rides of the last seven days are
    priced anew; where readers would judge otherwise, the readings of those days are judged anew.
    The difference becomes part of what is signed.
    """
    from ridecode import bundle
    from ridecode.cli.bundle_foreseen import foreseen

    at = _press(data, city)
    before, terms = at.repository.bundle().terms[-1], _terms(at, roots, from_iso(active_from))
    told = foreseen(data, at.pack, before, terms, at.now, as_json)
    proposal = bundle.propose(at.repository, terms, told, at.now)
    file.write_bytes(proposal.to_bytes())
    record = view.proposal_record(at.repository, proposal)
    show(record, as_json, lambda: view.proposed(at.pack, record))


@app.command()
def sign(
    file: ProposalFile,
    holder: Annotated[
        Literal["fares", "operations"], typer.Option("--as", help="For which role you sign.")
    ],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Show what a proposal changes, and sign it.

    For one of the two roles.
    """
    from ridecode import bundle

    at = _press(data, city)
    proposal = bundle.read_proposal(content_of(file))
    signed = bundle.sign(at.repository, proposal, bundle.Holder(holder), at.vault)
    file.write_bytes(signed.to_bytes())
    record = view.proposal_record(at.repository, signed)
    show(record, as_json, lambda: view.proposed(at.pack, record))


@app.command()
def rotate(
    holder: Annotated[
        HolderName, typer.Argument(metavar="HOLDER", help="Whose key: root-1, fares, deny …")
    ],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Put a new key in the place of a holder's. Readers follow by themselves."""
    from ridecode import bundle

    at = _press(data, city)
    version = bundle.rotate(at.repository, at.vault, bundle.Holder(holder), at.now)
    record: dict[str, object] = {"version": version, "rotated": holder}
    show(record, as_json, lambda: view.published(record))


@app.command("show")
def show_(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """What is published, and until when each signature is good."""
    at = _press(data, city)
    record = view.publication_record(at.repository, at.now)
    show(record, as_json, lambda: view.publication(record))


@app.command()
def fetch(
    source: Annotated[str, typer.Argument(metavar="URL|DIR", help="Where it is published.")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The reader's folder.")],
    root: Annotated[
        Path, typer.Option("--root", metavar="FILE", help="The root metadata of its installation.")
    ],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> int:
    """Do what a reader does: ask for anything newer.

    It says what came of it. Exit 0 if the centre was heard, 1 if nothing was taken.
    """
    from ridecode.city import load_pack
    from ridecode.store import Clock
    from ridecode.validator import FolderCarrier, HttpCarrier, Trust

    now = Clock.of_folder(data).now()
    trust = Trust(into, root=content_of(root), city=load_pack(city).id)
    remote = source.startswith(("http://", "https://"))
    update = trust.update(HttpCarrier(source) if remote else FolderCarrier(Path(source)), now)
    record = view.reader_record(trust, update, now)
    show(record, as_json, lambda: view.reader(record))
    return 0 if update.outcome.heard else REFUSED


def _press(data: Path, city: str) -> _Press:
    from ridecode.bundle import Repository
    from ridecode.city import load_pack
    from ridecode.store import Clock, Vault

    pack = load_pack(city)
    repository = Repository.of(data, pack.id)
    return _Press(pack, repository, Vault.open(data), Clock.of_folder(data).now())


def _terms(at: _Press, roots: list[str] | None, active_from: int) -> "Terms":
    """What the pack says, with the roots that are named, else those that are in force."""
    from ridecode.bundle import terms_of

    before = at.repository.bundle().terms[-1] if at.repository.exists else None
    records = _roots(at, roots) if roots or before is None else before.roots
    keys = before.v1_keys if before else ()
    return terms_of(at.pack, _tariffs(at.pack), records, active_from=active_from, v1_keys=keys)


def _roots(at: _Press, records: list[str] | None) -> "tuple[Root, ...]":
    from ridecode.code import Root, demo_authority

    if records:
        return tuple(Root.parse(from_hex("--root", record)) for record in records)
    if not at.pack.demo:
        raise BadInputError(
            f"{at.pack.name.en} is no demonstration.", "Name the roots to trust with --root."
        )
    return (demo_authority(at.vault, at.pack.issuers, at.now // MICROS).root,)


def _tariffs(pack: "Pack") -> "Tariffs":
    from ridecode.fares import read_tariffs

    return read_tariffs(pack)
