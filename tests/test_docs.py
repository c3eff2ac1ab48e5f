"""What the documents name is there: files, tests, commands with their options, settings and environment variables.

A document that names what is gone leads its reader astray, and a security page that does so claims what nobody can look up.
"""

import fnmatch
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from board.safekeeping.retention import DEFAULTS

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
TICKED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)+/?|[\w-]+\.py")
TEST = re.compile(r"\btest_\w+\b(?!\.py)")
COMMAND = re.compile(r"(?:manage\.py|(?<![\w/.-])send-tracker(?: --owner)?) ([a-z_]+)([^`\n|;)]*)")
TARGET = re.compile(r"(?<![\w-])make ([a-z][a-z-]+)")
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b")
OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]+)")
SOURCES = (".py", ".sh", ".conf", ".service", ".yml", ".toml")


@cache
def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


@cache
def files() -> tuple[str, ...]:
    """Those of the project: what is built, installed or ignored is none of it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("This is no git checkout, so there is no list of files to read")
    return tuple(name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists())


@cache
def folders() -> frozenset[str]:
    return frozenset(str(folder) for name in files() for folder in Path(name).parents)


@cache
def source() -> str:
    return "\n".join(
        (ROOT / name).read_text(encoding="utf-8")
        for name in files()
        if name.endswith(SOURCES) and name != "tests/test_docs.py"
    )


def code_in(text: str) -> str:
    """What stands as code: in backticks, in fences, and indented."""
    fences = FENCED.findall(text)
    rest = FENCED.sub("", text)
    indented = [line for line in rest.splitlines() if line.startswith("    ")]
    return "\n".join([*fences, *indented, *TICKED.findall(rest)])


def is_there(path: str) -> bool:
    """From the root or, as documents shorten it, from below one of the rooms."""
    wanted = path.rstrip("/").rstrip(".").rstrip("/")
    known = files() if not path.endswith("/") else folders()
    return any(fnmatch.fnmatch(name, pattern) for pattern in (wanted, f"*/{wanted}") for name in known) or (
        wanted in folders() or any(folder.endswith(f"/{wanted}") for folder in folders())
    )


def paths_in(text: str) -> set[str]:
    """Whole words that start in a folder of the project, and the names of modules."""
    rooms = {name.split("/")[0] for name in files() if "/" in name}
    words = {word.strip("'\"(),;:") for word in re.split(r"[\s=]+", code_in(text))}
    found = {word.removeprefix("/opt/send-tracker/current/") for word in words}
    return {
        word
        for word in found
        if PATH.fullmatch(word) and (word.split("/")[0] in rooms or (word.endswith(".py") and word != "manage.py"))
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document):
    missing = sorted(path for path in paths_in(text_of(document)) if not is_there(path))
    assert not missing, f"{document.name} names files that are not there: {', '.join(missing)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document):
    ways = [way for way in LINK.findall(FENCED.sub("", text_of(document))) if "://" not in way]
    missing = sorted(way for way in ways if not (document.parent / way).exists())
    assert not missing, f"{document.name} links to what is not there: {', '.join(missing)}"


@cache
def known_tests() -> frozenset[str]:
    ours = [name for name in files() if name.startswith("tests/") and name.endswith(".py")]
    return frozenset(
        found
        for name in ours
        for found in (Path(name).stem, *re.findall(r"def (test_\w+)\(", (ROOT / name).read_text("utf-8")))
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_document_names_is_written(document):
    missing = sorted(set(TEST.findall(code_in(text_of(document)))) - known_tests())
    assert not missing, f"{document.name} names tests that nobody wrote: {', '.join(missing)}"


@cache
def options_of(command: str) -> frozenset[str]:
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    return frozenset(option for action in parser._actions for option in action.option_strings)


def commands_in(text: str) -> list[tuple[str, list[str]]]:
    return [(name, OPTION.findall(rest)) for name, rest in COMMAND.findall(code_in(text))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_a_document_names_is_known_with_its_options(document):
    missing = set()
    for name, options in commands_in(text_of(document)):
        if name not in get_commands():
            missing.add(name)
        else:
            missing |= {f"{name} {option}" for option in options if option not in options_of(name)}
    assert not missing, f"{document.name} names commands that manage.py does not have: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_a_document_names_is_in_the_makefile(document):
    known = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    missing = sorted(set(TARGET.findall(code_in(text_of(document)))) - known)
    assert not missing, f"{document.name} names targets that the Makefile does not have: {', '.join(missing)}"


def is_known(name: str) -> bool:
    """A setting, a variable or a constant that the source reads or defines; a period of `retain` by its name."""
    retained = {f"RETAIN_{period.upper()}_DAYS" for period in DEFAULTS}
    said = rf"[\"']{name}[\"'=]|^\s*{name}\b[^=\n]*=|\$\{{?{name}\b"
    return hasattr(settings, name) or name in retained or re.search(said, source(), re.MULTILINE) is not None


def variables_in(text: str) -> set[str]:
    """Those in backticks, and in fences those that are set there and used nowhere else in it."""
    rest = FENCED.sub("", text)
    ticked = {name for span in TICKED.findall(rest) for name in VARIABLE.findall(span)}
    of_files = {
        name
        for fence in FENCED.findall(text)
        for name in re.findall(r"^(?:export )?([A-Z][A-Z0-9_]+)=", fence, re.MULTILINE)
        if f"${name}" not in fence
    }
    return ticked | of_files


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_that_a_document_names_is_read_by_the_product(document):
    missing = sorted(name for name in variables_in(text_of(document)) if not is_known(name))
    assert not missing, f"{document.name} names settings that nothing reads: {', '.join(missing)}"


# Sections of ASVS 5.0 and how many requirements of levels 1 and 2 each has; they are numbered from 1.
REQUIREMENTS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2
5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2
10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2
13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
""".split()
STANDS = ("met", "partly", "not met", "n/a", "*operator*", "met, *operator*", "met on PostgreSQL")


