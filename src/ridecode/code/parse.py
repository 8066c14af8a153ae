"""From bytes to a well-formed ride code of either form, or the verdict that says why not.

What is checked here needs neither a clock nor a key; `ridecode.code.verify` asks the same
questions among its own, each in its place.
"""

from ridecode.code import frame, v1
from ridecode.code.sniff import Platform, sniff
from ridecode.core import Verdict

Code = frame.RideCode | v1.Code


def dissect(data: bytes) -> Code | Verdict:
    """Cut bytes into fields; a verdict where they are another platform's or have no frame."""
    platform = sniff(data)
    if platform is Platform.T_UNION_V1:
        return v1.dissect(data)
    if platform in (Platform.T_UNION, Platform.UNKNOWN):
        return frame.dissect(data)
    return Verdict.FOREIGN_CODE


def parse(data: bytes) -> Code | Verdict:
    """A code every field of which is well-formed, or the first fault of form."""
    code = dissect(data)
    if isinstance(code, Verdict):
        return code
    fault = frame.form_fault(code) if isinstance(code, frame.RideCode) else v1.form_fault(code)
    return fault or code
