"""The real data beside the checkout; where it is absent, the test says so and is skipped."""

from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(path: str) -> Path:
    """A file of the real data, or a skip with the reason."""
    found = _DATA / path
    if not found.exists():
        pytest.skip(f"the real data is absent: {found}")
    return found
