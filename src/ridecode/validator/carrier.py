"""How the centre's files come to a reader: by HTTP, or in a folder that somebody carries.

Nothing here is trusted: whatever a carrier brings is judged by `Trust`.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from tuf.ngclient import FetcherInterface, Urllib3Fetcher
from urllib3.exceptions import HTTPError

METADATA: Final = "metadata/"
TARGETS: Final = "targets/"
FILE_S_MOST: Final = 120
"""A file that takes longer is given up: whoever serves it may never end."""

_CHUNK: Final = 1 << 16
_NOT_FOUND: Final = 404


class FolderCarrier(FetcherInterface):
    """The files in a folder: a memory stick, or a copy that some other program keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            with (self._folder / url).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except FileNotFoundError as error:
            raise DownloadHTTPError(f"{self._folder} has no {url}", _NOT_FOUND) from error
        except OSError as error:
            raise DownloadError(f"{self._folder / url}: {error.strerror}") from error


class HttpCarrier(FetcherInterface):
    """The files under an address, such as `http://centre/v1/bundles/`."""

    def __init__(self, base: str, *, timeout_s: int = 10) -> None:
        self._base = base if base.endswith("/") else f"{base}/"
        self._http = Urllib3Fetcher(socket_timeout=timeout_s)

    def _fetch(self, url: str) -> Iterator[bytes]:
        until = time.monotonic() + FILE_S_MOST
        try:
            for chunk in self._http.fetch(self._base + url):
                if time.monotonic() > until:
                    raise SlowRetrievalError(f"{url} took more than {FILE_S_MOST} s")
                yield chunk
        except HTTPError as error:
            raise DownloadError(f"{self._base}{url} broke off") from error
