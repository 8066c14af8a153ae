"""The bundle: what validators trust, signed by several and published as plain files.

In: roots, accepted issuers, deny entries, tariff and clock rules; the keys of those who sign.
Out: a folder of signed files that a web server or a memory stick carries to every validator.
Never: a validator's decision, a change that one person alone can make, a version taken back.
"""

from ridecode.bundle.bench import bench_bundle
from ridecode.bundle.changes import Change
from ridecode.bundle.founding import found
from ridecode.bundle.holders import BOTH, Holder, Secrets, holder_of
from ridecode.bundle.keeping import Keeper
from ridecode.bundle.proposal import (
    Foreseen,
    ForeseenFares,
    ForeseenOfProduct,
    Proposal,
    changed,
    propose,
    publish,
    read_proposal,
    sign,
    signed_by,
)
from ridecode.bundle.publisher import Published, Publisher
from ridecode.bundle.repository import Repository
from ridecode.bundle.rotating import rotate
from ridecode.bundle.terms import single_fares, terms_of

__all__ = [
    "BOTH",
    "Change",
    "Foreseen",
    "ForeseenFares",
    "ForeseenOfProduct",
    "Holder",
    "Keeper",
    "Proposal",
    "Published",
    "Publisher",
    "Repository",
    "Secrets",
    "bench_bundle",
    "changed",
    "found",
    "holder_of",
    "propose",
    "publish",
    "read_proposal",
    "rotate",
    "sign",
    "signed_by",
    "single_fares",
    "terms_of",
]
