"""The device's own secrets: the key by which the centre knows it, and that of its journal.

`device.key` holds 64 bytes, mode 600: an Ed25519 private key, and the secret under which the
journal's keys are wrapped. Where a secure element keeps them instead, this is the seam.
"""

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.core import BadInputError, NotFoundError, device
from ridecode.validator.whole import sync_folder

FILE: Final = "device.key"
_BYTES: Final = 64


class DeviceKey(Struct, frozen=True):
    """A device's secrets."""

    signing: bytes
    journal: bytes

    @property
    def public(self) -> bytes:
        """What the centre enrols, 32 bytes."""
        return device.public_key(self.signing)


def device_key(folder: Path) -> DeviceKey:
    """The secrets of a device's folder; raises `NotFoundError` and says how to make them."""
    try:
        held = (folder / FILE).read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(
            f"There is no device key in {folder}.",
            f"Run: ridecode validator enrol-key --data {folder}",
        ) from error
    if len(held) != _BYTES:
        raise BadInputError("This is no device key.", "Make a new folder.", file=str(folder / FILE))
    return DeviceKey(held[:32], held[32:])


def made_key(folder: Path) -> DeviceKey:
    """The secrets of a folder, made there where there are none; on disk on return."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / FILE).exists():
        _write(folder, device.new_key() + os.urandom(32))
    return device_key(folder)


def _write(folder: Path, secrets: bytes) -> None:
    """Whole or not at all, and never over another's."""
    unfinished = folder / f"{FILE}.{os.getpid()}"
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(secrets)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, folder / FILE)
    except FileExistsError:
        return  # another process was faster: its key is the device's
    finally:
        unfinished.unlink()
    sync_folder(folder)
