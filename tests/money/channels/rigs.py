"""Every channel that the contract test kit is run over: one entry each."""

from typing import Final

from tests.money.channels import rig_alipay, rig_card_account, rig_wechat
from tests.money.channels.kit import Entry

ENTRIES: Final[list[Entry]] = [rig_wechat.ENTRY, rig_alipay.ENTRY, rig_card_account.ENTRY]
