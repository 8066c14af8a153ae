"""A file that is there whole or not at all, whoever else writes it."""

import os
import time
from pathlib import Path

import pytest

from ridecode.store import whole_file


def test_it_has_its_name_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with whole_file(path) as out:
        out.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_that_write_it_at_once_neither_has_the_name_by_half(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with whole_file(path) as first:
        first.write(b"first")
        with whole_file(path) as second:
            second.write(b"sec")
            second.flush()
            assert not path.exists()
            second.write(b"ond")
        assert path.read_bytes() == b"second"
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_to_end_leaves_the_other_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    first, second = whole_file(path), whole_file(path)
    one, other = first.__enter__(), second.__enter__()
    one.write(b"first")
    other.write(b"sec")
    other.flush()
    first.__exit__(None, None, None)
    assert path.read_bytes() == b"first"
    other.write(b"ond")
    second.__exit__(None, None, None)
    assert path.read_bytes() == b"second"


def test_what_a_killed_process_left_goes_with_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "file[1]"
    old, young, of_another = (
        tmp_path / name
        for name in ("file[1].a.unfinished", "file[1].b.unfinished", "file1.a.unfinished")
    )
    for left in (old, young, of_another):
        left.write_bytes(b"half")
    for left in (old, of_another):
        os.utime(left, (time.time() - 100_000,) * 2)
    with whole_file(path) as out:
        out.write(b"whole")
    assert set(tmp_path.iterdir()) == {path, young, of_another}


def test_what_ends_in_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "file") as out:
        out.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
