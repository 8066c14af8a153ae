"""A change takes two roles, says what it does, and is what was signed."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tuf.api.metadata import Metadata, TargetFile, Targets

from ridecode.bundle import (
    BOTH,
    Change,
    Foreseen,
    Holder,
    Proposal,
    changed,
    propose,
    publish,
    read_proposal,
    sign,
    signed_by,
)
from ridecode.core import BadInputError, ConflictError, NotFoundError, RefusedError
from ridecode.validator import BundleFile, Rejudged, Terms, write_bundle
from tests.bundle.centre import DAY, Centre, account, fares, foreseen
from tests.validator.lane import NOW, TARIFF, S, accepting, rules, terms

DEARER: Final = terms(active_from=NOW + DAY, single_fare={"bus": 250}, tariff="bb" * 16)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def _signed(centre: Centre, proposal: Proposal, *holders: Holder) -> Proposal:
    for holder in holders:
        proposal = sign(centre.repository, proposal, holder, centre.vault)
    return proposal


def test_from_the_wish_to_the_readers(centre: Centre) -> None:
    proposal = centre.propose(DEARER)
    assert changed(centre.repository, proposal) == (
        Change("single_fare[bus]", "200", "250"),
        Change("tariff", TARIFF, "bb" * 16),
    )
    assert proposal.foreseen == foreseen(terms(), DEARER)
    assert signed_by(centre.repository, proposal) == ()
    proposal = _signed(centre, proposal, Holder.OPERATIONS)
    assert signed_by(centre.repository, proposal) == (Holder.OPERATIONS,)
    carried = read_proposal(proposal.to_bytes())
    assert carried == proposal
    carried = _signed(centre, carried, Holder.FARES)
    assert signed_by(centre.repository, carried) == BOTH
    assert publish(centre.repository, carried, centre.vault, NOW + S) == 2
    assert centre.repository.bundle() == BundleFile(city="tiny", terms=(terms(), DEARER))


@pytest.mark.parametrize("holders", [(), (Holder.FARES,), (Holder.OPERATIONS,),
                                     (Holder.FARES, Holder.FARES)])  # fmt: skip
def test_one_role_alone_changes_nothing(centre: Centre, holders: tuple[Holder, ...]) -> None:
    proposal = _signed(centre, centre.propose(DEARER), *holders)
    with pytest.raises(RefusedError, match="did not sign"):
        publish(centre.repository, proposal, centre.vault, NOW)
    assert centre.repository.bundle().terms == (terms(),)


@pytest.mark.parametrize("holder", [holder for holder in Holder if holder not in BOTH])
def test_no_other_holder_has_a_say(centre: Centre, holder: Holder) -> None:
    with pytest.raises(RefusedError, match="has no say"):
        _signed(centre, centre.propose(DEARER), holder)


def test_each_signs_where_its_key_is(centre: Centre) -> None:
    """On three machines: neither of the two has the other's key, nor the centre any of theirs."""
    fares, operations = centre.vault.without("operations"), centre.vault.without("fares")
    proposal = centre.propose(DEARER)
    with pytest.raises(NotFoundError, match="key of operations"):
        sign(centre.repository, proposal, Holder.OPERATIONS, fares)
    proposal = sign(centre.repository, proposal, Holder.FARES, fares)
    proposal = sign(centre.repository, proposal, Holder.OPERATIONS, operations)
    online = centre.vault.without("fares", "operations", "root-1", "root-2", "root-3")
    assert publish(centre.repository, proposal, online, NOW) == 2


CHANGES: Final = (
    (terms(active_from=NOW + DAY, rules=rules(accepted=accepting(90))),
     "rules.accepted[01011000/00000001/128]", "60", "90"),
    (terms(active_from=NOW + DAY, rules=rules(debounce_ms=1)), "rules.debounce_ms", "2000", "1"),
    (terms(active_from=NOW + DAY, rules=rules(places={})), "rules.places[bus/3].companions", "2",
     "–"),
    (terms(active_from=NOW + DAY, roots=()), "roots[01010000/1]",
     None, "–"),
    (terms(active_from=NOW + DAY, v1_keys=()), "v1_keys[00000007]", None, "–"),
    (terms(active_from=NOW + DAY, single_fare={}), "single_fare[bus]", "200", "–"),
    (terms(active_from=NOW + DAY, single_fare={"bus": 200, "pier": 5}), "single_fare[pier]", "–",
     "5"),
)  # fmt: skip


