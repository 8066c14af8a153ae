"""What can be wrong with a tariff beyond the type of a value; docs/fares.md has a heading each."""

from dataclasses import dataclass

from ridecode.city import Notice
from ridecode.core import Words


@dataclass(frozen=True, slots=True)
class NoTariff(Notice):
    """A pack has no tariff version at all."""

    @property
    def words(self) -> Words:
        return Words(
            zh="没有任何票价版本，应至少有一个 [[tariff]]。",
            en="There is no tariff version: expected at least one [[tariff]].",
        )


@dataclass(frozen=True, slots=True)
class BadMatrixRow(Notice):
    """A row of a matrix file cannot be read."""

    found: str
    expected: str

    @property
    def words(self) -> Words:
        return Words(
            zh=f"这一行是 {self.found}，应为：{self.expected}。",
            en=f"The row is {self.found}: expected {self.expected}.",
        )


@dataclass(frozen=True, slots=True)
class MissingPairs(Notice):
    """A matrix does not price every pair of the stops that its lines serve, in both directions."""

    missing: int
    origin: str
    destination: str

    @property
    def words(self) -> Words:
        first = f"{self.origin} → {self.destination}"
        return Words(
            zh=f"缺少 {self.missing} 对站的票价，第一对是 {first}。",
            en=f"{self.missing} pairs have no fare, the first {first}: expected every directed "
            "pair of the stops served, each stop with itself included.",
        )
