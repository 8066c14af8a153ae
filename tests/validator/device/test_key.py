"""The device's own secrets."""

from pathlib import Path

import pytest

from ridecode.core import BadInputError, NotFoundError, device
from ridecode.validator.device.key import FILE, device_key, made_key


def test_a_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    made = made_key(tmp_path / "gate")
    assert made_key(tmp_path / "gate") == made == device_key(tmp_path / "gate")
    assert (tmp_path / "gate" / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "gate").iterdir()] == [FILE]
    assert made.journal != made.signing


def test_the_public_key_knows_the_devices_signature(tmp_path: Path) -> None:
    made = made_key(tmp_path)
    signature = device.sign(made.signing, device.Said.TAPS, b"body")
    assert device.is_signed(made.public, device.Said.TAPS, b"body", signature)


def test_a_missing_or_damaged_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="enrol-key"):
        device_key(tmp_path)
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(BadInputError):
        device_key(tmp_path)
