"""What is built and locked stays clean: no addresses of registries, nobody's machine, no font that is not ours to use."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LOCKS = [ROOT / "package-lock.json", *sorted((ROOT / "requirements").glob("*.txt"))]
STYLESHEET = ROOT / "static_built" / "tracker.css"
REGISTRIES = re.compile(
    r"registry\.|pypi\.org|pythonhosted|npmjs|artifactory|nexus|/simple\b|--index-url|--extra-index", re.IGNORECASE
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|Users|work|tmp)/[\w.-]+")


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("This is no git checkout, so there is no list of files to read")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def built_stylesheet() -> str:
    if not STYLESHEET.exists():
        pytest.fail("static_built/tracker.css is not built. Run: make assets")
    return STYLESHEET.read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_names_no_registry(lock):
    assert not REGISTRIES.findall(lock.read_text())


def test_the_npm_lock_file_holds_hashes_and_no_download_addresses():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


@pytest.mark.parametrize("lock", LOCKS[1:], ids=lambda path: path.name)
def test_every_python_package_is_pinned_with_its_hashes(lock):
    requirements = re.findall(r"^[A-Za-z0-9][^\n]*(?:\n +--hash=\S+(?: \\)?)*", lock.read_text(), re.MULTILINE)

    assert requirements
    assert [line.split()[0] for line in requirements if "==" not in line or "--hash=" not in line] == []


def test_what_runs_in_development_and_in_production_is_the_same():
    base = set(re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements/base.txt").read_text(), re.MULTILINE))
    dev = set(re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE))

    assert base <= dev


def test_no_file_names_a_path_of_somebodys_machine():
    text = {".py", ".toml", ".json", ".txt", ".html", ".scss", ".mjs", ".md", ".yml", ""}
    own = Path(__file__).resolve()
    found = {
        str(path.relative_to(ROOT)): MACHINE_PATHS.findall(path.read_text(encoding="utf-8", errors="ignore"))
        for path in tracked_files()
        if path.suffix in text and path.is_file() and path.resolve() != own
    }

    assert {name: paths for name, paths in found.items() if paths} == {}


def test_the_stylesheet_brings_no_font_and_no_picture_of_gov_uk():
    css = built_stylesheet()

    assert "@font-face" not in css
    assert "GDS Transport" not in css
    assert "url(" not in re.sub(r"url\(\"?data:", "", css)


def test_the_stylesheet_leaves_room_for_the_page_in_forty_kilobytes():
    assert len(gzip.compress(built_stylesheet().encode(), 6)) <= 14 * 1024


def test_no_template_carries_inline_style_or_script():
    """The strict content policy would drop them, and the page would look right only to its author."""
    # A block of data (type application/json) is read by a script and never run.
    runs = r"<script(?![^>]*(?:\bsrc=|type=\"application/json\"))"
    inline = re.compile(rf"<style|\sstyle\s*=|{runs}|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
    found = {
        str(path.relative_to(ROOT)): inline.findall(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "templates").rglob("*.html"))
    }

    assert {name: parts for name, parts in found.items() if parts} == {}


def test_the_list_of_what_it_is_made_of_names_every_pinned_package():
    from scripts.sbom import python_sbom

    requirements = (ROOT / "requirements/base.txt").read_text()
    listed = json.loads(python_sbom(requirements))["components"]

    assert {f"{part['name']}=={part['version']}" for part in listed} == set(
        re.findall(r"^[\w.-]+==\S+", requirements, re.MULTILINE)
    )
    assert all(part["hashes"] and part["purl"].startswith("pkg:pypi/") for part in listed)
    assert [part["licenses"] for part in listed if part["name"].lower() == "django"] == [
        [{"license": {"id": "BSD-3-Clause"}}]
    ]
