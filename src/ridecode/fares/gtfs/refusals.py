"""What a feed says and cannot be expressed here, as data: docs/gtfs-fares.md has a heading each."""

from enum import IntEnum

from msgspec import Struct

from ridecode.core import Words


class Why(IntEnum):
    """What is refused. A ride that it might touch has no price."""

    UNKNOWN_COLUMN = 1
    UNKNOWN_TABLE = 2
    DANGLING = 3
    NO_TIME_LIMIT = 4
    CONTAINS = 5
    AREA_SET = 6
    JOIN = 7
    TRANSFER_KIND = 8
    MIXED_TRANSFERS = 9
    TIMES_OVERLAP = 10
    EXIT_TIME = 11
    SEVERAL_MEDIA = 12
    RIDERS = 13
    CURRENCY = 14

    @property
    def words(self) -> Words:
        """What was expected instead."""
        return _EXPECTED[self]


_EXPECTED = {
    Why.UNKNOWN_COLUMN: Words(
        zh="应为 GTFS 定义的列；此列的含义未知",
        en="expected a column of GTFS; what this one means is not known",
    ),
    Why.UNKNOWN_TABLE: Words(
        zh="应为 GTFS 定义的文件；此文件的含义未知",
        en="expected a file of GTFS; what this one means is not known",
    ),
    Why.DANGLING: Words(
        zh="所指不存在，应为本数据集中的编号", en="expected an id that is in the feed"
    ),
    Why.NO_TIME_LIMIT: Words(
        zh="刷码不知行程何时结束，应给出换乘时限",
        en="a tap does not tell where a journey ends: expected a limit of time for transfers",
    ),
    Why.CONTAINS: Words(
        zh="乘次只有进出站而无途经，应为 origin_id 与 destination_id",
        en="a ride tells entry and exit, not the way: expected origin_id and destination_id",
    ),
    Why.AREA_SET: Words(
        zh="乘次只有进出站而无途经，应为 from_area_id 与 to_area_id",
        en="a ride tells entry and exit, not the way: expected from_area_id and to_area_id",
    ),
    Why.JOIN: Words(
        zh="合并乘段没有时限，应为 fare_transfer_rules.txt 中有时限的换乘",
        en="joined legs have no limit of time: expected a transfer rule with one",
    ),
    Why.TRANSFER_KIND: Words(
        zh="应为 fare_transfer_type 0",
        en="expected fare_transfer_type 0 and a product with a price",
    ),
    Why.MIXED_TRANSFERS: Words(
        zh="各票种换乘规定不一，应为相同的 transfers 与 transfer_duration",
        en="the fares transfer differently: expected the same transfers and transfer_duration",
    ),
    Why.TIMES_OVERLAP: Words(
        zh="时段重叠，应为互不重叠的时段", en="times overlap: expected groups of which one holds"
    ),
    Why.EXIT_TIME: Words(
        zh="应按进站时间，不按出站时间", en="expected the time of entry, not that of the exit"
    ),
    Why.SEVERAL_MEDIA: Words(
        zh="介质不同票价不同，应指定一种介质",
        en="the price depends on the medium: expected one to be chosen",
    ),
    Why.RIDERS: Words(
        zh="票价因乘客类别而异，应为此账户类别指定一种",
        en="the price depends on the rider: expected a category for this class of accounts",
    ),
    Why.CURRENCY: Words(
        zh="一个票价体系只有一种货币", en="expected the currency of the other amounts"
    ),
}


class Refusal(Struct, frozen=True):
    """One thing that is refused, and where it stands; `line` is 0 for a whole file."""

    file: str
    line: int
    why: Why
    found: str

    @property
    def words(self) -> Words:
        expected = self.why.words
        return Words(zh=f"{self.found}：{expected.zh}", en=f"{self.found}: {expected.en}")

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.words.en}"
