"""What an installation says in environment variables, read once into plain values.

In development nothing need be said. In production whatever is missing or unsafe is found before anything is served, and all of it
is told at once: each line says what to set, with an example. Pure: it reads the mapping that it is given, and no file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from common.email_settings import settings_of

DEVELOPMENT, PRODUCTION = "development", "production"
SECRET_OF_DEVELOPMENT = "for-development-and-demonstration-only-never-for-production-use"
SHORTEST_SECRET = 50
SHORTEST_TOKEN = 20
DJANGO_POSTGRESQL = "django.db.backends.postgresql"
POSTGRESQL = "send_tracker.postgresql"  # Django's own, with bounds on waiting
UNIX = "unix"  # of TRUSTED_PROXY: whatever comes through a socket that only the proxy may open
LOOPBACK = ("localhost", "127.0.0.1", "::1")
YES_OR_NO = {"": False, "0": False, "1": True}
FALLBACK_EXAMPLE = "the-SECRET_KEY-that-was-there-before"
NEW_SECRET = "$(python3 -c 'import secrets; print(secrets.token_urlsafe(64))')"


class BadEnvironment(ImproperlyConfigured):
    """The text is the whole list."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        count = "One thing" if len(problems) == 1 else f"{len(problems)} things"
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{count} in the environment must be put right before the SEND tracker starts:\n{lines}")


@dataclass(frozen=True)
class Environment:
    is_production: bool
    debug: bool
    secret_key: str
    secret_key_fallbacks: list[str]
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    site_address: str
    trusted_proxies: list[str]
    redirects_to_https: bool
    database: dict[str, Any]
    replica: dict[str, Any]  # empty where there is none
    email: dict[str, Any]
    from_email: str
    files_root: str
    backup_root: str
    metrics_token: str
    requires_second_factor: bool
    breached_passwords_url: str  # empty where nobody is asked
    session_idle_minutes: int
    session_longest_hours: int
    openid_apps: list[dict[str, Any]]  # as django-allauth takes them; empty without a provider
    openid_trusts_addresses: bool
    openid_required_acr: list[str]
    openid_required_amr: list[str]
    openid_required_context: list[str]
    evidence_max_bytes: int
    area_files_max: int
    area_files_max_bytes: int
    writes_a_minute: int
    virus_scanner_seconds: int

    @property
    def openid_origins(self) -> list[str]:
        """Where a browser is sent to sign in: scheme and host of each provider."""
        issuers = [urlsplit(app["settings"]["server_url"]) for app in self.openid_apps]
        return [f"{issuer.scheme}://{issuer.netloc}" for issuer in issuers]


