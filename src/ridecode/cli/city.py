"""`ridecode city`: look into city packs, and make networks for new ones."""

import typer

from ridecode.cli.options import CITY, City, Json
from ridecode.cli.output import facts, show

app = typer.Typer(help="City packs: check one, or make a network for a new one.",
                  no_args_is_help=True)  # fmt: skip


@app.command()
def check(city: City = CITY, as_json: Json = False) -> None:
    """Read a city pack and say everything that is wrong with it, with file and line."""
    from ridecode.city import load_pack

    pack = load_pack(city)
    record = {
        "city": pack.id,
        "version": pack.version,
        "demo": pack.demo,
        "lines": len(pack.lines),
        "stops": len(pack.stops),
        "notices": [],
    }
    show(record, as_json, lambda: facts(f"{pack.name.zh} · {pack.name.en}", record))
