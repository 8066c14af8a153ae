"""The ride code (乘车码) of JT/T 1179-2018, byte for byte: read, made, presented and judged.

In: the bytes of a scanner, root records, a signer's key, the time as an argument (UTC seconds).
Out: frozen records and one closed `core.Verdict`; authorisations, codes and their QR symbols.
Never: a clock (but to measure itself), a network connection, a place's own rules, or a private
key in any answer.
"""

from ridecode.code import symbol, v1
from ridecode.code.anatomy import Anatomy, anatomy
from ridecode.code.authority import (
    Authority,
    Issuer,
    demo_accounts,
    demo_authority,
    renewed_authority,
)
from ridecode.code.bench import bench_verify
from ridecode.code.certificate import Certificate, Root
from ridecode.code.checks import TestRoots
from ridecode.code.fields import fields
from ridecode.code.frame import RideCode
from ridecode.code.issue import (
    Grant,
    authorise,
    make_certificate,
    make_root,
    make_test_root,
    present,
)
from ridecode.code.parse import parse
from ridecode.code.repeatable import RepeatableSigner
from ridecode.code.signer import KeySigner, Signer
from ridecode.code.sm2 import PublicKey, library_version
from ridecode.code.sniff import Platform, sniff
from ridecode.code.verify import Verified, Verifier

__all__ = [
    "Anatomy",
    "Authority",
    "Certificate",
    "Grant",
    "Issuer",
    "KeySigner",
    "Platform",
    "PublicKey",
    "RepeatableSigner",
    "RideCode",
    "Root",
    "Signer",
    "TestRoots",
    "Verified",
    "Verifier",
    "anatomy",
    "authorise",
    "bench_verify",
    "demo_accounts",
    "demo_authority",
    "fields",
    "library_version",
    "make_certificate",
    "make_root",
    "make_test_root",
    "parse",
    "present",
    "renewed_authority",
    "sniff",
    "symbol",
    "v1",
]
