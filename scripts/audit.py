"""Asks the advisory services whether a package that the product is made of has a known hole.

    make audit

Exit code 0: every package was looked up, and none has one. 1: holes are listed. 2: not every package was looked up, so nobody knows.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.assets import find_node  # noqa: E402 - found by the line above

REQUIREMENTS = "requirements/base.txt"
CLEAN, HOLES, UNKNOWN = 0, 1, 2
SHOWN = 5  # where no service answers, each package says the same


@dataclass
class Found:
    """`looked_up`: how many packages an advisory service answered for."""

    kind: str
    looked_up: int = 0
    holes: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        if self.holes:
            return HOLES
        return UNKNOWN if self.unanswered or not self.looked_up else CLEAN

    def lines(self) -> list[str]:
        told = [f"{self.kind}: {self.looked_up} packages looked up."]
        told += [f"  A known hole: {hole}" for hole in self.holes]
        told += [f"  Not looked up: {words}" for words in self.unanswered[:SHOWN]]
        told += [f"  Not looked up: {len(self.unanswered) - SHOWN} more"] if len(self.unanswered) > SHOWN else []
        if self.code == UNKNOWN:
            told.append(
                f"  So nothing is known of those: this is no clean answer. Ask again where {self.kind}'s service answers."
            )
        return told


def python_found(report: str, said: str) -> Found:
    """What pip-audit wrote as JSON. It calls a package that its service does not know skipped, and ends well with nothing else."""
    found = Found("Python")
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        found.unanswered.append(last_line(said))
        return found
    for package in packages:
        if "skip_reason" in package:
            found.unanswered.append(package["skip_reason"])
            continue
        found.looked_up += 1
        for hole in package["vulns"]:
            mended = ", ".join(hole["fix_versions"]) or "no release yet"
            found.holes.append(f"{package['name']} {package['version']}, {hole['id']}, mended in {mended}")
    return found


def npm_found(report: str, said: str) -> Found:
    found = Found("npm")
    try:
        told = json.loads(report)
        holes = told["vulnerabilities"].values()
        found.looked_up = told["metadata"]["dependencies"]["total"]
    except (ValueError, KeyError):
        found.unanswered.append(message_of(report) or last_line(said))
        return found
    for package in holes:
        mended = "npm audit fix" if package["fixAvailable"] else "no release yet"
        found.holes.append(f"{package['name']} {package['range']}, {package['severity']}, mended by {mended}")
    return found


def message_of(report: str) -> str:
    try:
        return json.loads(report).get("message", "")
    except ValueError:
        return ""


def last_line(said: str) -> str:
    return said.strip().rpartition("\n")[2] or "the program said nothing"


def ask(*command: str) -> tuple[str, str]:
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return finished.stdout, finished.stderr


def main() -> int:
    pinned = ["--requirement", REQUIREMENTS, "--require-hashes", "--disable-pip"]
    shown = ["--format", "json", "--progress-spinner", "off"]
    _, npm = find_node()
    all_found = [
        python_found(*ask(sys.executable, "-m", "pip_audit", *pinned, *shown)),
        npm_found(*ask(*npm, "audit", "--omit=dev", "--json")),
    ]
    for found in all_found:
        print("\n".join(found.lines()))
    codes = {found.code for found in all_found}
    return HOLES if HOLES in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main())
