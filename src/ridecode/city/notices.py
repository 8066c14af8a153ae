"""What can be wrong with a city pack: one frozen type per fault, with severity and place.

A notice is data; its `words` say what was expected. `check_pack` gives all of them, `load_pack`
raises the first error as a `PackError`. docs/city-packs.md has a heading for each.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ridecode.core import BadInputError, Words


class Severity(IntEnum):
    """An ERROR keeps the pack from loading; a WARNING may be a slip, an INFO is news."""

    ERROR = 1
    WARNING = 2
    INFO = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """One fault at one place. `line` counts from 1; 0 where the fault is the whole file."""

    severity: ClassVar[Severity] = Severity.ERROR

    file: str
    line: int

    @property
    def code(self) -> str:
        """The name of the fault in reports: the type's own."""
        return type(self).__name__

    @property
    def words(self) -> Words:
        """What was found and what was expected."""
        raise NotImplementedError

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity.name.lower()}: {self.words.en} [{self.code}]"


class PackError(BadInputError):
    """A city pack is refused; `notice` is the fault as data."""

    def __init__(self, notice: Notice, remedy: str = "") -> None:
        super().__init__(
            notice.words.en, remedy, file=notice.file, line=notice.line if notice.line else None
        )
        self.notice = notice


@dataclass(frozen=True, slots=True)
class MissingFile(Notice):
    """A file that every pack needs is not in its folder."""

    @property
    def words(self) -> Words:
        return Words(zh="城市包缺少此文件。", en="The pack needs this file, and it is not there.")


@dataclass(frozen=True, slots=True)
class BadToml(Notice):
    """The file is not TOML in UTF-8."""

    reason: str

    @property
    def words(self) -> Words:
        return Words(
            zh=f"不是有效的 TOML：{self.reason}。", en=f"This is not valid TOML: {self.reason}."
        )


@dataclass(frozen=True, slots=True)
class MissingKey(Notice):
    """A table lacks a key that it must have."""

    table: str
    """Empty for the file's own root."""
    key: str
    expected: Words

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.table or '文件'}缺少 {self.key}，应为：{self.expected.zh}。",
            en=f"{self.table or 'the file'} lacks {self.key}: expected {self.expected.en}.",
        )


@dataclass(frozen=True, slots=True)
class UnknownKey(Notice):
    """A table has a key that nobody reads: a slip of the pen would be lost silently."""

    table: str
    key: str
    known: tuple[str, ...]

    @property
    def words(self) -> Words:
        known = ", ".join(self.known)
        return Words(
            zh=f"{self.table or '文件'}不认识 {self.key}，可用的有：{known}。",
            en=f"{self.table or 'the file'} does not know {self.key}: expected one of {known}.",
        )


@dataclass(frozen=True, slots=True)
class UnexpectedValue(Notice):
    """A value has the wrong type, form or range."""

    table: str
    key: str
    expected: Words
    found: str

    @property
    def words(self) -> Words:
        path = f"{self.table}.{self.key}" if self.table else self.key
        return Words(
            zh=f"{path} 应为：{self.expected.zh}，而这里是 {self.found}。",
            en=f"{path} is {self.found}: expected {self.expected.en}.",
        )


@dataclass(frozen=True, slots=True)
class DuplicateId(Notice):
    """Two things of one kind have the same id."""

    kind: str
    id: str
    first_line: int

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.kind} {self.id} 重复，第一次在第 {self.first_line} 行。",
            en=f"{self.kind} {self.id} stands twice: expected only the one of "
            f"line {self.first_line}.",
        )


@dataclass(frozen=True, slots=True)
class UnknownReference(Notice):
    """A name points at something that the pack does not have."""

    kind: str
    id: str
    by: str

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.by} 用到的 {self.kind} {self.id} 不在城市包里。",
            en=f"{self.by} names {self.kind} {self.id}: expected one that the pack has.",
        )


@dataclass(frozen=True, slots=True)
class NameClash(Notice):
    """One name or alias means two stops or two lines, so a file that uses it cannot be read."""

    kind: str
    name: str
    id: str
    other: str

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.kind} 的名称“{self.name}”同时指 {self.other} 和 {self.id}。",
            en=f"The {self.kind} name {self.name!r} means {self.other} and {self.id}: expected "
            "only one of them.",
        )


