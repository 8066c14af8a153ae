"""When a counterpart's callbacks come: once, twice, late, never, turned around, forged beside."""

from ridecode.sim.channels.counterpart import Mischief, Told


class Telling:
    """What is still to be told."""

    def __init__(self) -> None:
        self._due: list[Told] = []
        self._late: list[Told] = []
        self._turned: dict[str, list[Told]] = {}

    def add(self, number: str, mischief: Mischief | None, true: Told, forged: Told) -> None:
        """Something of an order is to be told; `forged` is told beside it only where that is the
        order's mischief."""
        if mischief is Mischief.CALLBACK_NEVER:
            return
        if mischief is Mischief.CALLBACK_LATE:
            self._late.append(true)
        elif mischief is Mischief.CALLBACK_REORDERED:
            self._turned.setdefault(number, []).append(true)
        elif mischief is Mischief.CALLBACK_TWICE:
            self._due += [true, true]
        elif mischief is Mischief.CALLBACK_FORGED:
            self._due += [forged, true]
        else:
            self._due.append(true)

    def told(self) -> list[Told]:
        """What is due; of an order whose callbacks are turned, the last one first."""
        for number, waiting in list(self._turned.items()):
            if len(waiting) > 1:
                self._turn(number)
        due, self._due = self._due, []
        return due

    def hours_pass(self) -> None:
        for number in list(self._turned):
            self._turn(number)
        self._due += self._late
        self._late = []

    def _turn(self, number: str) -> None:
        self._due += reversed(self._turned.pop(number))
