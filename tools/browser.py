"""Find what the browser tests need, or fetch it: a Chromium, and a font with Chinese letters.

A Chromium that is there is taken as it is. Else Debian's package where we are root and have apt,
else Playwright's own download. The font likewise, but for the download: there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_CHINESE = (
    "*CJK*",
    "*wqy*",
    "*SourceHan*",
    "*NotoSansSC*",
    "*NotoSansHans*",
    "*DroidSansFallback*",
)


def main() -> None:
    wanted = [] if chromium() else ["chromium"]
    wanted += [] if _reads_chinese() else ["fonts-noto-cjk"]
    if wanted and shutil.which("apt-get") and os.geteuid() == 0:
        _from_debian(wanted)
    if chromium() is None:
        _from_playwright()
    if chromium() is None:
        sys.exit("No Chromium: install one (on Debian: apt-get install chromium), then try again.")
    if not _reads_chinese():
        sys.stderr.write("No font has Chinese letters: pages will show boxes. ")
        sys.stderr.write("On Debian: apt-get install fonts-noto-cjk\n")


def chromium() -> Path | None:
    """The Chromium that the tests drive, None where there is none."""
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return next((path for path in (_MAC, _playwrights()) if path.exists()), None)


def _playwrights() -> Path:
    """Where Playwright keeps its own, whether it is there or not."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def _reads_chinese() -> bool:
    if sys.platform != "linux":
        return True
    if shutil.which("fc-list"):
        listed = subprocess.run(
            ["fc-list", ":lang=zh"], capture_output=True, text=True, check=False
        )
        return bool(listed.stdout.strip())
    folders = (Path(folder).expanduser() for folder in _FONT_FOLDERS)
    return any(next(f.rglob(name), None) for f in folders if f.is_dir() for name in _CHINESE)


def _from_debian(packages: list[str]) -> None:
    sys.stderr.write(f"Installing {' and '.join(packages)} for the browser tests …\n")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for step in (["apt-get", "update", "-qq"], install):
        # What fails here is told by what is still missing afterwards.
        subprocess.run(step, env=quiet, stdout=subprocess.DEVNULL, check=False)


def _from_playwright() -> None:
    sys.stderr.write("Fetching Playwright's Chromium for the browser tests …\n")
    step = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(step, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    main()
