"""The verifiers of the tests: the roots of the cases, and the key of the V1 codes."""

from ridecode.code import KeySigner, Root, TestRoots, Verifier, v1
from ridecode.code.sm2 import PublicKey
from tests.code import forge
from tests.code.cases import ROOTS

ROOT_RECORDS = {name: forge.build_root(changes) for name, changes in ROOTS.items()}


def v1_key() -> v1.Key:
    return v1.Key("00000007", "01011000", PublicKey(forge.ISSUER_POINT))


def verifier(test_roots: TestRoots = TestRoots.REFUSED) -> Verifier:
    """Knows all roots of the cases; empty caches."""
    roots = [Root.parse(record) for record in ROOT_RECORDS.values()]
    return Verifier(roots, v1_keys=[v1_key()], test_roots=test_roots)


def rider() -> KeySigner:
    return KeySigner(forge.RIDER)
