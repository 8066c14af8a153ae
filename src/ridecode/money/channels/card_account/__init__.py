"""The card account (卡账户) as a channel: an account that riders hold at the card company itself.

In: asks of the contract by the thousand, answers signed by Ed25519. Out: facts.
Never: an answer taken for that to another request.
"""

from ridecode.money.channels.card_account.client import CardAccount, CardAccountMerchant

__all__ = ["CardAccount", "CardAccountMerchant"]
