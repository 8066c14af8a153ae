"""The card company's accounts, behind the interface that we have written for them.

In: requests signed by Ed25519. Out: signed answers to whole batches, callbacks, bills.
Never: a line shared with the client, a request taken whose signature does not hold.
"""

from ridecode.sim.channels.card_account.server import CardAccountCounterpart

__all__ = ["CardAccountCounterpart"]
