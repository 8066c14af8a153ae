"""The way to a channel's server over HTTP."""

from collections.abc import Mapping
from typing import Final

import httpx2

from ridecode.money.channels.contract import Answer

TIMEOUT_S: Final = 10.0
"""A channel that has not answered by then may have done what it was asked: it is asked after."""


class HttpLink:
    """Keeps its connections; one for each channel and thread."""

    def __init__(self, base: str, timeout_s: float = TIMEOUT_S) -> None:
        """`base`: scheme and host, as `https://api.mch.weixin.qq.com`."""
        # A redirect would carry a signed request to whoever asked for it.
        self._client = httpx2.Client(base_url=base, timeout=timeout_s, follow_redirects=False)

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        try:
            answer = self._client.request(method, target, headers=dict(headers), content=body)
        except httpx2.RequestError:
            return None
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, named, answer.content)

    def close(self) -> None:
        self._client.close()
