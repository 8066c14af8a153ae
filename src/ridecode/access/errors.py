"""The refusals of the room, each of its own kind."""

from ridecode.access.roles import Verdict
from ridecode.core import RefusedError


class NotKnownError(RefusedError):
    """Nobody has proved who asks: no token, or one that does not count (any more)."""

    def __init__(self, what: str, *, presented: bool) -> None:
        """`presented`: there was a token, so that a client may know that it is to get another."""
        super().__init__(what, "Sign in, and send: Authorization: Bearer TOKEN.")
        self.presented = presented


class NotAllowedError(RefusedError):
    """Whoever asks is known and may not do this."""

    def __init__(self, verdict: Verdict) -> None:
        words = verdict.words
        super().__init__(f"{words.zh} · {words.en}", _REMEDIES[verdict])
        self.verdict = verdict


_REMEDIES = {
    Verdict.NO_RIGHT: "Ask whoever runs this server for the role; GET /v1/me names yours.",
    Verdict.OUT_OF_REACH: "Ask for what is yours; GET /v1/me names it.",
    Verdict.NO_PURPOSE: "Send the headers Ridecode-Purpose and Ridecode-Reason.",
}
