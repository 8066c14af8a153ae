"""The errors that whoever sends taps must tell apart."""

from ridecode.core import RefusedError, UnavailableError


class UnknownDeviceError(RefusedError):
    """No enrolled device signed this."""

    def __init__(self, device: str) -> None:
        super().__init__(
            f"This was not signed by an enrolled device {device!r}.",
            "Enrol the device, or sign with its own key.",
        )


class OverloadedError(UnavailableError):
    """More comes in than can be stored now. Nothing of it was kept: send it again later."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "More taps come in than can be stored now.",
            f"Send them again in {retry_after_s} s.",
        )
        self.retry_after_s = retry_after_s
        """Seconds, at least 1."""
