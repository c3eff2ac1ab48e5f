"""What an installation says in its environment, and what is wrong with it."""

from pathlib import Path

import pytest

from send_tracker.environment import SECRET_OF_DEVELOPMENT, BadEnvironment, read

BASE = Path("/opt/send-tracker/releases/1")
GOOD = {
    "SEND_TRACKER_ENVIRONMENT": "production",
    "SECRET_KEY": "kV0xY7-uQ2mTz9rLw4cNb8pJd6sHf1gAe3iOo5UyRtEqWlKj",
    "ALLOWED_HOSTS": "tracker.example",
    "SITE_ADDRESS": "https://tracker.example/",
    "DATABASE_URL": "postgres://app:pw@localhost/send_tracker",
    "EMAIL_URL": "smtp://mail.example:587/?tls=1",
    "DEFAULT_FROM_EMAIL": "SEND tracker <tracker@council.example>",
    "FILES_ROOT": "/var/lib/send-tracker/files",
    "TRUSTED_PROXY": "127.0.0.1, 10.0.0.0/24, unix",
}
GOOD["SECRET_KEY"] += "xx"


def problems(environ: dict[str, str]) -> list[str]:
    try:
        read(environ, base=BASE)
    except BadEnvironment as problem:
        return problem.problems
    return []


def test_a_good_environment_is_read_into_plain_values():
    found = read(GOOD, base=BASE)

    assert found.is_production
    assert not found.debug
    assert found.allowed_hosts == ["tracker.example"]
    assert found.site_address == "https://tracker.example"
    assert found.database["ENGINE"] == "send_tracker.postgresql"
    assert (found.database["USER"], found.database["NAME"]) == ("app", "send_tracker")
    assert found.email["EMAIL_HOST"] == "mail.example"
    assert found.email["EMAIL_USE_TLS"] is True
    assert found.trusted_proxies == ["127.0.0.1", "10.0.0.0/24", "unix"]
    assert found.redirects_to_https


