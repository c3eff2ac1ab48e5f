"""Boots a clean Debian, carries out docs/installation.md in it from the document itself, and looks at what came of it.

    make try-installation                  as root; needs debootstrap, systemd-nspawn (systemd-container) and Debian's mirror
    make try-installation ARGS=--keep      leaves its root for somebody to look into

The fenced bash blocks are run in order, with the systemd of the machine that was booted. Those that fetch packages have this machine's
network and its settings for apt, pip and npm; all others have a network of their own with nothing in it but loopback, so that no port
of this machine is taken. Release 2 has a migration more than release 1, so that an upgrade and the way back change tables.
"""

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from scripts.installation.looks import ADMINISTRATOR, Looks, expect  # noqa: E402 - found by the line above
from scripts.installation.machine import NEEDED, Failed, Machine, fit_out, make_root, write  # noqa: E402
from scripts.installation.next_release import NAME, archive_of_checkout, archive_of_next_release  # noqa: E402

INSTALLATION = CHECKOUT / "docs" / "installation.md"
SAFEKEEPING = CHECKOUT / "docs" / "safekeeping.md"
COPIES = "Copies that leave the machine"
FETCHES = re.compile(r"apt-get|pip install|scripts/assets\.py")


@dataclass(frozen=True)
class Block:
    section: str
    text: str


def blocks_of(document: str) -> list[Block]:
    """The fenced bash blocks in order, each with the heading that it stands under."""
    found, section, lines = [], "", None
    for line in document.splitlines():
        if lines is not None and line.startswith("```"):
            found.append(Block(section, "\n".join(lines)))
            lines = None
        elif lines is not None:
            lines.append(line)
        elif line.startswith("```bash"):
            lines = []
        elif line.startswith(("## ", "### ")):
            section = line.lstrip("#").strip()
    return found


class Steps:
    """Prints each step with the seconds that it took."""

    def __init__(self):
        self.began = time.monotonic()

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        started = time.monotonic()
        print(f"== {words} ...", end="", flush=True)
        try:
            yield
        except BaseException:
            print(f" failed after {time.monotonic() - started:.1f} s", flush=True)
            raise
        print(f" {time.monotonic() - started:.1f} s", flush=True)

    def total(self) -> float:
        return time.monotonic() - self.began


