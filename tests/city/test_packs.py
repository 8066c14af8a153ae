"""The shipped packs: they load, and say what is publicly known of their cities."""

from ridecode.city import load_pack
from ridecode.core import Mode


def test_the_demo_city_has_the_metro_of_2018() -> None:
    pack = load_pack("shenzhen")
    metro = [line for line in pack.lines.values() if line.product == "metro"]

    assert [line.number for line in metro] == ["1", "2", "3", "4", "5", "7", "9", "11"]
    assert [len(line.stops) for line in metro] == [30, 29, 30, 15, 27, 27, 22, 18]
    assert len({stop for line in metro for stop in line.stops}) == 166


def test_the_demo_city_has_every_mode() -> None:
    pack = load_pack("shenzhen")

    assert {line.mode for line in pack.lines.values()} == set(Mode)
    assert pack.demo


def test_a_station_is_found_under_each_of_its_names() -> None:
    pack = load_pack("shenzhen")

    assert pack.resolve_stop("深大") == pack.resolve_stop("深圳大学") == "sz-shenzhen-university"
    assert pack.resolve_stop("马鞍山") == pack.resolve_stop("马安山") == "sz-maanshan"
    assert pack.resolve_stop("?I岭") == pack.resolve_stop("孖岭") == "sz-maling"
    assert pack.resolve_stop("Luohu") == "sz-luohu"
    assert pack.resolve_stop("没有这个站") is None
