"""What this centre has published for validators to trust; the centre itself believes the same."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ridecode.bundle import Repository, found, terms_of
from ridecode.city import Pack
from ridecode.code import TestRoots, Verifier, demo_authority
from ridecode.core import MICROS
from ridecode.fares import read_tariffs
from ridecode.store import Vault
from ridecode.validator import BundleFile, Terms, read_bundle, write_bundle


def publication(data: Path, pack: Pack, vault: Vault, now: int) -> Repository:
    """The city's publication in a data folder; a demonstration's is begun where there is none."""
    repository = Repository.of(data, pack.id)
    if pack.demo and not repository.exists:
        root = demo_authority(vault, pack.issuers, now // MICROS).root
        terms = terms_of(pack, read_tariffs(pack), [root], active_from=now)
        found(repository, vault, BundleFile(city=pack.id, terms=(terms,)), now)
    return repository


def verifier_of(terms: Terms | None, *, demo: bool) -> Callable[[], Verifier]:
    """Something that makes the verifier of these terms, and that can be sent to another process.

    Test roots count in a demonstration city alone. Without terms nothing is believed.
    """
    told = b"" if terms is None else write_bundle(BundleFile(city="", terms=(terms,)))
    return partial(_made, told, demo)


def _made(told: bytes, demo: bool) -> Verifier:
    accepted = TestRoots.ACCEPTED if demo else TestRoots.REFUSED
    if not told:
        return Verifier([], test_roots=accepted)
    (terms,) = read_bundle(told).terms
    return Verifier(terms.roots, v1_keys=terms.v1_keys, test_roots=accepted)
