"""One person is one identity, however the document is typed; and nothing of it is kept."""

from pathlib import Path

import pytest

from ridecode.core import BadInputError
from ridecode.riders import Document, DocumentKind, identity_key, identity_of
from ridecode.store import Vault

KEY = bytes(range(32))
ID, PASSPORT, PERMIT = DocumentKind.RESIDENT_ID, DocumentKind.PASSPORT, DocumentKind.TRAVEL_PERMIT
EXAMPLE = "11010519491231002X"
"""The example of GB 11643-1999."""


def of(kind: DocumentKind, number: str, country: str = "CHN") -> str:
    return identity_of(KEY, Document(kind, number, country))


SAME: list[tuple[str, DocumentKind, str, str]] = [
    ("small x", ID, EXAMPLE, "11010519491231002x"),
    ("blanks", ID, EXAMPLE, " 110105 19491231 002X "),
    ("full-width digits", ID, EXAMPLE, "１１０１０５１９４９１２３１００２Ｘ"),
    ("a passport with hyphens", PASSPORT, "E12345678", "e1234-5678"),
    ("a permit that was renewed", PERMIT, "H1234567801", "H1234567802"),
    ("a permit without its count", PERMIT, "H1234567801", "H12345678"),
]


@pytest.mark.parametrize(
    ("kind", "one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME]
)
def test_it_is_the_same_person(kind: DocumentKind, one: str, other: str) -> None:
    assert of(kind, one) == of(kind, other)


def test_others_are_others() -> None:
    told = [
        of(ID, EXAMPLE),
        of(ID, "440524188001010014"),
        of(PASSPORT, "E12345678"),
        of(PASSPORT, "E12345678", "UTO"),
        of(PASSPORT, "E12345679"),
        of(PERMIT, "H12345678"),
        of(PERMIT, "M12345678"),
        of(PERMIT, "12345678"),
        identity_of(bytes(32), Document(ID, EXAMPLE)),
    ]
    assert len(set(told)) == len(told)
    assert all(len(one) == 64 and one == one.lower() for one in told)


WRONG: list[tuple[str, DocumentKind, str, str, str]] = [
    ("a wrong check digit", ID, "110105194912310021", "CHN", "check digit of this resident id"),
    ("first generation", ID, "110105491231002", "CHN", "no number of a resident id"),
    ("X elsewhere", ID, "1101051949123100X2", "CHN", "no number of a resident id"),
    ("a short passport", PASSPORT, "E123", "CHN", "no number of a passport"),
    ("no country", PASSPORT, "E12345678", "cn", "no number of a passport"),
    ("digits of another script", ID, "٠" * 18, "CHN", "no number of a resident id"),
    ("NUL", PASSPORT, "E1234\0567", "CHN", "no number of a passport"),
    ("nothing", PERMIT, "", "CHN", "no number of a travel permit"),
]


@pytest.mark.parametrize(
    ("kind", "number", "country", "said"), [case[1:] for case in WRONG], ids=[c[0] for c in WRONG]
)
def test_what_is_no_document_is_refused_without_repeating_it(
    kind: DocumentKind, number: str, country: str, said: str
) -> None:
    with pytest.raises(BadInputError, match=said) as caught:
        of(kind, number, country)
    assert not number or number not in str(caught.value)


def test_a_document_shows_its_number_in_no_log() -> None:
    assert "1949" not in f"{Document(ID, EXAMPLE)} {Document(ID, EXAMPLE)!r}"


def test_the_key_is_made_once_and_kept_in_the_vault(tmp_path: Path) -> None:
    first = identity_key(Vault.open(tmp_path))
    assert len(first) == 32
    assert identity_key(Vault.open(tmp_path)) == first