@pytest.mark.parametrize("row", CHANGES, ids=[row[1] for row in CHANGES])
def test_a_change_is_told_by_name(centre: Centre, row: tuple[object, ...]) -> None:
    new, where, before, after = row
    told = {change.where: change for change in changed(centre.repository, centre.propose(new))}  # type: ignore[arg-type]
    assert where in told
    assert told[where].after == after
    assert before is None or told[where].before == before


def test_a_tariff_is_proposed_with_what_it_would_have_done(centre: Centre) -> None:
    told = foreseen(terms(), DEARER)
    with pytest.raises(RefusedError, match="tariff changes, and what it would have done is not"):
        propose(centre.repository, DEARER, replace(told, fares=None), NOW)
    with pytest.raises(RefusedError, match="about another tariff"):
        propose(centre.repository, DEARER, replace(told, fares=fares("cc" * 16)), NOW)


@pytest.mark.parametrize("row", CHANGES, ids=[row[1] for row in CHANGES])
def test_a_limit_is_proposed_with_what_it_would_have_done(
    centre: Centre, row: tuple[object, ...]
) -> None:
    new, other = row[0], terms(active_from=NOW + DAY, single_fare={"bus": 7})
    assert isinstance(new, Terms)
    with pytest.raises(RefusedError, match="Readers would judge otherwise"):
        propose(centre.repository, new, Foreseen(), NOW)
    with pytest.raises(RefusedError, match="about other terms"):
        propose(centre.repository, new, foreseen(terms(), other), NOW)


def test_terms_begin_in_the_future_and_one_after_another(centre: Centre) -> None:
    with pytest.raises(BadInputError, match="begin in the future"):
        centre.propose(DEARER, NOW + DAY + 1)
    centre.change(DEARER)
    with pytest.raises(BadInputError, match="begin in the future"):
        centre.propose(terms(active_from=NOW + DAY, single_fare={}))
    third = terms(active_from=NOW + 2 * DAY)
    centre.change(replace(third, tariff="dd" * 16), NOW + 2 * S)
    assert len(centre.repository.bundle().terms) == 3
    centre.change(replace(third, tariff="ee" * 16, active_from=NOW + 9 * DAY), NOW + 3 * DAY)
    starts = [one.active_from for one in centre.repository.bundle().terms]
    assert starts == [NOW + 2 * DAY, NOW + 9 * DAY], "what is over is dropped"


def test_what_would_begin_before_anybody_hears_of_it_is_not_published(centre: Centre) -> None:
    proposal = _signed(centre, centre.propose(DEARER), *BOTH)
    with pytest.raises(RefusedError, match="before any reader has heard"):
        publish(centre.repository, proposal, centre.vault, NOW + DAY + 1)


def test_nothing_to_change_is_no_proposal(centre: Centre) -> None:
    with pytest.raises(RefusedError, match="Nothing would change"):
        centre.propose(terms(active_from=NOW + DAY))


def test_what_was_published_meanwhile_makes_a_proposal_void(centre: Centre) -> None:
    stale = _signed(centre, centre.propose(DEARER), *BOTH)
    centre.change(terms(active_from=NOW + S, rules=rules(debounce_ms=1)))
    with pytest.raises(ConflictError, match="follows version 1, and 2 is published"):
        publish(centre.repository, stale, centre.vault, NOW)


def test_denials_go_on_while_a_proposal_is_on_its_way(centre: Centre) -> None:
    proposal = _signed(centre, centre.propose(DEARER), *BOTH)
    centre.publisher.deny([account(1)], NOW)
    assert publish(centre.repository, proposal, centre.vault, NOW) == 3
    reader = centre.reader()
    assert reader.update(centre.carrier, NOW).outcome.heard


