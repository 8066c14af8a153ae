"""What one tap costs at its place, so that a limit can be judged before the ride is known."""

from ridecode.fares.scope import AccountClass
from ridecode.fares.shapes import Flat
from ridecode.fares.tariff import Tariff


def tap_fare(tariff: Tariff, product: str, line: str) -> int | None:
    """The full fare of a ride that is paid by one tap, in the smallest unit.

    None where the place's fare is not flat or depends on the hour, or there is none: then the tap
    alone does not tell. No discount is taken off, for the reader does not know the account's
    earlier rides.
    """
    for fare in tariff.fares:
        if fare.scope.takes(product, AccountClass.ORDINARY) and fare.serves(line):
            shape = fare.shape
            return shape.amount if isinstance(shape, Flat) and not fare.scope.when else None
    return None
