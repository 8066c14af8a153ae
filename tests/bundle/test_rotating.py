"""Keys are replaced by those who may, and by nobody else."""

from pathlib import Path
from typing import Final

import pytest

from ridecode.bundle import Holder, rotate
from ridecode.core import NotFoundError, RefusedError
from tests.bundle.centre import Centre, account
from tests.validator.lane import NOW, S

R1, R2, R3 = "root-1", "root-2", "root-3"


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


ENOUGH: Final = (
    (Holder.ROOT_1, (R1,)), (Holder.ROOT_2, (R1,)), (Holder.TIMESTAMP, (R3, "timestamp")),
    (Holder.SNAPSHOT, (R2, "snapshot", "deny", "fares")), (Holder.DENY, (R1, R2, R3, "deny")),
    (Holder.FARES, (R1, "fares", "deny")),
)  # fmt: skip


@pytest.mark.parametrize(("holder", "lost"), ENOUGH)
def test_a_lost_key_is_replaced_without_it(
    centre: Centre, holder: Holder, lost: tuple[str, ...]
) -> None:
    reader, vault = centre.reader(), centre.vault.without(*lost)
    reader.update(centre.carrier, NOW)
    assert rotate(centre.repository, vault, holder, NOW + S) == 2
    assert reader.update(centre.carrier, NOW + S).outcome.heard
    assert reader.version == 2


TOO_FEW: Final = (
    (Holder.TIMESTAMP, (R1, R2), RefusedError, "Two of the three"),
    (Holder.ROOT_1, (R2, R3), RefusedError, "Two of the three"),
    (Holder.ROOT_1, (R1, R2), RefusedError, "Two of the three"),
    (Holder.FARES, ("operations",), NotFoundError, "key of operations"),
    (Holder.DENY, ("fares",), NotFoundError, "key of fares"),
    (Holder.ROOT_2, ("snapshot",), NotFoundError, "key of snapshot"),
)  # fmt: skip


@pytest.mark.parametrize(("holder", "lost", "error", "why"), TOO_FEW)
def test_with_too_few_keys_nothing_changes(
    centre: Centre, holder: Holder, lost: tuple[str, ...], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        rotate(centre.repository, centre.vault.without(*lost), holder, NOW + S)
    reader = centre.reader()
    assert reader.update(centre.carrier, NOW + S).outcome.heard
    assert reader.version == 1
    assert centre.publisher.deny([account(1)], NOW + S).version == 2


def test_all_keys_can_be_replaced_in_turn_and_an_old_reader_follows(centre: Centre) -> None:
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    before = set(centre.vault.names())
    for n, holder in enumerate(Holder):
        rotate(centre.repository, centre.vault, holder, NOW + n * S)
    for name in before:
        del centre.vault.held[name]
    centre.publisher.deny([account(1)], NOW + 9 * S)
    assert reader.update(centre.carrier, NOW + 9 * S).outcome.heard
    assert reader.version == 10
