"""What card accounts take of a request: `docs/channels-card-account.md`."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

_Number: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
_Fen: TypeAlias = Annotated[int, Meta(gt=0, lt=10**15)]


class Charge(Struct, forbid_unknown_fields=True):
    number: _Number
    contract: Annotated[str, Meta(min_length=1, max_length=64)]
    amount: _Fen
    ridden_at: int
    line: Annotated[str, Meta(max_length=64)]


class Charges(Struct, forbid_unknown_fields=True):
    charges: Annotated[list[Charge], Meta(min_length=1, max_length=1_000)]


class Numbers(Struct, forbid_unknown_fields=True):
    numbers: Annotated[list[_Number], Meta(min_length=1, max_length=1_000)]


class Refund(Struct, forbid_unknown_fields=True):
    refund: _Number
    number: _Number
    transaction: str
    amount: _Fen


class Agreement(Struct, forbid_unknown_fields=True):
    number: Annotated[str, Meta(min_length=1, max_length=64)]
    account: str
