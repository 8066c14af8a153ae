"""What commands do to riders, devices and days stands in the access log before it is done."""

import os
import pwd
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ridecode.access import Right
    from ridecode.store import Cell


def by() -> str:
    """Who asks, by the machine's word."""
    user = os.getuid()
    try:
        return f"machine:{pwd.getpwuid(user).pw_name}"
    except KeyError:
        return f"machine:{user}"


def riders(cell: "Cell", right: "Right", act: str, accounts: Sequence[str]) -> None:
    """Somebody looks at these riders or acts for them."""
    from ridecode.access import About, enter_by_machine
    from ridecode.store import Clock

    enter_by_machine(cell, by(), right, act, About.RIDER, accounts, "", Clock().now())


def device(cell: "Cell", act: str, name: str, reason: str) -> None:
    """Somebody enrols a device or revokes it."""
    from ridecode.access import About, Right, enter_by_machine
    from ridecode.store import Clock

    now = Clock().now()
    enter_by_machine(cell, by(), Right.MANAGE_DEVICES, act, About.DEVICE, [name], reason, now)


def city(cell: "Cell", act: str, what: str) -> None:
    """Somebody closes a day, or deals with the card company."""
    from ridecode.access import About, Right, enter_by_machine
    from ridecode.store import Clock

    now = Clock().now()
    enter_by_machine(cell, by(), Right.CLOSE_DAY, act, About.CITY, [what], "", now)
