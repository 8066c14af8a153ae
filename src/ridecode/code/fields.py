"""The fields of a code as plain values, for JSON: one shape for the command line, HTTP and vectors.

Names are the attributes of `RideCode`, `Certificate` and `v1.Code`; bytes are hexadecimal, times
UTC seconds. The raw code itself is left out.
"""

from msgspec import Struct
from msgspec.structs import fields as attributes

from ridecode.code.parse import Code, parse
from ridecode.core import Verdict


def fields(data: bytes) -> dict[str, object] | None:
    """The fields of a code that is well-formed, None of any other: half-read fields mislead.

    What they say is to be believed only where the verdict on the same bytes is ACCEPTED.
    """
    code = parse(data)
    return None if isinstance(code, Verdict) else fields_of(code)


def fields_of(code: Code) -> dict[str, object]:
    """The same for what `parse` gave."""
    return _plain(code)


def _plain(record: Struct) -> dict[str, object]:
    names = [field.name for field in attributes(record) if field.name != "raw"]
    return {name: _value(getattr(record, name)) for name in names}


def _value(value: object) -> object:
    if isinstance(value, Struct):
        return _plain(value)
    return value.hex() if isinstance(value, bytes) else value