def _with_targets(proposal: Proposal, change: Callable[[Targets], None]) -> Proposal:
    metadata: Metadata[Targets] = Metadata.from_bytes(proposal.targets)
    change(metadata.signed)
    return replace(proposal, targets=metadata.to_bytes())


def _with_file(proposal: Proposal, file: BundleFile) -> Proposal:
    """Another bundle under the same description."""
    bundle = write_bundle(file)

    def swap(targets: Targets) -> None:
        custom = targets.targets["bundle"].custom
        targets.targets["bundle"] = TargetFile.from_data("bundle", bundle, ["sha256"])
        targets.targets["bundle"].unrecognized_fields["custom"] = custom

    return _with_targets(replace(proposal, bundle=bundle), swap)


def _more(targets: Targets) -> None:
    targets.targets["other"] = TargetFile.from_data("other", b"", ["sha256"])


def _no_deny(targets: Targets) -> None:
    assert targets.delegations is not None
    assert targets.delegations.roles is not None
    targets.delegations.roles["deny"].paths = ["*"]


def _later(targets: Targets) -> None:
    targets.version += 7


def _one_passed(proposal: Proposal) -> Rejudged:
    told = proposal.foreseen.readings
    assert told is not None
    return replace(told, passed_after=told.passed_after + 1)


FALSE: Final[tuple[tuple[str, Callable[[Proposal], Proposal], type[Exception]], ...]] = (
    ("the terms in force are changed in passing", lambda p: _with_file(
        p, BundleFile(city="tiny", terms=(terms(single_fare={"bus": 1}), DEARER))), RefusedError),
    ("the terms in force are gone", lambda p: _with_file(
        p, BundleFile(city="tiny", terms=(DEARER,))), RefusedError),
    ("another city's", lambda p: _with_file(
        p, BundleFile(city="else", terms=(terms(), DEARER))), RefusedError),
    ("another bundle than is signed", lambda p: replace(
        p, bundle=write_bundle(BundleFile(city="tiny", terms=(terms(),)))), RefusedError),
    ("other figures than are signed", lambda p: replace(
        p, foreseen=replace(p.foreseen, fares=replace(fares("bb" * 16), after=401))),
     RefusedError),
    ("other readings than are signed", lambda p: replace(
        p, foreseen=replace(p.foreseen, readings=_one_passed(p))), RefusedError),
    ("no figures", lambda p: replace(p, foreseen=Foreseen()), RefusedError),
    ("another file as well", lambda p: _with_targets(p, _more), RefusedError),
    ("more for the deny key to say", lambda p: _with_targets(p, _no_deny), RefusedError),
    ("a version that skips", lambda p: _with_targets(p, _later), ConflictError),
    ("no metadata", lambda p: replace(p, targets=b"{}"), RefusedError),
    ("a bundle that is none", lambda p: replace(p, bundle=b""), RefusedError),
)  # fmt: skip


@pytest.mark.parametrize(("name", "forge", "error"), FALSE, ids=[row[0] for row in FALSE])
def test_nobody_signs_a_proposal_that_is_not_what_it_says(
    centre: Centre, name: str, forge: Callable[[Proposal], Proposal], error: type[Exception]
) -> None:
    forged = forge(centre.propose(DEARER))
    with pytest.raises(error):
        _signed(centre, forged, Holder.FARES)
    signed_first = forge(_signed(centre, centre.propose(DEARER), *BOTH))
    with pytest.raises(error):
        publish(centre.repository, signed_first, centre.vault, NOW)
    assert centre.repository.bundle().terms == (terms(),)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_proposal_or_refused(data: bytes) -> None:
    for whole in (data, b"ridecode proposal 1\n" + data):
        with pytest.raises(BadInputError, match="no proposal"):
            read_proposal(whole)


def test_a_proposal_has_no_field_that_nobody_reads(centre: Centre) -> None:
    fields = msgspec.to_builtins(centre.propose(DEARER)) | {"more": 1}
    with pytest.raises(BadInputError, match="no proposal"):
        read_proposal(b"ridecode proposal 1\n" + msgspec.msgpack.encode(fields))
