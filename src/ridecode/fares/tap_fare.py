"""What one tap costs at its place, so that a limit can be judged before the ride is known."""

from ridecode.fares.scope import AccountClass
from ridecode.fares.shapes import Flat
from ridecode.fares.tariff import Tariff


def tap_fare(tariff: Tariff, product: str, line: str) -> int | None:
    """The full fare of a ride that is paid by one tap, in the smallest unit.

    None where the place's fare is not flat, or there is none: then the tap alone does not tell.
    No discount is taken off, for the reader does not know the account's earlier rides.
    """
    for fare in tariff.fares:
        if fare.scope.takes(product, AccountClass.ORDINARY) and (
            not fare.lines or line in fare.lines
        ):
            return fare.shape.amount if isinstance(fare.shape, Flat) else None
    return None
