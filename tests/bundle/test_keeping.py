"""A report is at an online reader soon, and what fails is tried again."""

import time
from pathlib import Path

from ridecode.bundle.keeping import EVERY_S, Keeper
from ridecode.core import UnavailableError
from tests.bundle.centre import Centre
from tests.validator.lane import ACCOUNT, NOW, S


def test_a_report_reaches_a_reader_that_asks(tmp_path: Path) -> None:
    centre, denied, began = Centre(tmp_path), set[str](), time.monotonic()
    reader = centre.reader()

    def now() -> int:
        return NOW + int((time.monotonic() - began) * S)

    keeper = Keeper(centre.publisher, lambda _: set(denied), now, every_s=0.05)
    try:
        reader.update(centre.carrier, now())
        denied.add(ACCOUNT)
        for _ in range(200):
            time.sleep(0.05)
            reader.update(centre.carrier, now())
            bundle = reader.bundle(now())
            if bundle is not None and ACCOUNT in bundle.denied:
                break
        else:
            raise AssertionError("the report did not come")
    finally:
        keeper.close()
    assert keeper.failed == ""
    assert 2 * EVERY_S <= 50, "a report is at a reader within a minute, both intervals and work"


def test_what_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    answers: list[set[str] | None] = [None, {ACCOUNT}]

    def denied(_now: int) -> set[str]:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            raise UnavailableError("The database is away.")
        return answer

    keeper = Keeper(centre.publisher, denied, lambda: NOW, every_s=999)
    try:
        while not keeper.failed:
            time.sleep(0.01)
        assert keeper.failed == "The database is away."
        keeper.publish()
        assert keeper.failed == ""
        assert keeper.last is not None
        assert keeper.last.denied == 1
    finally:
        keeper.close()