class Trial:
    """The document carried out, section by section, with a look after those that come to something."""

    def __init__(self, machine: Machine, steps: Steps):
        self.machine, self.steps, self.looks = machine, steps, Looks(machine)
        self.sections: dict[str, list[Block]] = {}
        for block in blocks_of(INSTALLATION.read_text(encoding="utf-8")):
            self.sections.setdefault(block.section, []).append(block)

    def carry_out(self) -> None:
        for section, blocks in self.sections.items():
            self.run(section, blocks)
            if section.startswith("7."):
                self.after_installing(blocks)
            elif section == "A new release":
                self.after_upgrading()
            elif section == "Moving back":
                self.after_moving_back()

    def run(self, section: str, blocks: list[Block]) -> None:
        for number, block in enumerate(blocks, 1):
            with self.steps.step(f"{section} ({number} of {len(blocks)})"):
                said = self.machine.run(block.text, fetches=bool(FETCHES.search(block.text))).stdout
            if printed := re.search(r"Password, shown this once: (\S+)", said):
                self.looks.passwords[ADMINISTRATOR] = printed[1]

    def look(self, *names: str) -> None:
        for name in names:
            with self.steps.step(f"   looked at: {name.replace('_', ' ')}"):
                getattr(self.looks, name)()

    def after_installing(self, of_the_web_server: list[Block]) -> None:
        self.look("pages", "sign_in", "jobs", "figures", "tables", "modes", "units", "fences", "something_to_keep")
        self.look("order", "rotation", "activation", "killed", "database_restarted", "key_changed", "logs")
        with self.steps.step("   looked at: another certificate"):
            self.looks.certificate(of_the_web_server[0].text)
        with self.steps.step("   looked at: requests that two servers might read differently"):
            read = self.looks.requests_read_alike()
        told = Path(tempfile.gettempdir(), "send-tracker-requests.txt")
        write(told, table_of(read))
        print(f"   what came back of each: {told}")
        self.look("booted")
        self.copies()

    def copies(self) -> None:
        """The key is made elsewhere: the installation has the public half alone."""
        blocks = [block for block in blocks_of(SAFEKEEPING.read_text(encoding="utf-8")) if block.section == COPIES]
        self.run(COPIES, blocks[:1])
        public = self.machine.said("install -d -m 0700 /elsewhere && age-keygen -o /elsewhere/backup-reader.key 2>&1")
        write(self.machine.file("/etc/send-tracker/backup-readers.txt"), f"{public.rpartition(': ')[2]}\n")
        self.run(COPIES, blocks[1:])
        with self.steps.step("   looked at: the encrypted copy opens with the key, and is the backup"):
            newest = self.machine.said("ls /var/lib/send-tracker/copies/*.age | tail -n 1")
            archive = newest.rpartition("/")[2].removesuffix(".age")
            self.machine.run(
                f"age --decrypt --identity /elsewhere/backup-reader.key --output /elsewhere/a.zip {newest}"
            )
            self.machine.run(f"cmp /elsewhere/a.zip /var/lib/send-tracker/backups/{archive}")
            expect(self.machine.said(f"head -c 21 {newest}") == "age-encryption.org/v1", "it is encrypted")
            expect(self.machine.said(f"stat -c '%U %a' {newest}") == "send-tracker 600", "only its owner reads it")

    def after_upgrading(self) -> None:
        with self.steps.step("   looked at: release 2 has its table, and all that was there before"):
            self.is_release("2")
            applied = "SELECT count(*) FROM django_migrations WHERE name = "
            expect(self.looks.database(f"{applied}'{NAME}'") == "1", "the migration of release 2 ran")
            areas, told = (
                self.looks.database(f"SELECT count(*) FROM {name}")
                for name in ("strategies_area", "strategies_nextrelease")
            )
            expect(areas == told, f"a row of each area: {told} of {areas}")
        with self.steps.step("   a night passes, and somebody joins"):
            self.looks.jobs()
            self.machine.run(
                f"send-tracker add_person later@{ADMINISTRATOR.partition('@')[2]} --area Testshire --role board"
            )

    def after_moving_back(self) -> None:
        with self.steps.step("   looked at: release 1 as it was before"):
            self.is_release("1")
            people = self.looks.database(
                "SELECT string_agg(split_part(email, '@', 1), ' ' ORDER BY email) FROM people_user"
            )
            expect(people == "administrator officer", f"who joined since is not there: {people}")
            gone = "SELECT to_regclass('strategies_nextrelease') IS NULL"
            expect(self.looks.database(gone) == "t", "the table of release 2 is gone")
            self.looks.tables()

    def is_release(self, number: str) -> None:
        current = self.machine.said("readlink /opt/send-tracker/current")
        expect(current.endswith(f"/{number}"), f"release {number} is the current one, not {current}")
        self.looks.pages()
        self.looks.kept()


def table_of(read: dict) -> str:
    """A line a request: what came back through nginx, and from gunicorn alone."""
    return "".join(f"{group} | {name} | {said} | {alone}\n" for (group, name), (said, alone) in read.items())


def main() -> None:
    lacking = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() or lacking:
        sys.exit("This is run as root, on a Debian: apt-get install debootstrap systemd-container")
    steps, folder = Steps(), Path(tempfile.mkdtemp(prefix="send-tracker-installation-"))
    folder.chmod(0o755)
    machine = None
    try:
        with steps.step("A clean Debian"):
            make_root(folder)
        with steps.step("booted"):
            fit_out(folder)
            archive_of_checkout(folder / "usr/local/src/send-tracker-1.tar.gz")
            archive_of_next_release(folder / "usr/local/src/send-tracker-2.tar.gz")
            machine = Machine(folder)
        Trial(machine, steps).carry_out()
    except Failed as problem:
        print(f"\n{problem}", flush=True)
        sys.exit(1)
    finally:
        if machine:
            machine.end()
        if "--keep" in sys.argv:
            print(f"The root is left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"== All of it: {steps.total():.0f} s")


if __name__ == "__main__":
    main()
