"""What kinds there are: of riders, of reasons to ride, of faults, of attacks. All closed."""

from enum import IntEnum


class Kind(IntEnum):
    """What a rider's days look like."""

    COMMUTER = 0
    STUDENT = 1
    SENIOR = 2
    TOURIST = 3
    NIGHT_WORKER = 4
    FAMILY = 5


class Purpose(IntEnum):
    """Why somebody rides."""

    HOME = 0
    WORK = 1
    SCHOOL = 2
    ERRAND = 3
    LEISURE = 4
    SIGHTS = 5


class Fault(IntEnum):
    """What went wrong, with nobody's bad intent."""

    NONE = 0
    DEAD_BATTERY = 1
    """No phone at the exit: the staff let the rider out, and there is no exit tap."""
    LET_IN = 2
    """The staff let the rider in, and there is no entry tap."""
    OLD_SCREEN = 3
    """An old code is shown first, then a fresh one."""
    READ_TWICE = 4
    """The phone stays at the reader, and the same code is read again."""
    CLOCK_AHEAD = 5
    """The phone's clock is minutes ahead; the rider corrects it."""
    CLOCK_BEHIND = 6
    CUT_SHORT = 7
    """The reader sees half of the code, then the whole."""
    IN_DEBT = 8
    """A debtor tries to ride and is turned away."""
    REVOKED = 9
    """The account was revoked that day for what thieves did with it: the rider pays otherwise."""


class Attack(IntEnum):
    """What thieves do. One of riders shows at a reader; one of devices in what is uploaded."""

    NONE = 0
    SCREENSHOT = 1
    """Pictures of a fresh code are shown at the lanes beside within its validity."""
    LAST_BYTE = 2
    """The same code with another last format byte, which no signature covers."""
    TOMORROW = 3
    """A code made for tomorrow, shown today."""
    MADE_AHEAD = 4
    """A code made ahead, shown in its own minute, when its authorisation has ended."""
    CLOCK_BACK = 5
    """The phone's clock is set back to when the authorisation was good."""
    CLONED_KEY = 6
    """Others ride with the same key at the same time, until the account is revoked."""
    NO_KEY = 7
    """The authorisation alone, signed with another key."""
    RELAY = 8
    """The victim's fresh code is shown at another station at the same moment."""
    DEBTOR_ANEW = 9
    """A debtor rides with an account enrolled anew."""
    WRONG_ISSUER = 10
    """Another issuer authorises an account that is not its own."""
    TEST_ROOT = 11
    """Everything is well signed, under a root that nobody trusts."""
    CACHE_POISON = 12
    """A well-known authorisation with another signature."""
    CPU_FLOOD = 13
    """Codes that must be verified to be refused, one after another."""
    STOLEN_PHONE = 14
    """The thief rides until the report has reached the readers."""

    FORGED_TAP = 32
    """A device uploads a tap of a code that nobody signed."""
    REPLAYED_TAP = 33
    """A device uploads an old tap again as a new reading."""
    OMITTED_TAP = 34
    """A device leaves a tap out and renumbers the rest."""
    REVOKED_DEVICE = 35
    """A device that was revoked goes on uploading."""

    BUNDLE_ROLLBACK = 48
    """A reader is offered an older bundle."""
    BUNDLE_FREEZE = 49
    """A reader is offered the same bundle for ever."""

    @property
    def of_riders(self) -> bool:
        return Attack.NONE < self < Attack.FORGED_TAP

    @property
    def of_devices(self) -> bool:
        return Attack.FORGED_TAP <= self < Attack.BUNDLE_ROLLBACK


class Recipe(IntEnum):
    """How a code that is shown was made."""

    OWN = 0
    """By the rider's phone. The same second gives the same bytes."""
    LAST_BYTE = 1
    OTHER_KEY = 2
    NEW_ACCOUNT = 3
    OTHER_ISSUER = 4
    OTHER_ROOT = 5
    OTHER_SIGNATURE = 6
    CUT = 7
    TODAYS_GRANT = 8
    """By the rider's phone with a wrong clock, under the authorisation of the true moment."""
    EARLIER_GRANT = 9
    """By the rider's phone, under an authorisation of six hours before."""
