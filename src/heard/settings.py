"""Django's settings, all made from `config`."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from heard import config
from heard.vault import house

HEARD = config.load()
ROOT = Path(__file__).parent
DATA: Path = HEARD["HEARD_DATA"]
URL: str = HEARD["HEARD_URL"]
SECURE = URL.startswith("https://")

HOUSE = house.find(HEARD["HEARD_KEYS"])
SECRET_KEY = HOUSE.subkey("django").hex()
SECRET_KEY_FALLBACKS = [HOUSE.subkey("django", v).hex() for v in reversed(HOUSE.versions) if v != HOUSE.current]
DEBUG = False
ALLOWED_HOSTS = [URL.split("://")[1].split(":")[0].split("/")[0]] + ([] if SECURE else ["localhost", "127.0.0.1"])
ROOT_URLCONF = "heard.urls"
WSGI_APPLICATION = "heard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "heard.operating",
    "heard.cases",
    "heard.reports",
    "heard.community",
    "heard.accounts",
    "heard.outbox",
    "heard.guidance",
    "heard.vault",
    "heard.audit",
    "heard.web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "heard.web.middleware.Headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "heard.accounts.middleware.Unlocked",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "heard.web.pages.context",
                "heard.community.views.frame.context",
            ],
        },
    }
]
FORM_RENDERER = "heard.web.pages.Renderer"

DATABASES: dict[str, dict[str, Any]] = {"default": {**HEARD["HEARD_DATABASE"], "ATOMIC_REQUESTS": False}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # FULL: a report that was accepted survives a power cut. IMMEDIATE: a write waits its turn instead of failing half-way.
    # A connection is kept: opening one on a full disk would fail, and reports could not even be answered.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

_storage = HEARD["HEARD_STORAGE"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "heard.vault.storage.NoStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "sealed": (
        {"BACKEND": "heard.vault.storage.SealedFolder", "OPTIONS": {"location": str(_storage["path"])}}
        if _storage["backend"] == "folder"
        else {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "endpoint_url": _storage["endpoint"],
                "access_key": _storage["key"],
                "secret_key": _storage["secret"],
                "bucket_name": _storage["bucket"],
                "addressing_style": "path",
                "file_overwrite": False,
                "default_acl": None,
            },
        }
    ),
}
FILE_UPLOAD_HANDLERS = ["heard.vault.uploads.SealingHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# The upload handler itself refuses what is too much, with a sentence and without losing the text.
DATA_UPLOAD_MAX_NUMBER_FILES = None

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
# Served from the packages themselves: nothing has to be collected before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

_mail = HEARD["HEARD_MAIL"]
DEFAULT_FROM_EMAIL = HEARD["HEARD_MAIL_FROM"]
if _mail["backend"] == "folder":
    EMAIL_BACKEND = "heard.outbox.mail.Folder"
    EMAIL_FILE_PATH = str(_mail["path"])
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail["host"], _mail["port"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["user"], _mail["password"]
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail["ssl"], _mail["tls"]
    EMAIL_TIMEOUT = 20

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["heard.accounts.backend.KeyBackend"]
PASSWORD_HASHERS = ["heard.accounts.hasher.SplitArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "heard.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"login": "heard.accounts.forms.SignInForm"}
MFA_ADAPTER = "heard.accounts.factors.FactorAdapter"
MFA_FORMS = {
    "authenticate": "heard.accounts.forms.CodeForm",
    "authenticate_webauthn": "heard.accounts.forms.PasskeyStepForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_TOLERANCE = 1  # half minutes: digits typed as they change, a telephone whose clock is off
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # on this machine itself; everybody else needs https
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# Guessing is slowed down per account and (hashed) address, and per (hashed) address only far beyond what a conference's one Wi-Fi does.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,5/5m/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/team/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

_prefix = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
KEY_COOKIE_NAME = f"{_prefix}key"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = KEY_COOKIE_SECURE = SECURE
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 60 * 60
IDLE_SECONDS = 15 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "heard.web.errors.stale_form"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# The site's own pages see each other; nobody else sees anything. (`no-referrer` would blank the Origin that the
# check against forged requests needs: docs/decisions/0006-….md. Reporters' pages send `no-referrer`.)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# A log line never carries a request's data, an address or an SQL parameter: only levels, names and error types.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "heard.web.logs.TypesOnly", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "heard": {"level": "INFO"},
        "django": {"handlers": [], "level": "ERROR", "propagate": True},
        "django.security": {"level": "CRITICAL"},
    },
}
