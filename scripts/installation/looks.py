"""What came of the steps: each method looks at one side of the installation, and raises `Failed` with what does not hold."""

import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Callable
from hashlib import sha256

from scripts.installation.machine import HOST, Failed, Machine
from scripts.installation.raw_requests import tried
from scripts.installation.visitor import Visitor

ADMINISTRATOR = f"administrator@{HOST}"
OFFICER = f"officer@{HOST}"
FORGED = "198.51.100.7"
REPORT = "The waiting list was read through with the hospital, name by name."
EVIDENCE = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MODES = {
    "/opt/send-tracker/releases/1": "root:root 755",
    "/opt/send-tracker/releases/1/send_tracker/settings.py": "root:root 664|root:root 644",
    "/etc/send-tracker": "root:send-tracker 750",
    "/etc/send-tracker/web.env": "root:send-tracker 640",
    "/etc/send-tracker/owner.env": "root:root 600",
    "/etc/send-tracker/tls/key.pem": "root:root 600",
    "/var/lib/send-tracker": "send-tracker:send-tracker 750",
    "/var/lib/send-tracker/files": "send-tracker:send-tracker 700",
    "/var/lib/send-tracker/backups": "send-tracker:send-tracker 700",
    "/run/send-tracker.sock": "www-data:www-data 600",
}
JOBS = ("reminders", "backup", "tidy-files", "sessions", "retention")
SERVICES = " ".join(f"send-tracker-{name}.service" for name in ("web", *JOBS))
WORST_EXPOSURE = 2.5
CHANGE_OF_KEY = r"""
settings=/etc/send-tracker/web.env
old=$(sed -n "s/^SECRET_KEY='\(.*\)'/\1/p" $settings)
sed -i "s/^SECRET_KEY=.*/SECRET_KEY='$(openssl rand -hex 48)'/" $settings
echo "SECRET_KEY_FALLBACKS=$old" >> $settings
systemctl restart send-tracker-web
send-tracker encrypt_anew
sed -i /^SECRET_KEY_FALLBACKS=/d $settings
systemctl restart send-tracker-web
"""
SECONDS_OF_PATIENCE = 30


def expect(holds: object, words: str) -> None:
    if not holds:
        raise Failed(f"This does not hold: {words}")


def wait_until(holds: Callable[[], bool], words: str) -> None:
    """For what takes a moment: nginx answers with its old settings for a while after it was told to read new ones."""
    for _ in range(SECONDS_OF_PATIENCE):
        if holds():
            return
        time.sleep(1)
    raise Failed(f"This does not hold: {words}")


def leads_to_https() -> bool:
    line = http.client.HTTPConnection("127.0.0.1", 80, timeout=20)
    line.request("GET", "/testshire/?as_at=2026-01-01", headers={"Host": HOST})
    answer = line.getresponse()
    return answer.status == 301 and answer.headers["Location"].startswith(f"https://{HOST}/")


