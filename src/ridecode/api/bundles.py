"""What validators trust, as files: signed elsewhere, and served as they lie in the folder.

A reader asks here, or any other web server that holds a copy: it believes the signatures alone.
"""

import re
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request
from fastapi import Path as InPath
from starlette.responses import FileResponse, Response

from ridecode.api.allowed import PUBLIC
from ridecode.core import NotFoundError

router = APIRouter(prefix="/v1/bundles", tags=["bundles"])

_NAMES: Final = (
    r"metadata/(timestamp|\d{1,9}\.(root|targets|deny|snapshot))\.json"
    r"|targets/[0-9a-f]{64}\.bundle|targets/deny/[0-9a-f]{64}\.(full|since-\d{1,9})"
)
_CHANGES: Final = "metadata/timestamp.json"
"""The one file whose content changes; every other name keeps its content for good."""
_TOLD: Final = re.compile(_NAMES)


def _folder(request: Request) -> Path:
    """The application keeps the published folder as `state.bundles`."""
    folder: Path = request.app.state.bundles
    return folder


@router.get("/{file:path}", response_class=FileResponse, dependencies=[PUBLIC])
def bundle_file(
    file: Annotated[str, InPath(examples=["metadata/timestamp.json"], max_length=120)],
    folder: Annotated[Path, Depends(_folder)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """One published file, with an ETag; TUF metadata or what it vouches for."""
    path = folder / file
    if not _TOLD.fullmatch(file) or not path.is_file():
        raise NotFoundError(f"Nothing is published as {file!r}.")
    found = path.stat()
    headers = {
        "ETag": f'"{found.st_mtime_ns:x}-{found.st_size:x}"',
        "Cache-Control": "no-cache" if file == _CHANGES else "public, max-age=31536000, immutable",
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    kind = "application/json" if file.endswith(".json") else "application/octet-stream"
    return FileResponse(path, media_type=kind, headers=headers)