@dataclass(frozen=True, slots=True)
class SegmentCount(Notice):
    """A line's list of track lengths does not fit its stops."""

    of: str
    expected: int
    found: int

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.of} 的 track_m 应有 {self.expected} 段，而这里是 {self.found} 段。",
            en=f"track_m of {self.of} has {self.found} segments: expected {self.expected}.",
        )


@dataclass(frozen=True, slots=True)
class RepeatedStop(Notice):
    """A line calls at one stop twice in a row, so a segment would lead nowhere."""

    of: str
    stop: str

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.of} 连续两次停靠 {self.stop}。",
            en=f"{self.of} calls at {self.stop} twice in a row: expected once.",
        )


@dataclass(frozen=True, slots=True)
class DemoNumber(Notice):
    """A city that is no demonstration has a code platform with an invented number."""

    platform: str

    @property
    def words(self) -> Words:
        return Words(
            zh=f"发码平台 {self.platform} 的编号是演示用的，只能用于演示城市。",
            en=f"Platform {self.platform} has an invented number: expected only in a demo city.",
        )


@dataclass(frozen=True, slots=True)
class FarStop(Notice):
    """A stop lies so far from the others that its position is likely a slip."""

    severity: ClassVar[Severity] = Severity.WARNING

    stop: str
    away_km: int

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.stop} 离其他站 {self.away_km} 公里，请检查经纬度。",
            en=f"{self.stop} lies {self.away_km} km from the other stops: expected a position in "
            "or near the city.",
        )


@dataclass(frozen=True, slots=True)
class UnservedStop(Notice):
    """No line calls at a stop."""

    severity: ClassVar[Severity] = Severity.WARNING

    stop: str

    @property
    def words(self) -> Words:
        return Words(
            zh=f"没有线路经过 {self.stop}。",
            en=f"No line calls at {self.stop}: expected at least one.",
        )


@dataclass(frozen=True, slots=True)
class ShorterThanStraight(Notice):
    """A track length is below the great circle between its stops, which no track can be."""

    severity: ClassVar[Severity] = Severity.WARNING

    of: str
    between: tuple[str, str]
    track_m: int
    straight_m: int

    @property
    def words(self) -> Words:
        first, second = self.between
        return Words(
            zh=f"{self.of} 从 {first} 到 {second} 只有 {self.track_m} 米，"
            f"短于直线距离 {self.straight_m} 米。",
            en=f"{self.of} has {self.track_m} m from {first} to {second}: expected at least the "
            f"straight {self.straight_m} m.",
        )


@dataclass(frozen=True, slots=True)
class SplitNetwork(Notice):
    """The lines of one product fall into parts, so some pairs of stops have no distance."""

    severity: ClassVar[Severity] = Severity.INFO

    product: str
    parts: int

    @property
    def words(self) -> Words:
        return Words(
            zh=f"产品 {self.product} 的线网分成 {self.parts} 块，块与块之间没有里程。",
            en=f"The lines of product {self.product} form {self.parts} separate parts: between "
            "them there is no distance.",
        )


@dataclass(frozen=True, slots=True)
class LengthOff(Notice):
    """The segments of a line do not sum to about its published length."""

    severity: ClassVar[Severity] = Severity.WARNING

    of: str
    sum_m: int
    published_m: int

    @property
    def words(self) -> Words:
        return Words(
            zh=f"{self.of} 各段之和 {self.sum_m} 米，与公布的 {self.published_m} 米相差过大。",
            en=f"The segments of {self.of} sum to {self.sum_m} m: expected 90 % to 102 % of the "
            f"published {self.published_m} m.",
        )


@dataclass(frozen=True, slots=True)
class LeftOut(Notice):
    """An importer could not use a part of its source."""

    severity: ClassVar[Severity] = Severity.WARNING

    what: str
    why: Words

    @property
    def words(self) -> Words:
        return Words(
            zh=f"未导入 {self.what}：{self.why.zh}。", en=f"{self.what} is left out: {self.why.en}."
        )