class Reader:
    """Takes values out of a mapping, and notes what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]):
        self.environ = environ
        self.problems: list[str] = []

    def wrong(self, name: str, says: str, example: str) -> None:
        self.problems.append(f"{name} {says} For example: {name}={example}")

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def listed(self, name: str, default: str = "") -> list[str]:
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        text = self.text(name, str(default))
        if text.isascii() and text.isdigit() and len(text) < 15 and int(text) >= least:
            return int(text)
        self.wrong(name, f"is no whole number of {least} or more.", str(default))
        return default

    def flag(self, name: str, default: str = "0") -> bool:
        text = self.text(name, default)
        if text not in YES_OR_NO:
            self.wrong(name, "is neither 1 (yes) nor 0 (no).", default)
        return YES_OR_NO.get(text, False)

    def parsed(self, name: str, parse: Callable[[str], Any], example: str, default: Any) -> Any:
        """What `parse` makes of the text; `default` where it cannot, which is noted without the text: it may hold a password."""
        try:
            return parse(self.text(name))
        except (ImproperlyConfigured, ValueError, KeyError, TypeError):
            self.wrong(name, "is not understood.", example)
            return default


def read(environ: Mapping[str, str], *, base: Path) -> Environment:
    """`base` is the folder of the program. `BadEnvironment` says everything that must be put right."""
    reader = Reader(environ)
    kind = reader.text("SEND_TRACKER_ENVIRONMENT", DEVELOPMENT)
    if kind not in (DEVELOPMENT, PRODUCTION):
        reader.wrong("SEND_TRACKER_ENVIRONMENT", f"is neither {PRODUCTION} nor {DEVELOPMENT}.", PRODUCTION)
    found = _values(reader, is_production=kind == PRODUCTION, base=base)
    _judge_everywhere(found, reader)
    if found.is_production:
        _judge_production(found, reader, base=base)
    if reader.problems:
        raise BadEnvironment(reader.problems)
    return found


def _values(reader: Reader, *, is_production: bool, base: Path) -> Environment:
    here = "" if is_production else "localhost,127.0.0.1,[::1],testserver"
    hosts = reader.listed("ALLOWED_HOSTS", here)
    return Environment(
        is_production=is_production,
        debug=reader.flag("DEBUG"),
        secret_key=reader.text("SECRET_KEY", "" if is_production else SECRET_OF_DEVELOPMENT),
        secret_key_fallbacks=reader.listed("SECRET_KEY_FALLBACKS"),
        allowed_hosts=hosts,
        csrf_trusted_origins=reader.listed("CSRF_TRUSTED_ORIGINS"),
        site_address=reader.text("SITE_ADDRESS", _address_of(hosts, is_production)).rstrip("/"),
        trusted_proxies=reader.listed("TRUSTED_PROXY"),
        redirects_to_https=reader.flag("SECURE_SSL_REDIRECT", "1" if is_production else "0"),
        database=_database(reader, base),
        replica=_replica(reader),
        email=_email(reader, base),
        from_email=reader.text("DEFAULT_FROM_EMAIL", "SEND tracker <noreply@localhost>"),
        files_root=reader.text("FILES_ROOT", "" if is_production else str(base / "files")),
        backup_root=reader.text("BACKUP_ROOT", "" if is_production else str(base / "var" / "backups")),
        metrics_token=reader.text("METRICS_TOKEN"),
        requires_second_factor=reader.flag("REQUIRE_SECOND_FACTOR"),
        breached_passwords_url=reader.text("BREACHED_PASSWORDS_URL"),
        session_idle_minutes=reader.number("SESSION_IDLE_MINUTES", 60),
        session_longest_hours=reader.number("SESSION_LONGEST_HOURS", 12),
        openid_apps=_openid(reader, is_production=is_production),
        openid_trusts_addresses=reader.flag("OIDC_TRUSTS_ADDRESSES"),
        openid_required_acr=reader.listed("OIDC_REQUIRED_ACR"),
        openid_required_amr=reader.listed("OIDC_REQUIRED_AMR"),
        openid_required_context=reader.listed("OIDC_REQUIRED_CONTEXT"),
        evidence_max_bytes=reader.number("EVIDENCE_MAX_BYTES", 20 * 1024 * 1024),
        area_files_max=reader.number("AREA_FILES_MAX", 20_000),
        area_files_max_bytes=reader.number("AREA_FILES_MAX_BYTES", 10 * 1024**3),
        writes_a_minute=reader.number("WRITES_A_MINUTE", 60),
        virus_scanner_seconds=reader.number("VIRUS_SCANNER_SECONDS", 60),
    )


def _address_of(hosts: list[str], is_production: bool) -> str:
    if not is_production:
        return "http://localhost:8000"
    plain = next((host for host in hosts if not host.startswith((".", "*"))), "")
    return f"https://{plain}" if plain else ""


def _database(reader: Reader, base: Path) -> dict[str, Any]:
    """Django's own words for the database; the one of development where none is named."""
    development = f"sqlite:///{base / 'db.sqlite3'}"

    def parse(url: str) -> dict[str, Any]:
        return _connection(url or development, WAITING)

    return reader.parsed("DATABASE_URL", parse, DATABASE_EXAMPLE, {"ENGINE": "", "NAME": ""})


def _replica(reader: Reader) -> dict[str, Any]:
    """A second PostgreSQL that follows the first; reading pages ask it (replicas.py)."""

    def parse(url: str) -> dict[str, Any]:
        return _connection(url, WAITING_FOR_A_REPLICA) if url else {}

    return reader.parsed("DATABASE_REPLICA_URL", parse, REPLICA_EXAMPLE, {})


