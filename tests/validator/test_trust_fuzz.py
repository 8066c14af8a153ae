"""Whatever a carrier makes of what was published, a reader holds one of the two signed states."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from ridecode.validator import Trust
from tests.bundle.centre import DAY, Centre, account
from tests.validator.lane import ACCOUNT, NOW, S, terms
from tests.validator.test_bundle_file import _mutated


class _Mangling(FetcherInterface):
    """Serves a folder, with some of its files mutated, exchanged or gone."""

    def __init__(self, files: dict[str, bytes], dice: random.Random) -> None:
        self._files, self._dice = files, dice

    def _fetch(self, url: str) -> Iterator[bytes]:
        dice = self._dice
        data = self._files.get(url)
        if dice.random() < 0.3:
            how = dice.randrange(4)
            if how == 0:
                data = None
            elif how == 1:
                data = dice.choice(list(self._files.values()))
            elif data is not None:
                data = _mutated(dice, data)
        if data is None:
            raise DownloadHTTPError(f"no {url}", 404)
        yield data


def _fuzz(tmp_path: Path, count: int) -> None:
    centre, dice = Centre(tmp_path), random.Random(1179)
    crowd = [account(7 * n) for n in range(300)]
    centre.publisher.deny(crowd, NOW)
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    before = reader.bundle(NOW)
    centre.change(terms(active_from=NOW + DAY, single_fare={"bus": 9}, tariff="bb" * 16))
    centre.publisher.deny([*crowd, ACCOUNT], NOW + S)
    after = centre.reader("after")
    after.update(centre.carrier, NOW + S)
    signed = [(before, before), (after.bundle(NOW), after.bundle(NOW + DAY))]
    files = {str(path.relative_to(centre.public)): path.read_bytes()
             for path in centre.public.rglob("*") if path.is_file()}  # fmt: skip
    outcomes = set()
    for n in range(count):
        work = tmp_path / "work"
        if n % 20 == 0 or reader.version > 2:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(tmp_path / "reader", work, symlinks=True)
            reader = Trust(work, root=centre.root, city="tiny")
        outcomes.add(reader.update(_Mangling(files, dice), NOW + 2 * S).outcome)
        assert (reader.bundle(NOW), reader.bundle(NOW + DAY)) in signed
    assert len(outcomes) >= 5


def test_a_mangled_publication_is_refused(tmp_path: Path) -> None:
    _fuzz(tmp_path, 300)


@pytest.mark.soak
def test_many_mangled_publications_are_refused(tmp_path: Path) -> None:
    _fuzz(tmp_path, 20_000)
