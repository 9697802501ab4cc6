"""Django settings, read from the environment; docs/reference/settings.md lists what may be set."""

import os
from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from luister.config import environment, logs
from luister.config.home import home, kept_secret

# Nothing starts with an example as a secret, or with a setting that nobody can read.
if (_refused := environment.refusal(os.environ)) is not None:
    raise _refused

env = environ.Env()

DEBUG = False
SECRET_KEY = env.str("LUISTER_SECRET_KEY", default="") or kept_secret("secret_key")
# The first key seals channel secrets, the others still open what they sealed.
LUISTER_CHANNEL_KEYS = env.list("LUISTER_CHANNEL_KEYS", default=[]) or [kept_secret("channel_key")]
ALLOWED_HOSTS = env.list("LUISTER_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("LUISTER_ORIGINS", default=[])
USE_TLS = env.bool("LUISTER_TLS", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "luister.ui",
    "luister.accounts",
    "procrastinate.contrib.django",
    "luister.schedules",
    "luister.events",
    "luister.channels",
    "luister.people",
    "luister.posts",
    "luister.understanding",
    "luister.delivery",
    "luister.inbox",
    "luister.listening",
    "luister.webhooks",
    "luister.pipeline",
    "luister.imports",
    "luister.streams",
    "luister.api",
    "luister.practice",
    "luister.demo",
    "luister.config",
    # After ours: its templates for signing in, and its Dutch words, give way.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "luister.config.requests.Noted",
    "luister.fence.middleware.NoWorkspaceYet",
    "django.middleware.security.SecurityMiddleware",
    "luister.ui.middleware.ContentSecurityPolicy",
    "luister.accounts.middleware.BrowserLanguage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "luister.accounts.middleware.UserPreferences",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "luister.config.urls"
ASGI_APPLICATION = "luister.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


_serves = env.str("LUISTER_PROCESS", default="") in {"web", "worker"}
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///luister")}
# The same database past a pooler in transaction mode, for sessions of our own: what listens, and what holds locks.
# Commands use it for everything.
LUISTER_DATABASE_DIRECT = env.str("LUISTER_DATABASE_DIRECT", default="")
if LUISTER_DATABASE_DIRECT and _serves:
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True  # these last longer than a transaction
elif LUISTER_DATABASE_DIRECT:
    DATABASES["default"] = env.db_url("LUISTER_DATABASE_DIRECT")
DATABASES["default"]["ENGINE"] = "luister.fence"  # PostgreSQL, told whose rows may be reached
DATABASES["default"].setdefault("OPTIONS", {})
# The second fence around workspaces, docs/adr/0014-row-security.md. Web and workers reach only what they entered;
# commands run as the owner of the database, until they enter a workspace.
LUISTER_ROW_SECURITY = env.bool("LUISTER_ROW_SECURITY", default=True)
if LUISTER_ROW_SECURITY:
    DATABASES["default"]["OPTIONS"]["fence"] = "always" if _serves else "entered"
if env.str("LUISTER_PROCESS", default="") == "web":
    DATABASES["default"]["ENGINE"] = "luister.config.reach"  # the same, which looks whether the database is there
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("LUISTER_DB_POOL", default=8),
        "timeout": 10.0,  # seconds that a page waits for a connection while all are in use
        # The pool waits twice as long before each new try. After so many seconds the database counts as away, which
        # pages then say; it begins anew with the next page that looks.
        "reconnect_timeout": 3.0,
    }
    DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 3)
if env.str("LUISTER_PROCESS", default="") == "worker":
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
# A database that is cut off, so that not even its end is heard of, is noticed within half a minute; by pages sooner.
KEEPALIVE = {
    "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds
}  # fmt: skip
DATABASES["default"]["OPTIONS"] = {"connect_timeout": 10, **KEEPALIVE, **DATABASES["default"]["OPTIONS"]}
# Server-side statement names break behind a transaction pooler, and buy little for short web queries.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "luister.accounts.adapter.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key,5/5m/ip"}
ACCOUNT_FORMS = {
    "login": "luister.accounts.forms.sign_in.SignInForm",
    "reauthenticate": "luister.accounts.forms.sign_in.ConfirmForm",
    "change_password": "luister.accounts.forms.sign_in.NewPasswordForm",
    "set_password": "luister.accounts.forms.sign_in.FirstPasswordForm",
    "reset_password": "luister.accounts.forms.sign_in.ForgottenPasswordForm",
    "reset_password_from_key": "luister.accounts.forms.sign_in.ReplacedPasswordForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody gets mail from us because a stranger typed their address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("LUISTER_BEHIND_PROXY", default=False) else 0
MFA_ADAPTER = "luister.accounts.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "luister.accounts.forms.sign_in.CodeForm",
    "reauthenticate": "luister.accounts.forms.sign_in.ConfirmCodeForm",
    "activate_totp": "luister.accounts.forms.sign_in.FirstCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are entered by an administrator
MFA_TOTP_ISSUER = "Luister"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Rate limits live here: a flood of names must not push them out.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    },
}

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "luister_language"
USE_I18N = True
# These are no apps, but give reasons that people read.
LOCALE_PATHS = [Path(__file__).parents[1] / name / "locale" for name in ("connectors", "query", "text")]
USE_TZ = True
TIME_ZONE = env.str("LUISTER_TIME_ZONE", default="Europe/Amsterdam")  # of the installation; workspaces have their own

