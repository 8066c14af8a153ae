"""The chart of accounts, and which of them money may pass between.

Everything else follows from the table of flows: an amount moves from the credited account to the
debited one, and only along a flow. None leads from a rider's side to an operator or a platform: the
accounts of the city's card company lie between, whichever way one goes. The database holds the same
table as a constraint.
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct


class Kind(IntEnum):
    """What an account stands for; its party is named beside. The numbers are frozen."""

    RIDER = 1
    """What a rider owes for rides (应收). Party: card account."""
    CHANNEL = 2
    """What a payment channel has taken and not yet paid out. Party: channel."""
    WALLET = 3
    """What a rider has paid in before (储值). Party: card account. Never below zero."""
    CARD_COMPANY = 4
    """Fares on the card company's platform, not yet due to anybody else (待清分)."""
    BANK = 5
    """The card company's own account at its bank."""
    OPERATOR = 6
    """What is due to an operator. Party: operator."""
    PLATFORM = 7
    """What is due to a code platform for its service. Party: platform."""
    FEE = 8
    """Fees. Party: who earns or takes them, a channel or the card company."""
    SUSPENSE = 9
    """Money that nobody can explain yet (挂账). Party: the channel that it came by."""
    ADVANCE = 10
    """What a rider owes to a channel that has paid in advance (垫资). Party: card account."""
    ADVANCED = 11
    """The other side of it: what a channel has paid for riders. Party: channel."""

    @property
    def is_debit(self) -> bool:
        """Whether a balance is debits minus credits; else it is the other way round."""
        return self in _DEBIT

    @property
    def is_card_companys(self) -> bool:
        """Whether it belongs to the city's card company: what passes it did not go around."""
        return self in _CARD_COMPANYS

    @property
    def is_of_riders(self) -> bool:
        """Whether there is one for every rider: such are summed where all accounts are shown."""
        return self in OF_RIDERS


_DEBIT: Final = frozenset({Kind.RIDER, Kind.CHANNEL, Kind.BANK, Kind.ADVANCE})
_CARD_COMPANYS: Final = frozenset({Kind.CARD_COMPANY, Kind.BANK, Kind.SUSPENSE})
OF_RIDERS: Final = frozenset({Kind.RIDER, Kind.WALLET, Kind.ADVANCE})


class Account(Struct, frozen=True, order=True, gc=False):
    """One account of the ledger."""

    kind: Kind
    party: str
    """Whose it is, as the kind says; not empty."""


class Flow(IntEnum):
    """Why money moves. Each leads from one kind of account to one other; the numbers are frozen."""

    FARE = 1
    """A ride is priced, or priced higher than before."""
    FARE_BACK = 2
    """A ride is priced lower than before, or was none."""
    CHARGED = 3
    """A channel took it from its user."""
    CHARGED_WALLET = 4
    REFUNDED = 5
    """A channel gives it back to its user."""
    REFUNDED_WALLET = 6
    TOPPED_UP = 7
    """A rider pays into the wallet by a channel."""
    WITHDRAWN = 8
    """A wallet is paid back by a channel."""
    ADVANCED = 9
    """A channel paid, and its user owes it."""
    REPAID = 10
    """The user has paid the channel."""
    PAID_IN = 11
    """A channel pays out to the card company's bank."""
    PAID_BACK = 12
    """The card company's bank makes good what a channel gave back."""
    CHANNEL_FEE = 13
    """What a channel keeps for itself."""
    EARNED = 14
    """Fares become due to an operator."""
    EARNED_BACK = 15
    SERVICE_FEE = 16
    """A platform's fee becomes due."""
    SERVICE_FEE_BACK = 17
    CLEARING_FEE = 18
    """The card company's own fee."""
    CLEARING_FEE_BACK = 19
    PAID_OPERATOR = 20
    PAID_PLATFORM = 21
    UNEXPLAINED = 22
    """More came from a channel than its bill explains."""
    EXPLAINED = 23
    """It was the channel's after all."""
    SENT_BACK = 24
    """It was not."""


FLOWS: Final[dict[Flow, tuple[Kind, Kind]]] = {
    Flow.FARE: (Kind.RIDER, Kind.CARD_COMPANY),
    Flow.FARE_BACK: (Kind.CARD_COMPANY, Kind.RIDER),
    Flow.CHARGED: (Kind.CHANNEL, Kind.RIDER),
    Flow.CHARGED_WALLET: (Kind.WALLET, Kind.RIDER),
    Flow.REFUNDED: (Kind.RIDER, Kind.CHANNEL),
    Flow.REFUNDED_WALLET: (Kind.RIDER, Kind.WALLET),
    Flow.TOPPED_UP: (Kind.CHANNEL, Kind.WALLET),
    Flow.WITHDRAWN: (Kind.WALLET, Kind.CHANNEL),
    Flow.ADVANCED: (Kind.ADVANCE, Kind.ADVANCED),
    Flow.REPAID: (Kind.ADVANCED, Kind.ADVANCE),
    Flow.PAID_IN: (Kind.BANK, Kind.CHANNEL),
    Flow.PAID_BACK: (Kind.CHANNEL, Kind.BANK),
    Flow.CHANNEL_FEE: (Kind.FEE, Kind.CHANNEL),
    Flow.EARNED: (Kind.CARD_COMPANY, Kind.OPERATOR),
    Flow.EARNED_BACK: (Kind.OPERATOR, Kind.CARD_COMPANY),
    Flow.SERVICE_FEE: (Kind.CARD_COMPANY, Kind.PLATFORM),
    Flow.SERVICE_FEE_BACK: (Kind.PLATFORM, Kind.CARD_COMPANY),
    Flow.CLEARING_FEE: (Kind.CARD_COMPANY, Kind.FEE),
    Flow.CLEARING_FEE_BACK: (Kind.FEE, Kind.CARD_COMPANY),
    Flow.PAID_OPERATOR: (Kind.OPERATOR, Kind.BANK),
    Flow.PAID_PLATFORM: (Kind.PLATFORM, Kind.BANK),
    Flow.UNEXPLAINED: (Kind.BANK, Kind.SUSPENSE),
    Flow.EXPLAINED: (Kind.SUSPENSE, Kind.CHANNEL),
    Flow.SENT_BACK: (Kind.SUSPENSE, Kind.BANK),
}
"""Of each the kinds that are debited and credited."""