# How long PostgreSQL is waited for, in its own words; what the query of the URL says goes first. Without them a machine
# that swallows what is sent to it would hold every thread for minutes. Keepalives are for a page that waits for its answer:
# a server that takes long over it acknowledges them, one that is gone does not. One that stands still does, and never
# answers: so statements of pages have an end, too (postgresql/waiting.py).
WAITING = {
    "connect_timeout": 5,  # seconds
    "tcp_user_timeout": 20_000,  # milliseconds in which what was sent is acknowledged
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "statement_timeout": 60_000,  # milliseconds for a statement of a page; a command's may take as long as it takes
}
# Less, since the primary can answer in its place.
WAITING_FOR_A_REPLICA = WAITING | {
    "connect_timeout": 2,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "statement_timeout": 10_000,
}


def _connection(url: str, waiting: dict[str, int]) -> dict[str, Any]:
    found = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    if found["ENGINE"] == DJANGO_POSTGRESQL:
        found |= {"ENGINE": POSTGRESQL, "OPTIONS": waiting | found.get("OPTIONS", {})}
        if any(type(found["OPTIONS"][name]) is not int for name in waiting):
            raise ValueError("a bound that is no whole number")
    return found


def _openid(reader: Reader, *, is_production: bool) -> list[dict[str, Any]]:
    """An OpenID Connect provider: all three of OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none."""
    issuer, client, secret = (reader.text(name) for name in OPENID_EXAMPLES)
    if not (issuer or client or secret):
        return []
    for name, example in OPENID_EXAMPLES.items():
        if not reader.text(name):
            reader.wrong(name, "is missing, and the other variables of the OpenID provider are there.", example)
    if issuer and not issuer.startswith("https://" if is_production else ("https://", "http://")):
        reader.wrong("OIDC_ISSUER", "is no https address.", OPENID_EXAMPLES["OIDC_ISSUER"])
    shown = reader.text("OIDC_NAME", "your organisation")
    # Tokens must come from the issuer that was set, not from whichever the provider's description names.
    told = {"server_url": issuer, "fetch_userinfo": True, "openid_configuration_overrides": {"issuer": issuer}}
    return [{"provider_id": "organisation", "name": shown, "client_id": client, "secret": secret, "settings": told}]


OPENID_EXAMPLES = {
    "OIDC_ISSUER": "https://login.microsoftonline.com/the-tenant/v2.0",
    "OIDC_CLIENT_ID": "as-the-provider-shows-it",
    "OIDC_CLIENT_SECRET": "as-the-provider-shows-it",
}


def _email(reader: Reader, base: Path) -> dict[str, Any]:
    """EMAIL_URL alone, or the single variables under Django's own names; files where neither says how letters leave."""
    kind = "smtp" if reader.text("EMAIL_HOST") else "filebased"
    single = {
        "EMAIL_BACKEND": reader.text("EMAIL_BACKEND", f"django.core.mail.backends.{kind}.EmailBackend"),
        "EMAIL_FILE_PATH": reader.text("EMAIL_FILE_PATH", str(base / "var" / "mail")),
        "EMAIL_HOST": reader.text("EMAIL_HOST", "localhost"),
        "EMAIL_PORT": reader.number("EMAIL_PORT", 25),
        "EMAIL_HOST_USER": reader.text("EMAIL_HOST_USER"),
        "EMAIL_HOST_PASSWORD": reader.text("EMAIL_HOST_PASSWORD"),
        "EMAIL_USE_TLS": reader.flag("EMAIL_USE_TLS"),
        "EMAIL_USE_SSL": reader.flag("EMAIL_USE_SSL"),
    }
    return single | reader.parsed("EMAIL_URL", settings_of, EMAIL_EXAMPLE, {})


DATABASE_EXAMPLE = "postgres://send_tracker_app:password@localhost/send_tracker"
VERIFYING = "sslmode=verify-full&sslrootcert=system"
VERIFIED = ("verify-ca", "verify-full")
LOCAL = ("", "localhost", "127.0.0.1", "::1")
ELSEWHERE_EXAMPLE = f"'postgres://send_tracker_app:password@database.council.example/send_tracker?{VERIFYING}'"
REPLICA_EXAMPLE = f"'postgres://send_tracker_app:password@replica.council.example/send_tracker?{VERIFYING}'"
EMAIL_EXAMPLE = "smtp://user:password@mail.example:587/?tls=1"
BREACHED_EXAMPLE = "https://api.pwnedpasswords.com/range/"
FROM_EXAMPLE = "'SEND tracker <send-tracker@council.example>'"


