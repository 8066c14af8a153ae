"""The vault keeps secrets, and opens to its own key alone."""

from pathlib import Path

import pytest

from ridecode.core import (
    BadInputError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RidecodeError,
    UnavailableError,
)
from ridecode.store import Vault
from ridecode.store.vault import PASSPHRASE

SECRET = bytes(range(32))


@pytest.mark.parametrize("passphrase", [None, "a horse", "一匹马"])
def test_a_secret_comes_back_in_a_later_process(tmp_path: Path, passphrase: str | None) -> None:
    Vault.open(tmp_path, passphrase).put("issuer", SECRET)
    vault = Vault.open(tmp_path, passphrase)
    assert vault.get("issuer") == SECRET
    assert vault.names() == ("issuer",)


def test_two_that_are_open_at_once_see_each_other(tmp_path: Path) -> None:
    one, other = Vault.open(tmp_path), Vault.open(tmp_path)
    one.put("b", b"1")
    other.put("a", b"2")
    assert one.names() == other.names() == ("a", "b")


def test_the_environment_names_the_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Vault.open(tmp_path, "a horse").put("issuer", SECRET)
    monkeypatch.setenv(PASSPHRASE, "a horse")
    assert Vault.open(tmp_path).get("issuer") == SECRET


@pytest.mark.parametrize("passphrase", [None, "", "a house"])
def test_a_wrong_or_missing_passphrase_is_refused_with_a_remedy(
    tmp_path: Path, passphrase: str | None
) -> None:
    Vault.open(tmp_path, "a horse")
    with pytest.raises(RefusedError) as refused:
        Vault.open(tmp_path, passphrase)
    assert PASSPHRASE in refused.value.remedy
    assert "a house" not in str(refused.value)


@pytest.mark.parametrize("passphrase", [None, "a horse"])
def test_no_changed_byte_goes_unseen(tmp_path: Path, passphrase: str | None) -> None:
    vault = Vault.open(tmp_path, passphrase)
    vault.put("issuer", SECRET)
    file = tmp_path / "vault"
    good = file.read_bytes()
    for place in range(len(good)):
        file.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(BadInputError):
            vault.get("issuer")
        with pytest.raises(BadInputError):
            Vault.open(tmp_path, passphrase)
    file.write_bytes(good[:-1])
    with pytest.raises(BadInputError):
        vault.get("issuer")


def test_the_box_of_another_vault_does_not_fit(tmp_path: Path) -> None:
    """Whole and undamaged, but not ours: the digest is right, the seal is not."""
    Vault.open(tmp_path / "a").put("issuer", SECRET)
    Vault.open(tmp_path / "b").put("issuer", b"forged")
    (tmp_path / "a/vault").write_bytes((tmp_path / "b/vault").read_bytes())
    with pytest.raises(BadInputError):
        Vault.open(tmp_path / "a")


def test_a_name_keeps_its_secret(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path)
    vault.put("issuer", SECRET)
    vault.put("issuer", SECRET)
    with pytest.raises(ConflictError):
        vault.put("issuer", b"another")
    assert vault.get("issuer") == SECRET
    with pytest.raises(NotFoundError):
        vault.get("Issuer")


def test_a_passphrase_given_later_locks_the_vault_anew(tmp_path: Path) -> None:
    Vault.open(tmp_path).put("issuer", SECRET)
    old_key = (tmp_path / "vault.key").read_bytes()
    assert Vault.open(tmp_path, "a horse").get("issuer") == SECRET
    assert not (tmp_path / "vault.key").exists()
    (tmp_path / "vault.key").write_bytes(old_key)
    (tmp_path / "vault.key").chmod(0o600)
    with pytest.raises(RefusedError):
        Vault.open(tmp_path)


def test_what_is_on_the_disk_is_closed_to_others_and_tells_nothing(tmp_path: Path) -> None:
    Vault.open(tmp_path).put("issuer", SECRET)
    for name in ("vault", "vault.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    content = (tmp_path / "vault").read_bytes()
    assert SECRET not in content
    assert b"issuer" not in content


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    Vault.open(tmp_path)
    (tmp_path / "vault.key").chmod(0o644)
    with pytest.raises(RefusedError, match="chmod 600"):
        Vault.open(tmp_path)
    (tmp_path / "vault.key").unlink()
    with pytest.raises(RefusedError):
        Vault.open(tmp_path)


def test_no_secret_shows_in_a_text_or_an_error(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, "a horse")
    vault.put("issuer", b"SECRET")
    texts = [repr(vault), str(vault)]
    for wrong in (lambda: vault.put("issuer", b"OTHER"), lambda: vault.get("none")):
        with pytest.raises(RidecodeError) as error:
            wrong()
        texts.append(repr(error.value) + str(error.value))
    for text in texts:
        assert not any(word in text for word in ("SECRET", "OTHER", "horse")), text


def test_a_vault_that_was_away_for_a_while_opens_again(tmp_path: Path) -> None:
    """Meanwhile somebody ran a command: the key beside it is not written over."""
    Vault.open(tmp_path).put("issuer", SECRET)
    kept = (tmp_path / "vault").rename(tmp_path / "vault.away")
    assert Vault.open(tmp_path).names() == ()
    kept.replace(tmp_path / "vault")
    assert Vault.open(tmp_path).get("issuer") == SECRET


def test_a_folder_that_cannot_be_one_is_told_with_a_remedy(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for data in (file, file / "below"):
        with pytest.raises(UnavailableError, match="--data"):
            Vault.open(data)