def test_development_needs_nothing_said():
    found = read({}, base=BASE)

    assert not found.is_production
    assert found.secret_key == SECRET_OF_DEVELOPMENT
    assert found.database["NAME"] == str(BASE / "db.sqlite3")
    assert found.email["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert found.trusted_proxies == []
    assert not found.redirects_to_https
    assert found.breached_passwords_url == ""


WRONG_IN_PRODUCTION = [
    ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
    ({"SECRET_KEY": "   "}, "SECRET_KEY is missing"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY is too easy"),
    ({"SECRET_KEY": "abc" * 30}, "SECRET_KEY is too easy"),
    ({"SECRET_KEY": SECRET_OF_DEVELOPMENT}, "SECRET_KEY is the one of development"),
    ({"SECRET_KEY": "django-insecure-" + "kV0xY7uQ2mTz9rLw4c" * 3}, "SECRET_KEY is the one of development"),
    ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS has a key that is too easy"),
    ({"SECRET_KEY_FALLBACKS": f"{GOOD['SECRET_KEY'][::-1]},short"}, "SECRET_KEY_FALLBACKS has a key that is too easy"),
    ({"SECRET_KEY_FALLBACKS": SECRET_OF_DEVELOPMENT}, "SECRET_KEY_FALLBACKS has a key that is the one of development"),
    ({"ALLOWED_HOSTS": "", "SITE_ADDRESS": ""}, "ALLOWED_HOSTS is missing"),
    ({"ALLOWED_HOSTS": " , ", "SITE_ADDRESS": ""}, "ALLOWED_HOSTS is missing"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS takes the names of hosts alone"),
    ({"ALLOWED_HOSTS": "tracker.example,*"}, "ALLOWED_HOSTS takes the names of hosts alone"),
    ({"ALLOWED_HOSTS": "https://tracker.example"}, "ALLOWED_HOSTS takes the names of hosts alone"),
    ({"SITE_ADDRESS": "http://tracker.example"}, "SITE_ADDRESS is no https address"),
    ({"SITE_ADDRESS": "tracker.example"}, "SITE_ADDRESS is no https address"),
    ({"SITE_ADDRESS": "https://[tracker"}, "SITE_ADDRESS is no https address"),
    ({"ALLOWED_HOSTS": ".council.example", "SITE_ADDRESS": ""}, "SITE_ADDRESS is no https address"),
    ({"SITE_ADDRESS": "https://elsewhere.example"}, "SITE_ADDRESS names a host that ALLOWED_HOSTS does not"),
    ({"DATABASE_URL": ""}, "DATABASE_URL is missing"),
    ({"DATABASE_URL": "sqlite:////var/lib/send-tracker/db.sqlite3"}, "DATABASE_URL names an SQLite file"),
    ({"DATABASE_URL": "nosuch://host/name"}, "DATABASE_URL is not understood"),
    ({"DATABASE_URL": "postgres://app:pw@localhost:port/name"}, "DATABASE_URL is not understood"),
    (
        {"DATABASE_URL": "postgres://app:pw@database.example/name"},
        "DATABASE_URL names another machine without making sure",
    ),
    (
        {"DATABASE_URL": "postgres://app:pw@10.0.0.7/name?sslmode=require"},
        "DATABASE_URL names another machine without making sure",
    ),
    (
        {"DATABASE_REPLICA_URL": "postgres://app:pw@replica.example/name"},
        "DATABASE_REPLICA_URL names another machine without",
    ),
    ({"EMAIL_URL": ""}, "EMAIL_URL is missing"),
    ({"EMAIL_URL": "pigeon://loft/"}, "EMAIL_URL is not understood"),
    ({"EMAIL_URL": "smtp://mail.example:many/"}, "EMAIL_URL is not understood"),
    ({"EMAIL_URL": "notify:"}, "NOTIFY_API_KEY is missing"),
    ({"EMAIL_URL": "notify:", "NOTIFY_API_KEY": "key"}, "NOTIFY_TEMPLATE_ID is missing"),
    ({"DEFAULT_FROM_EMAIL": ""}, "DEFAULT_FROM_EMAIL is missing"),
    ({"FILES_ROOT": ""}, "FILES_ROOT is missing"),
    ({"FILES_ROOT": "files"}, "FILES_ROOT is no whole path"),
    ({"FILES_ROOT": str(BASE / "staticfiles")}, "FILES_ROOT lies in the folder of the program"),
    ({"FILES_ROOT": str(BASE / "staticfiles" / ".." / "files")}, "FILES_ROOT lies in the folder of the program"),
    ({"BACKUP_ROOT": str(BASE / "static_built" / "backups")}, "BACKUP_ROOT lies in the folder of the program"),
    ({"CSRF_TRUSTED_ORIGINS": "http://tracker.example"}, "CSRF_TRUSTED_ORIGINS takes https addresses alone"),
    ({"DEBUG": "1"}, "DEBUG shows the program's insides"),
]
WRONG_ANYWHERE = [
    ({"SEND_TRACKER_ENVIRONMENT": "prodution"}, "SEND_TRACKER_ENVIRONMENT is neither production nor development"),
    ({"SEND_TRACKER_ENVIRONMENT": "Production"}, "SEND_TRACKER_ENVIRONMENT is neither production nor development"),
    ({"EVIDENCE_MAX_BYTES": "20 MB"}, "EVIDENCE_MAX_BYTES is no whole number"),
    ({"EVIDENCE_MAX_BYTES": "-1"}, "EVIDENCE_MAX_BYTES is no whole number"),
    ({"EVIDENCE_MAX_BYTES": "9" * 5000}, "EVIDENCE_MAX_BYTES is no whole number"),
    ({"VIRUS_SCANNER_SECONDS": "0"}, "VIRUS_SCANNER_SECONDS is no whole number"),
    ({"SESSION_LONGEST_HOURS": "0"}, "SESSION_LONGEST_HOURS is no whole number"),
    ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT is no whole number"),
    ({"DEBUG": "true"}, "DEBUG is neither 1 (yes) nor 0 (no)"),
    ({"SECURE_SSL_REDIRECT": "no"}, "SECURE_SSL_REDIRECT is neither 1 (yes) nor 0 (no)"),
    ({"TRUSTED_PROXY": "*"}, "TRUSTED_PROXY is a list of network addresses"),
    ({"TRUSTED_PROXY": "127.0.0.1,proxy.example"}, "TRUSTED_PROXY is a list of network addresses"),
    ({"METRICS_TOKEN": "guessable"}, "METRICS_TOKEN is shorter than"),
    *(
        ({"BREACHED_PASSWORDS_URL": address}, "BREACHED_PASSWORDS_URL is no https address")
        for address in (
            *(
                "http://api.pwnedpasswords.com/range/",
                "http://127.0.0.1.elsewhere.example/range/",
                "file:///etc/passwd",
            ),
            *(
                "api.pwnedpasswords.com/range/",
                "https://",
                "https://[range",
                "https://user:password@mirror.example/range/",
            ),
            *("https://mirror.example/range/?key=1", "https://mirror.example/#range", "https://mirror.example/a b/"),
        )
    ),
]


@pytest.mark.parametrize(("change", "said"), WRONG_IN_PRODUCTION)
def test_what_is_missing_or_unsafe_is_said_with_an_example(change, said):
    found = problems(GOOD | change)
    name = said.split()[0]

    assert [line for line in found if line.startswith(said)], found
    assert all(f"For example: {line.split()[0]}=" in line for line in found)
    assert any(f"For example: {name}=" in line for line in found)


@pytest.mark.parametrize(("change", "said"), WRONG_ANYWHERE)
@pytest.mark.parametrize("environment", [GOOD, {}], ids=["production", "development"])
def test_a_value_that_is_none_stops_it_everywhere(environment, change, said):
    assert [line for line in problems(environment | change) if line.startswith(said)]


@pytest.mark.parametrize(
    "change",
    [
        change
        for change, _ in WRONG_IN_PRODUCTION
        if not {"EMAIL_URL", "DATABASE_URL", "DATABASE_REPLICA_URL"} & set(change)
    ],
)
def test_development_is_not_strict(change):
    assert problems({**change, "SEND_TRACKER_ENVIRONMENT": "development"}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"DATABASE_URL": "sqlite:////var/lib/send-tracker/db.sqlite3", "ALLOW_SQLITE": "1"},
        {"DATABASE_URL": "postgres://app:pw@database.example/name?sslmode=verify-full&sslrootcert=system"},
        {"DATABASE_URL": "postgres://app:pw@database.example/name", "ALLOW_UNVERIFIED_DATABASE": "1"},
        {"DATABASE_URL": "postgres:///name?host=/run/postgresql"},
        {"DATABASE_URL": "postgres://app:pw@%2Frun%2Fpostgresql/name"},
        {"DATABASE_REPLICA_URL": "postgres://app:pw@127.0.0.1:5433/name"},
        {"EMAIL_URL": "file:///var/lib/send-tracker/mail", "DEFAULT_FROM_EMAIL": ""},
        {"EMAIL_URL": "", "EMAIL_HOST": "mail.example"},
        {"EMAIL_URL": "notify:", "NOTIFY_API_KEY": "key", "NOTIFY_TEMPLATE_ID": "template"},
        {"ALLOWED_HOSTS": ".council.example", "SITE_ADDRESS": "https://tracker.council.example"},
        {"SECRET_KEY_FALLBACKS": f"{GOOD['SECRET_KEY'][::-1]}, {GOOD['SECRET_KEY'].swapcase()}"},
        {"SITE_ADDRESS": ""},
        {"TRUSTED_PROXY": ""},
        {"SECURE_SSL_REDIRECT": "0"},
        {"DEBUG": "0"},
        {"BREACHED_PASSWORDS_URL": "https://api.pwnedpasswords.com/range/"},
        {"BREACHED_PASSWORDS_URL": "http://127.0.0.1:8080/range"},
    ],
)
def test_what_is_safe_is_let_through(change):
    assert problems(GOOD | change) == []


def test_everything_wrong_is_told_at_once_and_no_secret_with_it():
    bad = {
        "SEND_TRACKER_ENVIRONMENT": "production", "SECRET_KEY": "my-own-little-secret", "DEBUG": "1", "EVIDENCE_MAX_BYTES": "lots",
        "DATABASE_URL": "postgres://app:hunter2@localhost:x/name", "EMAIL_URL": "smtp://me:hunter3@mail:x/", "METRICS_TOKEN": "hunter4",
    }  # fmt: skip
    with pytest.raises(BadEnvironment) as caught:
        read(bad, base=BASE)
    told = str(caught.value)

    assert told.startswith("8 things in the environment must be put right")
    assert len(told.splitlines()) == 9
    assert not [secret for secret in ("my-own-little-secret", "hunter") if secret in told]
