"""Test the headers of every answer, security.txt and the audit of our packages (C44, C45)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

ROOT = Path(settings.BASE_DIR)
PRODUCTION = {
    "DEMO": "false",
    "DEBUG": "false",
    "SITE_URL": "https://connect.example",
    "STAFF_SECOND_STEP": "true",
}
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
}
IN_PRODUCTION = override_settings(
    SECURE_HSTS_SECONDS=63_072_000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True, SECURE_HSTS_PRELOAD=True
)


def run_in_production(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | PRODUCTION,
        capture_output=True,
        text=True,
        check=False,
    )


def test_c44_the_deployment_check_of_django_has_no_warnings() -> None:
    result = run_in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr


def test_c44_production_cookies_are_bound_to_our_host_and_to_https() -> None:
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME"]
    flags = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
    code = f"from nenconnect import settings as s; print(*[getattr(s, name) for name in {names + flags}])"
    assert run_in_production("-c", code).stdout.split() == [
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-language",
        *["True"] * 4,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/inloggen/", 200),
        ("/bestaat-niet/", 404),
        ("/mijn-profiel/", 302),
        ("/healthz", 200),
        ("/.well-known/security.txt", 200),
        ("/?x=%00", 400),
    ],
)
@IN_PRODUCTION
def test_c44_every_answer_has_the_security_headers(path: str, status: int, client: Client) -> None:
    response = client.get(path, secure=True)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "geolocation=()" in response.headers["Permissions-Policy"]
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"


@pytest.mark.django_db
@IN_PRODUCTION
def test_c44_a_server_error_has_the_security_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("pages.home.footer.render", fail)
    response = Client(raise_request_exception=False).get("/hulp/", secure=True)
    assert response.status_code == 500
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_c44_security_txt_has_a_contact_and_has_not_expired(client: Client) -> None:
    response = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert response.headers["Content-Type"].startswith("text/plain")
    assert re.fullmatch(r"mailto:\S+@\S+", fields["Contact"])
    assert datetime.fromisoformat(fields["Expires"]) > datetime.now(UTC)


def test_c44_the_well_known_change_password_url_redirects_to_our_page(client: Client) -> None:
    response = client.get("/.well-known/change-password")
    assert (response.status_code, response.headers["Location"]) == (302, reverse("account_change_password"))


def test_c45_allauth_is_at_least_the_version_without_known_vulnerabilities() -> None:
    assert tuple(map(int, version("django-allauth").split(".")[:3])) >= (65, 21, 1)
    assert "django-allauth[mfa]>=65.21.1" in (ROOT / "pyproject.toml").read_text()


def test_c45_ci_audits_packages_and_reports_when_it_could_not() -> None:
    assert "check python .ci/audit.py" in (ROOT / ".ci" / "lint").read_text()
    assert "NOT AUDITED" in (ROOT / ".ci" / "audit.py").read_text()