# What is wrong wherever it runs


def _judge_everywhere(found: Environment, reader: Reader) -> None:
    if any(not _is_network(each) for each in found.trusted_proxies):
        reader.wrong("TRUSTED_PROXY", f"is a list of network addresses, or {UNIX} for a socket.", "127.0.0.1")
    if found.replica and {found.replica["ENGINE"], found.database["ENGINE"]} != {POSTGRESQL}:
        reader.wrong("DATABASE_REPLICA_URL", "needs PostgreSQL there and in DATABASE_URL.", REPLICA_EXAMPLE)
    if found.metrics_token and len(found.metrics_token) < SHORTEST_TOKEN:
        reader.wrong("METRICS_TOKEN", f"is shorter than {SHORTEST_TOKEN} characters.", NEW_SECRET)
    if found.breached_passwords_url and not _may_be_asked(found.breached_passwords_url):
        says = "is no https address without a name, a password, ? and #."
        reader.wrong("BREACHED_PASSWORDS_URL", says, BREACHED_EXAMPLE)
    _judge_strength(found, reader)
    if found.email["EMAIL_BACKEND"].endswith("notify_email.EmailBackend"):
        for name in ("NOTIFY_API_KEY", "NOTIFY_TEMPLATE_ID"):
            if not reader.text(name):
                reader.wrong(name, "is missing, and EMAIL_URL sends by GOV.UK Notify.", "as-notify-shows-it")


def _may_be_asked(address: str) -> bool:
    """By HTTPS, or by HTTP within the machine, where a mirror may stand. What is asked for is written behind the address."""
    site = _split(address)
    if site is None or not site.hostname or "@" in site.netloc or set(address) & set("?# "):
        return False
    return site.scheme == "https" or (site.scheme == "http" and site.hostname in LOOPBACK)


STRENGTH_EXAMPLES = {"OIDC_REQUIRED_ACR": "AAL3_ANY", "OIDC_REQUIRED_AMR": "mfa", "OIDC_REQUIRED_CONTEXT": "c1"}


def _judge_strength(found: Environment, reader: Reader) -> None:
    """A list of commas alone would be taken for nothing that is required."""
    for name, example in STRENGTH_EXAMPLES.items():
        if reader.text(name) and not reader.listed(name):
            reader.wrong(name, "names nothing.", example)
        elif any(" " in each for each in reader.listed(name)):
            reader.wrong(name, "is a list by commas, and none of it has a space.", example)
        elif reader.text(name) and not found.openid_apps:
            reader.wrong("OIDC_ISSUER", f"is missing, and {name} is there.", OPENID_EXAMPLES["OIDC_ISSUER"])


def _is_network(text: str) -> bool:
    if text == UNIX:
        return True
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


# What is wrong in production alone


def _judge_production(found: Environment, reader: Reader, *, base: Path) -> None:
    _judge_secrets(found, reader)
    _judge_addresses(found, reader)
    _judge_database(found, reader)
    _judge_letters(found, reader)
    _judge_folders(found, reader, base)
    if found.debug:
        reader.wrong("DEBUG", "shows the program's insides to visitors. Leave it out.", "0")


def _judge_secrets(found: Environment, reader: Reader) -> None:
    """What an older key signed is still believed, so it must be as good as the new one."""
    if problem := _problem_of_secret(found.secret_key):
        reader.wrong("SECRET_KEY", problem, NEW_SECRET)
    problems = {_problem_of_secret(secret) for secret in found.secret_key_fallbacks} - {""}
    for problem in sorted(problems):
        reader.wrong("SECRET_KEY_FALLBACKS", f"has a key that {problem}", FALLBACK_EXAMPLE)


def _problem_of_secret(secret: str) -> str:
    if not secret:
        return "is missing."
    if secret == SECRET_OF_DEVELOPMENT or secret.startswith("django-insecure-"):
        return "is the one of development, which anybody can read."
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < 5:
        return f"is too easy: give {SHORTEST_SECRET} random characters or more."
    return ""