def lines_of_the_assessment() -> list[tuple[str, str]]:
    """The numbers of each line, and how it stands."""
    cells = [line.strip("| ").split(" | ") for line in text_of(ROOT / "docs/security.md").splitlines()]
    return [(cell[0], cell[2]) for cell in cells if len(cell) > 2 and re.match(r"\d+\.\d+\.\d+", cell[0])]


def numbers_in(cell: str) -> list[str]:
    """With those between: 5.2.1–3."""
    return [
        f"{section}.{number}"
        for section, first, last in re.findall(r"(\d+\.\d+)\.(\d+)(?:–(\d+))?", cell)
        for number in range(int(first), int(last or first) + 1)
    ]


def test_every_requirement_of_levels_1_and_2_has_one_line_of_the_assessment():
    wanted = [
        f"{section}.{n}" for section, most in (one.split(":") for one in REQUIREMENTS) for n in range(1, int(most) + 1)
    ]
    given = [number for cell, _ in lines_of_the_assessment() for number in numbers_in(cell)]

    assert [number for number in wanted if given.count(number) != 1] == []
    assert {stands for _, stands in lines_of_the_assessment()} <= set(STANDS)


def test_what_is_not_there_is_noticed():
    """What the tests above rely on."""
    text = (
        "`people/no_such_module.py`, `test_no_such_test`, `manage.py no_such_command`, `manage.py backup --no-such-option`,"
        " `NO_SUCH_SETTING`, `make no-such-target` and `people/joining.py`, `manage.py backup --keep 3`, `SECRET_KEY`."
    )
    assert [path for path in paths_in(text) if not is_there(path)] == ["people/no_such_module.py"]
    assert set(TEST.findall(code_in(text))) - known_tests() == {"test_no_such_test"}
    named = commands_in(text)
    assert [name for name, _ in named if name not in get_commands()] == ["no_such_command"]
    assert [o for name, options in named[1:] for o in options if o not in options_of(name)] == ["--no-such-option"]
    assert [name for name in variables_in(text) if not is_known(name)] == ["NO_SUCH_SETTING"]
