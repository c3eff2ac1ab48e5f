"""How letters leave, from one address in the environment.

smtp://user:password@mail.example:587/?tls=1     smtps://user:password@mail.example:465/
file:///var/mail/out     console:     notify:     (GOV.UK Notify, see `common.notify_email`)
"""

from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BACKENDS = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "smtps": "django.core.mail.backends.smtp.EmailBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "notify": "common.notify_email.EmailBackend",
}
PORTS = {"smtp": 25, "smtps": 465}
# What these write stays on the machine, so that an illustrative letter may go through them.
STAYING_HERE = ("filebased", "console", "locmem", "dummy")


def settings_of(url: str) -> dict[str, object]:
    """The settings that an `EMAIL_URL` stands for; none for an empty one."""
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in BACKENDS:
        raise ImproperlyConfigured(f"EMAIL_URL starts with one of: {', '.join(BACKENDS)}.")
    found: dict[str, object] = {"EMAIL_BACKEND": BACKENDS[parts.scheme]}
    if parts.scheme == "file":
        found["EMAIL_FILE_PATH"] = unquote(parts.path)
    if parts.scheme in PORTS:
        found |= {
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or PORTS[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parts.scheme == "smtp" and parse_qs(parts.query).get("tls") == ["1"],
        }
    return found


def stays_here(backend: str) -> bool:
    """Whether nothing that this backend sends leaves the machine."""
    return any(f".{name}." in backend for name in STAYING_HERE)
