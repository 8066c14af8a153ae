"""Why a ride costs what it costs, line by line, for people."""

from msgspec import Struct

from ridecode.core import Line, Price, RefusedError, Ride, Words
from ridecode.fares.money import Money, say_km
from ridecode.fares.shapes import Part
from ridecode.fares.tariff import Fare, Tariff
from ridecode.fares.way import Pays


class ExplainedLine(Struct, frozen=True):
    """One line of a price with its text; the amounts sum to the price."""

    rule: str
    amount: int
    words: Words


def explain(tariff: Tariff, price: Price, ride: Ride) -> tuple[ExplainedLine, ...]:
    """The lines of a price that this tariff version made for the ride."""
    if price.tariff != tariff.id:
        raise RefusedError(
            f"The price is of tariff {price.tariff}, not {tariff.id}.",
            "Explain it by the version that it names.",
        )
    metres = _ridden_m(price, ride)
    return tuple(
        ExplainedLine(line.rule, line.amount, _words(tariff, line, metres)) for line in price.lines
    )


def _ridden_m(price: Price, ride: Ride) -> int:
    """The metres that were priced: those of the whole way where a ride went on."""
    for line in price.lines:
        if line.facts[:2] == (Part.ONWARD, Pays.REST):
            return line.facts[4]
    return ride.distance_m or 0


def _words(tariff: Tariff, line: Line, metres: int) -> Words:
    for fare in tariff.fares:
        if fare.id == line.rule:
            return _fare_words(fare, line, tariff.money, metres)
    for rule in tariff.rules:
        if rule.id == line.rule:
            return rule.words(line, tariff.money)
    raise RefusedError(
        f"Tariff {tariff.id} has no rule {line.rule} any more.",
        "Give a changed tariff an id of its own, or rate the rides again.",
    )


def _fare_words(fare: Fare, line: Line, money: Money, metres: int) -> Words:
    part, *facts = line.facts
    if part == Part.BAND:
        return _band(fare.name, *facts)
    if part == Part.STEPS:
        return _steps(money, metres, *facts)
    if part == Part.SAME_STATION:
        return Words(
            zh=f"{fare.name.zh}：同站进出，{facts[0]} 分钟以内",
            en=f"{fare.name.en}: in and out at one station within {facts[0]} min",
        )
    if part == Part.ZONES:
        start, end = (fare.zones[at] for at in facts)
        return Words(
            zh=f"{fare.name.zh}：{start} 区至 {end} 区", en=f"{fare.name.en}: zone {start} to {end}"
        )
    if part == Part.STAGES:
        many = "stage" if facts[0] == 1 else "stages"
        return Words(zh=f"{fare.name.zh}：{facts[0]} 段", en=f"{fare.name.en}: {facts[0]} {many}")
    if part == Part.ONWARD:
        return _onward(money, *facts)
    zh, en = _WHOLE[Part(part)]
    return Words(zh=f"{fare.name.zh}：{zh}", en=f"{fare.name.en}: {en}")


_WHOLE = {
    Part.FLAT: ("一票制", "one fare for any distance"),
    Part.PAIR: ("按起点站和终点站", "by entry and exit station"),
    Part.MAXIMUM: ("缺少进站或出站记录，按最高票价", "entry or exit is missing, the maximum fare"),
}


def _onward(money: Money, pays: int, waited: int, paid: int, _: int) -> Words:
    zh, en = {
        Pays.REST: ("全程连续计费", "The whole way is one fare"),
        Pays.MORE: ("换乘补差价", "Only what is more is asked for"),
        Pays.AMOUNT: ("换乘计价", "A transfer's own price"),
    }[Pays(pays)]
    said = money.say(paid)
    return Words(
        zh=f"{zh}：距上次乘车 {waited} 分钟，此前已计 {said}",
        en=f"{en}: {waited} min after the last ride, {said} was asked for before",
    )


def _band(name: Words, from_m: int, to_m: int) -> Words:
    start, end = say_km(from_m), say_km(to_m)
    if from_m == 0:
        zh, en = (f"起步价，{end} 公里以内", f"base fare, up to {end} km")
        if to_m == 0:
            zh, en = ("任意里程", "any distance")
    elif to_m == 0:
        zh, en = f"{start} 公里以上", f"above {start} km"
    else:
        zh, en = f"{start}–{end} 公里", f"{start}–{end} km"
    return Words(zh=f"{name.zh}：{zh}", en=f"{name.en}: {en}")


def _steps(
    money: Money, ridden_m: int, from_m: int, to_m: int, each_m: int, adds: int, steps: int
) -> Words:
    start, each, added = say_km(from_m), say_km(each_m), money.say(adds)
    reach_zh = f"{start}–{say_km(to_m)} 公里" if to_m else f"{start} 公里以上"
    reach_en = f"{start}–{say_km(to_m)} km" if to_m else f"above {start} km"
    ends_here = from_m < ridden_m and (to_m == 0 or ridden_m < to_m)
    until_zh = f"行至 {say_km(ridden_m)} 公里，" if ends_here else ""
    until_en = f" to {say_km(ridden_m)} km" if ends_here else ""
    return Words(
        zh=f"{reach_zh}，每 {each} 公里 {added}：{until_zh}计 {steps} 段",
        en=f"{reach_en}, {added} each {each} km: {steps} begun{until_en}",
    )
