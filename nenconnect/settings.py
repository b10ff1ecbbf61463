"""Define all settings of NEN Connect, read from the environment (README.md has the table)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from nenconnect.environment import (
    boolean,
    folder_path,
    host_names,
    imap_url,
    long_secret,
    name_servers,
    read,
    read_if_set,
    refuse,
    site_url,
    url_with_scheme,
    whole_number,
)

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# What kind of place is this -------------------------------------------------------------------------

DEBUG = read("DEBUG", "true or false", boolean, "false")
# The demo serves over plain http on this machine, shows the mails it caught, and may load demo data.
IS_DEMO = read("DEMO", "true or false", boolean, "false")
SECRET_KEY = read(
    "SECRET_KEY",
    "at least 50 characters that nobody else knows",
    str,
    "only-for-development-" + "x" * 40 if DEBUG else None,
)
if len(SECRET_KEY) < 50:
    refuse("SECRET_KEY", "at least 50 characters that nobody else knows", "it is too short")
# What an older key signed or closed is still good, such as the secrets of a second step.
SECRET_KEY_FALLBACKS = read("OLD_SECRET_KEYS", "earlier values of SECRET_KEY with spaces between", str.split, "")

_site = read(
    "SITE_URL",
    "the address of the site without a path, such as https://connect.nen.nl",
    site_url,
    "http://localhost:8000" if DEBUG else None,
)
SITE_URL = _site.geturl()
IS_HTTPS = _site.scheme == "https"
if not (IS_HTTPS or DEBUG or IS_DEMO):
    refuse("SITE_URL", "an address that begins with https://", f"got {SITE_URL!r}")

# Links in mails are built from SITE_URL; other host names only get an answer, never a link (C15).
ALLOWED_HOSTS = [str(_site.hostname)]
if DEBUG or IS_DEMO:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1"]
# By what names monitoring reaches one web server behind the proxy.
ALLOWED_HOSTS += read("INTERNAL_HOSTS", "host names with commas between, such as web,10.0.0.5", host_names, "")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# Parts ----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "desk.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_countries",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "nenconnect.mail",
    "nenconnect.audit",
    "nenconnect.throttle",
    "companies",
    "accounts",
    "licenses",
    "requests_app",
    "members",
    "desk.apps.DeskConfig",
]
if IS_DEMO:
    INSTALLED_APPS.append("nenconnect.demo")

MIDDLEWARE = [
    "nenconnect.middleware.SecurityHeadersMiddleware",  # first: also on what the next one sends to https
    "django.middleware.security.SecurityMiddleware",
    "nenconnect.middleware.RefuseNulMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "nenconnect.audit.origin.OriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pages.language_middleware.LanguageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pages.profile.devices_middleware.DevicesMiddleware",
    "pages.sign_in.second_step_middleware.SecondStepMiddleware",
    "pages.sign_in.terms_middleware.TermsMiddleware",
]

ROOT_URLCONF = "nenconnect.urls"
WSGI_APPLICATION = "nenconnect.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pages.context.site",
            ],
            "libraries": {
                "page_tags": "pages.page_tags",
                "request_tags": "pages.requests.request_tags",
            },
        },
    },
]
# Text parts and subjects of mails: nothing is escaped for HTML in them.
TEMPLATES.append(
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "text",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"autoescape": False},
    }
)
FORM_RENDERER = "nenconnect.text.form_renderer.FormRenderer"  # C70
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database -------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": dict(
        dj_database_url.parse(
            read(
                "DATABASE_URL",
                "the address of a Postgres, such as postgresql://user:password@host:5432/name",
                url_with_scheme("postgresql", "postgres"),
            ),
            conn_max_age=60,
            conn_health_checks=True,  # C40: a restarted Postgres costs one answer, not the worker
        )
    )
}
# C40: no page waits for ever on a lock or a query (milliseconds).
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c lock_timeout=10000 -c statement_timeout=30000"

# Celery: Redis carries only a nudge, the truth is in the outbox (C33, C39) -----------------------

CELERY_BROKER_URL = read(
    "REDIS_URL",
    "the address of a Redis, such as redis://host:6379/0",
    url_with_scheme("redis", "rediss", "unix", "redis+socket"),
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SOFT_TIME_LIMIT = 240  # seconds; below the outbox's lease and the visibility timeout
CELERY_TASK_TIME_LIMIT = 270
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 0.5,  # C34: a page never waits for a dead broker
    "socket_timeout": 5,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Amsterdam"

# Mail -----------------------------------------------------------------------------------------------

_email = urlsplit(
    read(
        "EMAIL_URL",
        "the address of a mail server, such as smtp://user:password@host:25 "
        "(smtp+tls:// for STARTTLS, smtps:// for TLS from the first byte)",
        url_with_scheme("smtp", "smtp+tls", "smtps"),
    )
)
EMAIL_HOST = _email.hostname or "localhost"
EMAIL_PORT = _email.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[_email.scheme]
EMAIL_HOST_USER = unquote(_email.username or "")
EMAIL_HOST_PASSWORD = unquote(_email.password or "")
EMAIL_USE_TLS = _email.scheme == "smtp+tls"
EMAIL_USE_SSL = _email.scheme == "smtps"
EMAIL_BACKEND = "nenconnect.mail.smtp.Backend"
# Divides what the mail queue waits (retries, pauses, leases), so that a test sees in minutes what takes days.
MAIL_HASTE = read("MAIL_HASTE", "a whole number from 1 to 600", whole_number(1, 600), "1")
EMAIL_TIMEOUT = max(20 / MAIL_HASTE, 2)  # seconds (C36)
# Where returned mails arrive: the mailbox of FROM_EMAIL.
BOUNCE_IMAP_URL = read_if_set("BOUNCE_IMAP_URL", "a mailbox, imaps://user:password@host/INBOX", imap_url)
DEFAULT_FROM_EMAIL = read("FROM_EMAIL", "the sender of all mails", str, f"NEN Connect <noreply@{_site.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# People and sign-in ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["pages.sign_in.backends.LockingBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "accounts.password_length.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.GuessableValidator"},
]  # C21
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # our registration link is the verification; sign-in is not possible before it
ACCOUNT_ADAPTER = "pages.sign_in.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "pages.sign_in.forms.SignInForm",
    "change_password": "pages.profile.forms.ChangePasswordForm",
    "reauthenticate": "pages.second_step_forms.PasswordAgainForm",
}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False  # C22
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # our own mail tells an unknown address nothing at all
ACCOUNT_PREVENT_ENUMERATION = True
# Ours stand in Postgres: nenconnect.throttle per network, the lock per account (C16, C17).
# allauth would count in the memory of one process.
ACCOUNT_RATE_LIMITS = False
# So many people behind one address come in within the hour; the throttle follows from it (nenconnect/throttle).
LARGEST_OFFICE = read("LARGEST_OFFICE", "a whole number from 10 to 100000", whole_number(10, 100_000), "500")

MFA_ADAPTER = "pages.sign_in.second_step_adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "pages.sign_in.second_step_forms.CodeForm",
    "authenticate_webauthn": "pages.sign_in.second_step_forms.PasskeyForm",
    "login_webauthn": "pages.sign_in.second_step_forms.PasskeySignInForm",
    "activate_totp": "pages.profile.second_step_forms.AppForm",
    "add_webauthn": "pages.profile.second_step_forms.KeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True  # a passkey that asked for finger, face or PIN is two factors at once
MFA_TOTP_TOLERANCE = 1  # clocks of phones run up to half a minute fast or slow; no code works twice
MFA_TOTP_ISSUER = "NEN Connect"  # else the Host header would name it (C15)
MFA_RATE_LIMITS = False  # the lock counts codes, the throttle passkeys: both in Postgres (C16)
# All NEN staff need a second step, except in the demo.
STAFF_SECOND_STEP = read("STAFF_SECOND_STEP", "true; false in the demo alone", boolean, "true")
if not (STAFF_SECOND_STEP or IS_DEMO):
    refuse("STAFF_SECOND_STEP", "true", "only the demo goes without")

EVEN_ANSWER_SECONDS = 0.5  # registering and forgotten passwords answer no earlier (C20)
SESSION_ENGINE = "accounts.sessions"
# Not in a cookie: it would outlive signing out, and show the next person at this browser a name (C29).
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds after signing in
STAFF_SESSION_AGE = 12 * 3600  # seconds without use (pages/profile/devices_middleware.py)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
_cookie_prefix = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}sessionid"
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_cookie_prefix}language"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "nenconnect.well_known.csrf_failure"

# Domains --------------------------------------------------------------------------------------------

# Who is asked whether a domain is proven; none: the name servers of the machine.
DNS_SERVERS = (
    read_if_set("DNS_SERVERS", "addresses with commas between, 10.0.0.53,[2001:db8::53]:5353", name_servers) or []
)

# Headers (C44) --------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, past the proxy that does TLS
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if read("BEHIND_PROXY", "true when a proxy sets X-Forwarded-Proto, else false", boolean, "false"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # the throttle counts the address that our own proxy added last

# Words and time -------------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
USE_THOUSAND_SEPARATOR = True
COUNTRIES_FIRST = ["NL", "BE"]

# Files ----------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(read("STATIC_DIR", "a folder", str, str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# The documents' files: private, no URL leads here (R25); a page checks and then streams.
MEDIA_ROOT = Path(read("DOCUMENTS_DIR", "a folder", str, str(BASE_DIR / ".demo" / "documents")))
# Where a proxy in front finds that folder, such as /bestanden/ (nginx: `internal`); none: we send the files.
DOCUMENTS_BY_PROXY = read_if_set("DOCUMENTS_BY_PROXY", "a path such as /bestanden/", folder_path) or ""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Demo -----------------------------------------------------------------------------------------------

# Where the demo's mail catcher leaves what it caught; /demo/postvak/ shows it.
DEMO_MAILBOX = Path(read("DEMO_MAILBOX", "a folder", str, str(BASE_DIR / ".demo" / "mailbox")))

# Monitoring -----------------------------------------------------------------------------------------

# A request with this bearer token sees /metrics, and the details of /readyz.
METRICS_TOKEN = read_if_set("METRICS_TOKEN", "20 letters, digits and signs of .~+/=_- or more", long_secret)
if METRICS_TOKEN:
    MIDDLEWARE.insert(0, "nenconnect.metrics.RequestDurationMiddleware")

# Log ------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"mask_links": {"()": "nenconnect.links.masking.MaskLinks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask_links"]}},
    "root": {
        "handlers": ["stderr"],
        "level": read("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", str, "INFO"),
    },
}
if LOGGING["root"]["level"] not in logging.getLevelNamesMapping():  # type: ignore[index]
    refuse("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", f"got {LOGGING['root']['level']!r}")  # type: ignore[index]
