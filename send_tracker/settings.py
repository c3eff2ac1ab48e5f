"""Settings, read from the environment.

Without any variable the product runs for development and demonstration on an embedded SQLite database. With
`SEND_TRACKER_ENVIRONMENT=production` it is strict: `SECRET_KEY` and `ALLOWED_HOSTS` must be given, cookies travel by HTTPS only and the
demonstration refuses to be loaded.
"""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from common.email_settings import settings_of

BASE_DIR = Path(__file__).resolve().parent.parent

IS_PRODUCTION = os.environ.get("SEND_TRACKER_ENVIRONMENT", "development") == "production"
DEBUG = not IS_PRODUCTION and os.environ.get("DEBUG", "") == "1"


def required(name: str) -> str:
    """A variable that production cannot do without."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: it is required when SEND_TRACKER_ENVIRONMENT is production.")
    return value


def listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


if IS_PRODUCTION:
    SECRET_KEY = required("SECRET_KEY")
    ALLOWED_HOSTS = listed(required("ALLOWED_HOSTS"))
else:
    SECRET_KEY = os.environ.get("SECRET_KEY", "for-development-and-demonstration-only-never-for-production-use")
    ALLOWED_HOSTS = listed(os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver"))
CSRF_TRUSTED_ORIGINS = listed(os.environ.get("CSRF_TRUSTED_ORIGINS", ""))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_tables2",
    "django_filters",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "common",
    "strategies",
    "people",
    "priorities",
    "kpis",
    "workstrands",
    "board",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.auditing.AuditMiddleware",
    "strategies.own_words.OwnWordsMiddleware",
    "people.parking.ParkFormMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

# Only what can be made again is kept here, under the number of the data it was made of (board/views/remembering.py), so
# each process may have its own.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 400},
    }
}

ROOT_URLCONF = "send_tracker.urls"
WSGI_APPLICATION = "send_tracker.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "people.context.frame",
            ],
            "builtins": ["common.templatetags.words", "common.templatetags.links", "django.templatetags.static"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}", conn_max_age=600, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers wait their turn instead of failing halfway; readers are not held up by them.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "people.backends.MemberBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "people.accounts.ClosedAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"

SESSION_COOKIE_AGE = 60 * 60 * 8
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = os.environ.get("SECURE_SSL_REDIRECT", "1") == "1"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Files of evidence. No scanner is shipped: without one of the two, every page says that files are not scanned. The command is
# given the path of the file, and answers by its exit code: "clamdscan --fdpass --no-summary".
EVIDENCE_MAX_BYTES = int(os.environ.get("EVIDENCE_MAX_BYTES", str(20 * 1024 * 1024)))
VIRUS_SCANNER = os.environ.get("VIRUS_SCANNER", "")  # the dotted path of a function
VIRUS_SCANNER_COMMAND = os.environ.get("VIRUS_SCANNER_COMMAND", "")
VIRUS_SCANNER_SECONDS = int(os.environ.get("VIRUS_SCANNER_SECONDS", "60"))

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j F Y"
FORMAT_MODULE_PATH = None

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static_built"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # The files of evidence: never below the web root, and given out by a page that asks who is asking.
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": os.environ.get("FILES_ROOT", str(BASE_DIR / "files")),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

# Letters go into files unless EMAIL_URL says how they leave (common/email_settings.py), or the single variables do.
_email = settings_of(os.environ.get("EMAIL_URL", ""))
_has_host = "EMAIL_HOST" in os.environ
EMAIL_BACKEND = _email.get("EMAIL_BACKEND") or os.environ.get(
    "EMAIL_BACKEND", f"django.core.mail.backends.{'smtp' if _has_host else 'filebased'}.EmailBackend"
)
EMAIL_FILE_PATH = _email.get("EMAIL_FILE_PATH") or os.environ.get("EMAIL_FILE_PATH", str(BASE_DIR / "var" / "mail"))
EMAIL_HOST = _email.get("EMAIL_HOST") or os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = _email.get("EMAIL_PORT") or int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", os.environ.get("EMAIL_USE_TLS", "") == "1")
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", os.environ.get("EMAIL_USE_SSL", "") == "1")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "SEND tracker <noreply@localhost>")
NOTIFY_API_KEY = os.environ.get("NOTIFY_API_KEY", "")
NOTIFY_TEMPLATE_ID = os.environ.get("NOTIFY_TEMPLATE_ID", "")
NOTIFY_ADDRESS = os.environ.get("NOTIFY_ADDRESS", "https://api.notifications.service.gov.uk").rstrip("/")

# Where the product is reached: what stands before the addresses in letters.
_first_host = next((host for host in ALLOWED_HOSTS if not host.startswith((".", "*"))), "localhost")
SITE_ADDRESS = os.environ.get(
    "SITE_ADDRESS", f"https://{_first_host}" if IS_PRODUCTION else "http://localhost:8000"
).rstrip("/")

DJANGO_TABLES2_TEMPLATE = "components/table.html"

# Links that open without a sign-in carry their secret in the address: no log line holds one.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"discreet": {"()": "common.discreet_logs.DiscreetFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["discreet"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},  # said once, by the root
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
