"""`ridecode validator exposure`: the bounds of a city, as a record and for people."""

from typing import TYPE_CHECKING, Any

from ridecode.cli.output import facts, table

if TYPE_CHECKING:
    from rich.console import Group

    from ridecode.city import Pack
    from ridecode.fares import Money
    from ridecode.validator import Assumed, Exposure


def assumed_of(pack: "Pack") -> "Assumed":
    """What a pack's riders and matching rules say of the assumptions."""
    from ridecode import riders, rides
    from ridecode.validator import Assumed

    rules = riders.read_rules(pack)
    terms = rules.terms.values()
    return Assumed(
        authorised_s=max(one.authorised_s for one in terms),
        validity_s=max(one.validity_s for one in terms),
        limit=max(one.limit_fen for one in terms),
        owed_most=rules.denied_owed,
        clones=rules.clones,
        top_speed_kmh=rides.read_rules(pack).top_speed_kmh,
    )


def record_of(found: "Exposure") -> dict[str, Any]:
    import msgspec

    record: dict[str, Any] = msgspec.to_builtins(found)
    for bound, one in zip(record["bounds"], found.bounds, strict=True):
        bound["peril"] = one.peril.name.lower()
    return record


def told(found: "Exposure", money: "Money") -> "Group":
    from rich.console import Group

    rows: list[list[object]] = [
        [
            f"{one.peril.words.zh} {one.peril.words.en}", _time(one.online_s),
            money.say(one.online), _time(one.offline_s),
            "–" if one.offline is None else money.say(one.offline),
        ]
        for one in found.bounds
    ]  # fmt: skip
    columns = ["", "在线 online", "≤", "断网 offline", "≤"]
    formulas = {one.peril.words.en: one.words.en for one in found.bounds}
    assumed = {
        "f 最贵一程 dearest ride": money.say(found.riding.ride_most),
        "R 每小时 dearest hour": money.say(found.riding.hour_most),
        "b 断网可用 open offline": _time(found.open_s),
        **{name: getattr(found.assumed, name) for name in found.assumed.__struct_fields__},
    }
    title = f"{found.city} · {found.tariff}"
    return Group(
        table(title, columns, rows), "", facts("公式 formulas", dict(formulas)), "",
        facts("假设 assumed", assumed),
    )  # fmt: skip


def _time(seconds: int | None) -> str:
    if seconds is None:
        return "∞"
    days, left = divmod(seconds, 86_400)
    return (
        f"{days} d {left // 3_600} h"
        if days
        else f"{left // 3_600}:{left // 60 % 60:02}:{left % 60:02}"
    )