class Looks:
    def __init__(self, machine: Machine):
        self.machine = machine
        self.passwords: dict[str, str] = {}
        self.recovery_codes: dict[str, list[str]] = {}
        self.held: dict[str, str] = {}

    def visitor(self) -> Visitor:
        return Visitor(self.machine.said("cat /etc/send-tracker/tls/certificate.pem"))

    def database(self, statement: str) -> str:
        return self.machine.said(f'runuser -u postgres -- psql -At -d send_tracker -c "{statement}"')

    def property(self, unit: str, name: str) -> str:
        return self.machine.said(f"systemctl show --value --property {name} {unit}")

    # The installation as the steps left it

    def pages(self) -> None:
        with self.machine.network():
            wait_until(leads_to_https, "HTTP leads to HTTPS")
            answer, page = self.visitor().ask("/accounts/login/")
            style = re.search(r'href="(/static/tracker\.[0-9a-f]{12}\.css)"', page.decode())[1]
            styles, _ = self.visitor().ask(style, Accept_Encoding="gzip")
            foreign, _ = self.visitor().ask("/accounts/login/", Host="elsewhere.example")
        said = answer.headers
        expect(answer.status == 200, "the sign-in page answers by HTTPS")
        expect("max-age=31536000" in said["Strict-Transport-Security"], "HSTS for a year")
        expect("default-src 'none'" in said["Content-Security-Policy"], "the strict content policy")
        expect("report-uri /csp-report" in said["Content-Security-Policy"], "where breaches of it are reported")
        expect("camera=()" in said["Permissions-Policy"], "the permissions policy")
        expect(
            said["Set-Cookie"].startswith("__Host-csrftoken=") and "Secure" in said["Set-Cookie"],
            "cookies for this host alone",
        )
        expect(re.fullmatch("[0-9a-f]{32}", said["X-Request-ID"]), "the web server's request id comes back")
        expect(
            styles.headers["Content-Encoding"] == "gzip" and "immutable" in styles.headers["Cache-Control"],
            "the style sheet is compressed and kept",
        )
        expect(foreign.status in (400, 421), "another host's name is refused")

    def sign_in(self) -> None:
        with self.machine.network():
            refused, _ = self.visitor().sign_in(ADMINISTRATOR, "not-the-password")
            somebody = self.first_sign_in(ADMINISTRATOR, X_Forwarded_For=FORGED)
        expect(refused.status == 200, "a wrong password is refused")
        expect("__Host-sessionid" in somebody.cookies, "the session's cookie is for this host alone")
        where = self.database("SELECT DISTINCT host(ip_address) FROM people_auditentry WHERE kind = 'sign_in'")
        expect(where == "127.0.0.1", f"the visitor's address is the web server's word, not the visitor's: {where}")

    def first_sign_in(self, address: str, **headers: str) -> Visitor:
        """The password alone opens nothing before a second step is set up."""
        somebody = self.visitor()
        entered, _ = somebody.sign_in(address, self.passwords[address], **headers)
        expect(entered.status == 302, "the printed password lets in")
        kept_out, _ = somebody.page("/")
        expect("/second-step/" in kept_out, f"the second step is asked for before anything opens, not {kept_out}")
        self.recovery_codes[address] = somebody.set_second_step_up(self.passwords[address])
        expect(len(self.recovery_codes[address]) >= 5, "recovery codes are shown")
        self.has_entered(somebody)
        return somebody

    def signed_in(self, address: str) -> Visitor:
        somebody = self.visitor()
        entered, _ = somebody.sign_in(address, self.passwords[address])
        path, page = somebody.page(somebody.led(entered))
        expect("/second-step/code/" in path, f"the second step is asked for at each sign-in, not {path}")
        somebody.send(path, page, code=self.recovery_codes[address].pop())
        self.has_entered(somebody)
        return somebody

    def has_entered(self, somebody: Visitor) -> None:
        path, _ = somebody.page("/")
        expect(not path.startswith("/accounts/"), f"a page behind the sign-in opens, not {path}")

    def figures(self) -> None:
        token = re.search(r"METRICS_TOKEN='(\w+)'", self.machine.said("cat /etc/send-tracker/web.env"))[1]
        with self.machine.network():
            without, _ = self.visitor().ask("/metrics")
            _, page = self.visitor().ask("/metrics", Authorization=f"Bearer {token}")
        expect(without.status == 404, "no figures without the token")
        for name in (
            "database_up 1.0",
            'requests_total{method="POST",route="account_login"',
            "last_backup_timestamp_seconds",
        ):
            expect(f"send_tracker_{name}" in page.decode(), f"the figure {name}")

    def tables(self) -> None:
        expect("[ ]" not in self.machine.said("send-tracker showmigrations --plan"), "every migration is done")
        for verb in ("DELETE FROM", "TRUNCATE", "DROP TABLE"):
            statement = f'set -a; . /etc/send-tracker/web.env; psql "$DATABASE_URL" -c "{verb} people_auditentry"'
            refused = self.machine.run(statement, check=False)
            expect(re.search("must be owner|permission denied", refused.stderr), f"{verb} of the audit log is refused")

    def modes(self) -> None:
        for path, wanted in MODES.items():
            found = self.machine.said(f"stat -c '%U:%G %a' {path}")
            expect(found in wanted.split("|"), f"{path} is {wanted}, not {found}")
        writable = self.machine.said(
            r"find /opt/send-tracker \( -user send-tracker -o -perm -o+w \) -not -type l | head"
        )
        expect(not writable, f"nothing of the program can be written by its user: {writable}")

    # systemd

    def units(self) -> None:
        names = " ".join(f"/etc/systemd/system/send-tracker-*.{kind}" for kind in ("service", "socket", "timer"))
        verified = self.machine.run(f"systemd-analyze verify --recursive-errors=no {names}", check=False)
        expect(verified.returncode == 0 and not verified.stderr, f"systemd takes the units: {verified.stderr}")
        for file in self.machine.said("ls /etc/systemd/system/send-tracker-*.service").split():
            said = self.machine.said(f"systemd-analyze security --offline=true --no-pager {file} | tail -n 1")
            figure = float(re.search(r": (\d+\.\d)", said)[1])
            print(f" {file.rpartition('-')[2].removesuffix('.service')} {figure}", end="", flush=True)
            expect(figure <= WORST_EXPOSURE, f"{file} is open to {WORST_EXPOSURE} of 10 at most, not {figure}")
        for name in JOBS:
            expect(self.property(f"send-tracker-{name}.timer", "ActiveState") == "active", f"the timer of {name} is on")
            due = self.property(f"send-tracker-{name}.timer", "NextElapseUSecRealtime")
            expect(due, f"the timer of {name} knows its hour")

    def fences(self) -> None:
        """What the units forbid is forbidden to the process that runs."""
        pid = self.property("send-tracker-web.service", "MainPID")
        status = dict(re.findall(r"^(\w+):\s+(.+)$", self.machine.said(f"cat /proc/{pid}/status"), re.MULTILINE))
        for name, wanted in {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16, "CapBnd": "0" * 16}.items():
            expect(status[name] == wanted, f"{name} of the web service is {wanted}, not {status[name]}")
        inside = f"nsenter --target {pid} --mount"
        for folder in ("/etc", "/usr", "/opt/send-tracker/current", "/var/log", "/var/lib/postgresql"):
            tried_to = self.machine.run(f"{inside} touch {folder}/written", check=False)
            expect("Read-only file system" in tried_to.stderr, f"{folder} cannot be written from within")
        expect(not self.machine.said(f"{inside} ls -A /home /root | grep -v : || true"), "homes are empty from within")
        self.machine.run(
            f"{inside} touch /var/lib/send-tracker/files/.written && rm /var/lib/send-tracker/files/.written"
        )

    def jobs(self) -> None:
        for name in JOBS:
            self.machine.run(f"systemctl start send-tracker-{name}.service")
        held = json.loads(self.machine.said("cat /var/lib/send-tracker/backups/last.json"))
        expect(held["size"] > 1000 and len(held["sha256"]) == 64, "the last backup is told")

    def order(self) -> None:
        """A backup that takes longer than usual: what takes something away comes up while it is still at work."""
        later = ("tidy-files", "sessions", "retention")
        self.machine.run("systemctl start --no-block send-tracker-backup")
        self.machine.run(f"systemctl start {' '.join(f'send-tracker-{name}' for name in later)}")
        ended = int(self.property("send-tracker-backup.service", "ExecMainExitTimestampMonotonic"))
        for name in later:
            began = int(self.property(f"send-tracker-{name}.service", "ExecMainStartTimestampMonotonic"))
            expect(began >= ended, f"{name} waits for the backup")

    def logs(self) -> None:
        self.machine.run("journalctl --sync")
        own = " + ".join(f"_SYSTEMD_UNIT={name}" for name in SERVICES.split()[:1])
        lines = self.machine.said(f"journalctl {own} --output cat --no-pager").splitlines()
        read = [json.loads(line) for line in lines if line.startswith("{")]
        expect(
            len(read) == len(lines), f"each line of the log is JSON: {[line for line in lines if line[0] != '{'][:3]}"
        )
        expect(
            any(line.get("route") == "account_login" and line["status"] == 302 for line in read),
            "a sign-in has its line",
        )
        everything = self.machine.said("journalctl --unit 'send-tracker-*' --no-pager")
        for word in ("administrator@", "officer@", FORGED, REPORT, *self.passwords.values()):
            expect(word not in everything, f"{word} is not in the journal")

    def rotation(self) -> None:
        expect(self.property("logrotate.timer", "ActiveState") == "active", "logs are rotated daily")
        self.machine.run("logrotate --force /etc/logrotate.d/nginx")
        wait_until(self.writes_into_the_new_file, "nginx writes into the new file")
        before = self.machine.said("cat /var/log/nginx/send-tracker.log.1")
        expect("/accounts/login/" in before, "what was written before is in the old file")
        expect(ADMINISTRATOR not in before, "nobody's e-mail address is in nginx's log")

    def writes_into_the_new_file(self) -> bool:
        with self.machine.network():
            self.visitor().ask("/healthz")
        return "/healthz" in self.machine.said("cat /var/log/nginx/send-tracker.log")

    def killed(self) -> None:
        """The main process dies: the socket stays, whoever comes waits, and systemd starts it again."""
        before = self.property("send-tracker-web.service", "MainPID")
        self.machine.run("systemctl kill --kill-who=main --signal=KILL send-tracker-web.service")
        self.answers("after its main process was killed")
        expect(self.property("send-tracker-web.service", "MainPID") not in ("0", before), "it is a new process")
        expect(self.property("send-tracker-web.service", "NRestarts") == "1", "it was started again once")

    def activation(self) -> None:
        self.machine.run("systemctl stop send-tracker-web.service")
        expect(self.property("send-tracker-web.socket", "ActiveState") == "active", "the socket stays open")
        self.answers("started by the first visitor, through the socket")

    def database_restarted(self) -> None:
        self.machine.run("systemctl restart postgresql@15-main.service")
        self.answers("after PostgreSQL was restarted")

    def booted(self) -> None:
        self.machine.start_again()
        self.answers("after the machine was shut down and booted")
        self.machine.lose_power()
        self.answers("after every process of the machine was killed at once, and it was booted")

    def answers(self, when: str) -> None:
        with self.machine.network():
            answer, page = self.visitor().ask("/accounts/login/")
        expect(answer.status == 200 and b"csrfmiddlewaretoken" in page, f"it answers {when}: {answer.status}")
        expect(self.property("send-tracker-web.service", "ActiveState") == "active", f"the service is active {when}")

    def certificate(self, make_one: str) -> None:
        old = self.visitor()
        self.machine.run(f"{make_one}\nnginx -t\nsystemctl reload nginx")
        new = self.visitor()
        with self.machine.network():
            wait_until(lambda: trusts(new) and not trusts(old), "the new certificate is shown, and the old one no more")

    def key_changed(self) -> None:
        """As the document says under SECRET_KEY: a second step that was set up under the old key still opens."""
        self.machine.run(CHANGE_OF_KEY)
        with self.machine.network():
            self.signed_in(OFFICER)

    # Requests that two servers might read differently

    def requests_read_alike(self) -> dict:
        self.machine.run("nginx -s reopen; systemctl restart nginx; truncate --size 0 /var/log/nginx/send-tracker.log")
        since = self.machine.said("journalctl --sync; journalctl --no-pager -n 1 --show-cursor -o cat | tail -n 1")
        visitor, path = self.visitor(), str(self.machine.file("/run/send-tracker.sock"))
        with self.machine.network():
            before = tried(visitor.connect)
        seen = self.ids_seen(since.removeprefix("-- cursor: "))
        written = set(
            re.findall(r"^\S+ ([0-9a-f]{32}) ", self.machine.said("cat /var/log/nginx/send-tracker.log"), re.M)
        )
        expect(len(seen) > 20, f"the SEND tracker was asked: {len(seen)}")
        expect(len(set(seen)) == len(seen), "it saw no request twice")
        expect(set(seen) <= written, f"it saw none that nginx did not: {set(seen) - written}")
        alone = tried(lambda: to_socket(path))
        unknown = set(self.ids_seen(since.removeprefix("-- cursor: "))) - written
        expect(unknown, "a request past nginx would have been noticed")
        print(f" {len(before)} tried, nginx saw {len(written)}, handed on {len(seen)};", end="")
        return {case: (said, alone[case]) for case, said in before.items()}

    def ids_seen(self, cursor: str) -> list[str]:
        self.machine.run("journalctl --sync")
        told = f"journalctl --after-cursor '{cursor}' _SYSTEMD_UNIT=send-tracker-web.service -o cat --no-pager"
        lines = [json.loads(line) for line in self.machine.said(told).splitlines() if line.startswith("{")]
        return [line["request_id"] for line in lines if "route" in line]

    # What must outlive an upgrade

    def something_to_keep(self) -> None:
        """The published plans, an officer's report in words, and a file."""
        self.machine.run("send-tracker seed")
        said = self.machine.said(f"send-tracker add_person {OFFICER} --area lewisham --role officer")
        self.passwords[OFFICER] = re.search(r"Password, shown this once: (\S+)", said)[1]
        key = self.database(
            "SELECT action.key FROM workstrands_action action JOIN strategies_area area ON area.id = action.area_id "
            "JOIN strategies_strategy plan ON plan.id = action.strategy_id "
            "WHERE area.slug = 'lewisham' ORDER BY plan.ends_on DESC, action.id LIMIT 1"
        )
        with self.machine.network():
            officer = self.first_sign_in(OFFICER)
            path, page = officer.page(f"/lewisham/actions/{key}/update/")
            blank = dict.fromkeys(("next_steps", "cause", "ask", "impact", "evidence_1_url"), "")
            given = blank | {
                "status": "G",
                "narrative": REPORT,
                "evidence_1_title": "The list",
                "evidence_1_kind": "document",
            }
            answer, page = officer.send(path, page, **given, file=("evidence_1_file", "list.pdf", EVIDENCE))
        expect(answer.status == 302, f"the report is taken: {answer.status}")
        self.held = self.counts()
        self.held["report"] = f"/lewisham/actions/{key}/"

    def counts(self) -> dict[str, str]:
        tables = self.database(
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_stat_user_tables "
            "WHERE relname !~ '^(django_|axes_|usersessions_|people_auditentry|strategies_dataversion|shared_counts|"
            "search|board_search|next_release|auth_permission)'"
        ).split()
        counted = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables)
        return dict(line.split("|") for line in self.database(counted).splitlines())

    def kept(self) -> None:
        """Every row that was counted, the report's words, and the file to the byte."""
        counted = self.counts()
        differ = {name: (was, counted.get(name)) for name, was in self.held.items() if name != "report"}
        differ = {name: both for name, both in differ.items() if both[0] != both[1]}
        for growing in ("mfa_authenticator", "people_user", "people_membership", "people_historicalmembership"):
            differ.pop(growing, None)
        expect(not differ, f"as many rows as before: {differ}")
        with self.machine.network():
            officer = self.signed_in(OFFICER)
            _, page = officer.page(self.held["report"])
            expect(REPORT in page, "the report's words are on its page")
            address = re.search(r'href="(/lewisham/evidence/[^"/]+/)"', page)[1]
            _, file = officer.ask(address)
        expect(sha256(file).digest() == sha256(EVIDENCE).digest(), "the file is the one that was sent")


def trusts(visitor: Visitor) -> bool:
    try:
        return visitor.ask("/healthz")[0].status == 200
    except ssl.SSLCertVerificationError:
        return False


def to_socket(path: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    return line
