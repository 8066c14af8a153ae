"""Every channel that the contract test kit is run over: one entry each."""

from typing import Final

import pytest

from ridecode.sim.channels import Mischief
from tests.money.channels import rig_alipay, rig_card_account, rig_wechat
from tests.money.channels.kit import Entry

ENTRIES: Final[list[Entry]] = [rig_wechat.ENTRY, rig_alipay.ENTRY, rig_card_account.ENTRY]

ROWS = [(entry, wrong) for entry in ENTRIES for wrong in [None, *sorted(entry.mischiefs)]]
every_channel = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
every_mischief = pytest.mark.parametrize(
    ("entry", "wrong"), ROWS, ids=[f"{entry.name}-{wrong.name if wrong else 'HONEST'}"
                                   for entry, wrong in ROWS],
)  # fmt: skip
with_a_server = pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.over], ids=lambda entry: entry.name
)


def rows_of(*wrongs: Mischief) -> pytest.MarkDecorator:
    """Every channel with each of those that its counterpart can do."""
    rows = [(entry, wrong) for entry, wrong in ROWS if wrong in wrongs]
    ids = [f"{entry.name}-{wrong.name}" for entry, wrong in rows if wrong]
    return pytest.mark.parametrize(("entry", "wrong"), rows, ids=ids)
