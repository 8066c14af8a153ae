"""Telling the centre how far the device has come, and setting the clock by its answer.

A heartbeat tells of nothing that a power cut could take back (`Journal.head`): a head that the
centre has heard and that does not come is a journal that somebody cut.
"""

from typing import Final

from ridecode.core import UnavailableError, device
from ridecode.validator.bundle import Bundle
from ridecode.validator.device.actuator import Actuator
from ridecode.validator.device.clock import Clock
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.lane import Trusted
from ridecode.validator.device.link import Centre
from ridecode.validator.device.setting import Setter

EVERY_S: Final = 30.0


def heartbeat(
    journal: Journal, now: int, bundle: Bundle | None, opened: int | None
) -> device.Heartbeat:
    """How the device is now; `opened` is what the gate's own counter says, if it has one."""
    acknowledged = journal.acknowledged
    head = journal.head
    return device.Heartbeat(
        device=journal.device,
        ts=now,
        seq=head.seq,
        head=head.link,
        opened=head.opened if opened is None else opened,
        acknowledged=acknowledged,
        bundle=bundle.version if bundle else 0,
        clock_set=journal.memory.clock_set,
    )


class Pulse:
    """Says one heartbeat after another, for one thread."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        bundle: Trusted,
        centre: Centre,
        setter: Setter,
        actuator: Actuator,
    ) -> None:
        self._journal, self._clock, self._bundle = journal, clock, bundle
        self._centre, self._setter, self._actuator = centre, setter, actuator

    def beat(self) -> bool:
        """Say how the device is; whether the centre took it."""
        # The counter first: what opens meanwhile is then in the journal, and not the other way.
        opened = self._actuator.opened()
        self._journal.sync()
        now = self._clock.now()
        bundle = self._bundle(now)
        body = device.to_json(heartbeat(self._journal, now, bundle, opened))
        try:
            reply = self._centre.say(device.Said.HEARTBEAT, body)
        except UnavailableError:
            return False
        if reply.said is not None:
            # A centre that does not know the device tells the time all the same.
            self._setter.hear(reply.said, bundle.made if bundle else 0)
        return 200 <= reply.status < 300
