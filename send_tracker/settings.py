"""Settings. What differs between installations is read from the environment (`environment.py`).

Without any variable the product runs for development and demonstration on an embedded SQLite database. With
`SEND_TRACKER_ENVIRONMENT=production` it is strict: it starts only when nothing is missing or unsafe, cookies travel by HTTPS only and
the demonstration refuses to be loaded.
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from send_tracker.environment import read
from send_tracker.json_logs import logging_of

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read(os.environ, base=BASE_DIR)

IS_PRODUCTION = ENVIRONMENT.is_production
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = ENVIRONMENT.secret_key_fallbacks  # believed until `manage.py encrypt_anew` has been run
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.csrf_trusted_origins
SITE_ADDRESS = ENVIRONMENT.site_address  # what stands before the addresses in letters
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
METRICS_TOKEN = ENVIRONMENT.metrics_token
BACKUP_ROOT = ENVIRONMENT.backup_root
# Periods that differ from those in docs/safekeeping.md, by RETAIN_AUDIT_DAYS=2557; `manage.py retain` checks them.
RETENTION_DAYS = {
    name.removeprefix("RETAIN_").removesuffix("_DAYS").lower(): days
    for name, days in os.environ.items()
    if name.startswith("RETAIN_") and name.endswith("_DAYS")
}

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
    "send_tracker.client_address.ClientAddressMiddleware",
    "send_tracker.observing.ObservingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "send_tracker.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "send_tracker.body_bounds.BodyBoundMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.browser_cache.BrowserCacheMiddleware",
    "people.auditing.AuditMiddleware",
    "strategies.own_words.OwnWordsMiddleware",
    "people.idling.IdleMiddleware",
    "people.parking.ParkFormMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "send_tracker.pace.PaceMiddleware",
    "people.second_factor.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

# What all processes must know of at once is counted in the database: which codes of a second step were used, how often
# somebody tried, how often a program asked. Of pages only what can be made again is kept, with the number of the data that it
# was made of (board/views/remembering.py), so each process may have its own.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_counts",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    },
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

DATABASES = {"default": ENVIRONMENT.database}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers wait their turn instead of failing halfway; readers are not held up by them.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
if ENVIRONMENT.replica:
    DATABASES["replica"] = ENVIRONMENT.replica | {"TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["send_tracker.replicas.ReplicaRouter"]
    MIDDLEWARE.insert(
        MIDDLEWARE.index("people.auditing.AuditMiddleware") + 1, "send_tracker.replicas.ReplicaMiddleware"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "people.backends.MemberBackend",
]
SHORTEST_PASSWORD = 12
# Empty where nobody is asked (people/passwords/breached.py).
BREACHED_PASSWORDS_URL = ENVIRONMENT.breached_passwords_url
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": SHORTEST_PASSWORD},
    },
    {"NAME": "people.passwords.validators.HardToGuessValidator", "OPTIONS": {"min_length": SHORTEST_PASSWORD}},
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
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # their letter would lead to signing oneself up, which there is not
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of changes to one's own sign-in, as people/notices.py words them
ACCOUNT_FORMS = {"reset_password": "people.forgotten_password.ForgottenPasswordForm"}
# Made of the person's own row alone, so that writing the letter asks no database (people/forgotten_password.py).
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
LETTERS_LEAVE_BY_THREAD = IS_PRODUCTION  # after the answer (people/posting.py); in development a letter is a file
# A second step: by app, passkey or recovery code. Whoever has none is asked for one where the installation requires it.
REQUIRE_SECOND_FACTOR = ENVIRONMENT.requires_second_factor
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "SEND tracker"
MFA_TOTP_TOLERANCE = 1  # telephones' clocks differ by half a minute
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs themselves up: an address is the one that the invitation went to
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION
MFA_FORMS = {
    "authenticate": "people.code_once.SecondStepForm",
    "reauthenticate": "people.code_once.SecondStepAgainForm",
}
MFA_ADAPTER = "people.accounts.SecondFactorAdapter"

# An organisation's own sign-in. Who may come in is still said here (people/openid.py).
SOCIALACCOUNT_ADAPTER = "people.openid.InvitedOnlyAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": ENVIRONMENT.openid_apps}}
OIDC_TRUSTS_ADDRESSES = ENVIRONMENT.openid_trusts_addresses
# How strongly the provider must have asked (people/openid_strength.py); nothing is looked at where all are empty.
OIDC_REQUIRED_ACR = ENVIRONMENT.openid_required_acr
OIDC_REQUIRED_AMR = ENVIRONMENT.openid_required_amr
OIDC_REQUIRED_CONTEXT = ENVIRONMENT.openid_required_context
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"

SESSION_COOKIE_AGE = 60 * 60 * 8
SESSION_IDLE_MINUTES = ENVIRONMENT.session_idle_minutes
SESSION_LONGEST_HOURS = ENVIRONMENT.session_longest_hours
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    # Only a proxy that is named is believed (client_address.py drops the header of others).
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Asked for from within the machine; and the API, which refuses: led on, a program would send its token in the clear each time.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$", r"^[^/]+/api/v1/."]
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = ENVIRONMENT.redirects_to_https
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    # Browsers take a cookie of such a name only by HTTPS, for this host alone and all of it.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

CSP_REPORT_PATH = "/csp-report"
CSP_REPORT_GROUP = "csp"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *ENVIRONMENT.openid_origins],  # a form's answer may lead to the provider
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "report-uri": [CSP_REPORT_PATH],
        "report-to": [CSP_REPORT_GROUP],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
WRITES_A_MINUTE = ENVIRONMENT.writes_a_minute  # of one person: nobody who reads what they press comes near it

# Files of evidence. No scanner is shipped: without one of the two, every page says that files are not scanned. The command is
# given the path of the file, and answers by its exit code: "clamdscan --fdpass --no-summary".
EVIDENCE_MAX_BYTES = ENVIRONMENT.evidence_max_bytes
AREA_FILES_MAX = ENVIRONMENT.area_files_max
AREA_FILES_MAX_BYTES = ENVIRONMENT.area_files_max_bytes
VIRUS_SCANNER = os.environ.get("VIRUS_SCANNER", "")  # the dotted path of a function
VIRUS_SCANNER_COMMAND = os.environ.get("VIRUS_SCANNER_COMMAND", "")
VIRUS_SCANNER_SECONDS = ENVIRONMENT.virus_scanner_seconds

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
            "location": ENVIRONMENT.files_root,
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
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Letters go into files unless EMAIL_URL says how they leave (common/email_settings.py), or the single variables do.
_email = ENVIRONMENT.email
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _email["EMAIL_FILE_PATH"]
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"]
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = ENVIRONMENT.from_email
NOTIFY_API_KEY = os.environ.get("NOTIFY_API_KEY", "")
NOTIFY_TEMPLATE_ID = os.environ.get("NOTIFY_TEMPLATE_ID", "")
NOTIFY_ADDRESS = os.environ.get("NOTIFY_ADDRESS", "https://api.notifications.service.gov.uk").rstrip("/")

DJANGO_TABLES2_TEMPLATE = "components/table.html"

# No line holds a secret or who somebody is; in production each is one JSON object.
LOGGING = logging_of(is_production=IS_PRODUCTION)
