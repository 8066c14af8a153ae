"""Which roots the centre believes when it verifies a code again, in whatever process that is."""

from collections.abc import Callable, Sequence
from functools import partial

from ridecode.code import Root, TestRoots, Verifier


def verifier_of(roots: Sequence[Root], *, demo: bool) -> Callable[[], Verifier]:
    """Something that makes the verifier, and that can be sent to another process.

    Test roots count in a demonstration city alone.
    """
    return partial(_made, tuple(root.raw for root in roots), demo)


def _made(records: Sequence[bytes], demo: bool) -> Verifier:
    accepted = TestRoots.ACCEPTED if demo else TestRoots.REFUSED
    return Verifier([Root.parse(record) for record in records], test_roots=accepted)