def _judge_addresses(found: Environment, reader: Reader) -> None:
    hosts = found.allowed_hosts
    if not hosts:
        reader.wrong("ALLOWED_HOSTS", "is missing.", "tracker.example")
    elif any("*" in host or "/" in host for host in hosts):
        reader.wrong("ALLOWED_HOSTS", "takes the names of hosts alone, and no *.", "tracker.example")
    site = _split(found.site_address)
    if hosts and (site is None or site.scheme != "https" or not site.hostname):
        reader.wrong("SITE_ADDRESS", "is no https address.", "https://tracker.example")
    elif hosts and not any(_covers(host, site.hostname) for host in hosts):
        reader.wrong("SITE_ADDRESS", "names a host that ALLOWED_HOSTS does not.", f"https://{hosts[0].lstrip('.')}")
    if any(not origin.startswith("https://") for origin in found.csrf_trusted_origins):
        reader.wrong("CSRF_TRUSTED_ORIGINS", "takes https addresses alone.", "https://tracker.example")


def _split(address: str):
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _covers(host: str, name: str) -> bool:
    """As Django reads ALLOWED_HOSTS: a leading dot stands for the name and all below it."""
    host = host.lower()
    return "*" in host or name == host or (host.startswith(".") and (name == host[1:] or name.endswith(host)))


def _judge_database(found: Environment, reader: Reader) -> None:
    is_allowed = reader.flag("ALLOW_SQLITE")
    if not reader.text("DATABASE_URL"):
        reader.wrong("DATABASE_URL", "is missing.", DATABASE_EXAMPLE)
    elif found.database["ENGINE"].endswith("sqlite3") and not is_allowed:
        says = "names an SQLite file. Name a PostgreSQL database, or allow the file by ALLOW_SQLITE=1."
        reader.wrong("DATABASE_URL", says, DATABASE_EXAMPLE)
    if reader.flag("ALLOW_UNVERIFIED_DATABASE"):
        return
    named = (
        ("DATABASE_URL", found.database, ELSEWHERE_EXAMPLE),
        ("DATABASE_REPLICA_URL", found.replica, REPLICA_EXAMPLE),
    )
    for name, database, example in named:
        if database and not (_is_here(database) or database["OPTIONS"].get("sslmode") in VERIFIED):
            says = "names another machine without making sure that it is that one: anybody between could answer in its place."
            reader.wrong(name, says, example)


def _is_here(database: dict[str, Any]) -> bool:
    """A file, a socket or this machine's own address: nobody stands between."""
    if database["ENGINE"] != POSTGRESQL:
        return True
    said = database["OPTIONS"]
    host = said.get("hostaddr") or said.get("host") or database["HOST"]
    return host in LOCAL or host.startswith("/")


def _judge_letters(found: Environment, reader: Reader) -> None:
    if not (reader.text("EMAIL_URL") or reader.text("EMAIL_HOST") or reader.text("EMAIL_BACKEND")):
        reader.wrong("EMAIL_URL", "is missing: it says how letters leave.", EMAIL_EXAMPLE)
    elif found.email["EMAIL_BACKEND"].endswith("smtp.EmailBackend") and not reader.text("DEFAULT_FROM_EMAIL"):
        reader.wrong("DEFAULT_FROM_EMAIL", "is missing: letters need a sender.", FROM_EXAMPLE)
    if found.email["EMAIL_USE_TLS"] and found.email["EMAIL_USE_SSL"]:
        reader.wrong("EMAIL_USE_TLS", "and EMAIL_USE_SSL exclude one another.", "1")


def _judge_folders(found: Environment, reader: Reader, base: Path) -> None:
    if not found.files_root:
        reader.wrong("FILES_ROOT", "is missing: files of evidence lie there.", "/var/lib/send-tracker/files")
    for name, folder in (("FILES_ROOT", found.files_root), ("BACKUP_ROOT", found.backup_root)):
        if not folder:
            continue
        if not Path(folder).is_absolute():
            reader.wrong(name, "is no whole path.", f"/var/lib/send-tracker/{name.split('_')[0].lower()}")
        elif Path(folder).resolve().is_relative_to(base.resolve()):
            says = "lies in the folder of the program, which an upgrade replaces and whose static files are given to anybody."
            reader.wrong(name, says, f"/var/lib/send-tracker/{name.split('_')[0].lower()}")
