"""The refusals of the room, each a kind of its own so that an app can tell them apart.

RefusedError
├── OwingError        fares are unpaid, on whatever account or platform
├── DeniedError       the account is revoked, or its key is lost or copied
├── StoppedPhoneError this phone was replaced or reported lost
└── CoolingError      this phone was bound a moment ago
"""

from ridecode.core import RefusedError


class OwingError(RefusedError):
    """Fares are unpaid: the person gets neither authorisation nor account until they are paid."""


class DeniedError(RefusedError):
    """The account may not ride, for another reason than debt."""


class StoppedPhoneError(RefusedError):
    """The phone's key was stopped, and a stopped key never comes back."""


class CoolingError(RefusedError):
    """The phone may be authorised later."""
