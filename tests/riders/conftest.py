"""The riders of Shenzhen: its rules, and the test institutions that sign their authorisations."""

from collections.abc import Mapping

import pytest

from ridecode.city import Pack, load_pack
from ridecode.code import Authority, Issuer, demo_authority
from ridecode.riders import RiderRules, read_rules
from tests.riders.world import NOW, S, Shelf


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("shenzhen")


@pytest.fixture(scope="session")
def rules(pack: Pack) -> RiderRules:
    """The defaults, which docs/riders.md tells."""
    return read_rules(pack)


@pytest.fixture(scope="session")
def authority(pack: Pack) -> Authority:
    return demo_authority(Shelf(), pack.issuers, NOW // S)


@pytest.fixture(scope="session")
def issuers(authority: Authority) -> Mapping[str, Issuer]:
    return authority.issuers
