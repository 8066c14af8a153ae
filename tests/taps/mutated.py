"""Bodies as an attacker, or a bad line, would change them."""

from random import Random


def mutated(dice: Random, body: bytes) -> bytes:
    """Bytes changed, cut out, doubled or cut off."""
    kind = dice.randrange(4)
    at = dice.randrange(len(body))
    if kind == 0:
        changed = bytearray(body)
        for _ in range(dice.choice((1, 1, 2, 8))):
            changed[dice.randrange(len(body))] = dice.randrange(256)
        return bytes(changed)
    if kind == 1:
        return body[:at]
    if kind == 2:
        return body[:at] + body[at + dice.randrange(1, 64) :]
    return body[:at] + body[at : at + dice.randrange(1, 64)] + body[at:]