STATIC_URL = "/static/"
STATIC_ROOT = home() / "static"
MEDIA_ROOT = home() / "files"  # attachments, under random names, served through an access check only

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = USE_TLS
SESSION_COOKIE_NAME = "luister_session"
CSRF_COOKIE_SECURE = USE_TLS
CSRF_COOKIE_NAME = "luister_csrf"
CSRF_FAILURE_VIEW = "luister.ui.views.csrf_failure"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("LUISTER_BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # mail is shown in a sandboxed frame of our own
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if env.str("EMAIL_URL", default=""):
    globals().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("LUISTER_MAIL_FROM", default="Luister <luister@localhost>")

# The practice network and the demo are for trials: on unless an installation says otherwise.
LUISTER_PRACTICE = env.bool("LUISTER_PRACTICE", default=False)
# Sending; docs/adr/0003-outbox.md says what each is for.
LUISTER_REQUEST_DEADLINE_SECONDS = env.float("LUISTER_REQUEST_DEADLINE_SECONDS", default=30.0)
LUISTER_SETTLE_SECONDS = env.float("LUISTER_SETTLE_SECONDS", default=60.0)
LUISTER_ECHO_WAIT_SECONDS = env.float("LUISTER_ECHO_WAIT_SECONDS", default=600.0)
LUISTER_LATE_SECONDS = env.float("LUISTER_LATE_SECONDS", default=5.0)
LUISTER_RETRY_SECONDS = env.float("LUISTER_RETRY_SECONDS", default=5.0)
LUISTER_ASK_AGAIN_SECONDS = env.float("LUISTER_ASK_AGAIN_SECONDS", default=4 * 3600.0)
LUISTER_WATCH_SECONDS = env.float("LUISTER_WATCH_SECONDS", default=2.0)
LUISTER_HEARTBEAT_SECONDS = env.float("LUISTER_HEARTBEAT_SECONDS", default=5.0)
# When a worker makes the backup of each day, by the installation's clocks, and where; nobody does where this is empty.
LUISTER_BACKUP_AT = environment.time_of_day(env.str("LUISTER_BACKUP_AT", default=""))
LUISTER_BACKUPS = Path(env.str("LUISTER_BACKUPS")).absolute() if env.str("LUISTER_BACKUPS", default="") else None
LUISTER_BACKUPS_KEPT = env.int("LUISTER_BACKUPS_KEPT", default=0) or None  # all

# How long a receiver of a webhook may take to answer.
LUISTER_WEBHOOK_SECONDS = env.float("LUISTER_WEBHOOK_SECONDS", default=15.0)

# Of one token; pages are not counted.
LUISTER_API_REQUESTS_A_MINUTE = env.int("LUISTER_API_REQUESTS_A_MINUTE", default=600)

# What watches an installation; docs/howto/operate.md
LUISTER_HEALTH_TOKEN = env.str("LUISTER_HEALTH_TOKEN", default="")
LUISTER_METRICS_TOKEN = env.str("LUISTER_METRICS_TOKEN", default="")
LUISTER_METRICS_HOST = env.str("LUISTER_METRICS_HOST", default="127.0.0.1")
LUISTER_METRICS_PORT = env.int("LUISTER_METRICS_PORT", default=0)
LUISTER_WORKER_HEALTH_HOST = env.str("LUISTER_WORKER_HEALTH_HOST", default="127.0.0.1")
LUISTER_WORKER_HEALTH_PORT = env.int("LUISTER_WORKER_HEALTH_PORT", default=0)  # 0: none

LOGGING = logs.settings(
    level=env.str("LUISTER_LOG_LEVEL", default="INFO"), style=env.str("LUISTER_LOG_FORMAT", default="auto")
)
