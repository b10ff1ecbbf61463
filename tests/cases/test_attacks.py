"""Test that attacks which once worked for a colleague, neighbour or visitor no longer work."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import partial

import pytest
import time_machine
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actions import details, membership
from accounts.actions.password import ask_password_reset
from accounts.actions.registration import NewColleague, add_user
from accounts.actions.registration_links import MAX_PER_DAY
from accounts.mails.password import MAX_RESETS_PER_DAY
from accounts.models import User
from licenses.actions.granting import remove_colleague
from nenconnect.audit.models import AuditEntry
from nenconnect.links.masking import MaskLinks, mask
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from nenconnect.wsgi import application
from requests_app.actions import asking
from requests_app.actions.asking import request_license
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_license, make_person, registration_token

pytestmark = pytest.mark.django_db


def test_opening_a_registration_link_does_not_use_a_planted_session(client, pending):
    client.cookies["planted"] = "1"
    client.get(reverse("account_login"))
    client.session.save()
    planted_key = client.session.session_key
    client.cookies["sessionid"] = planted_key or ""
    client.post(reverse("sign_in:registration", args=[registration_token(pending)]))
    assert client.session.session_key != planted_key
    thief = Client()
    thief.cookies["sessionid"] = planted_key or ""
    assert pending.email not in thief.get(reverse("sign_in:choose_password")).content.decode()


def test_staff_cannot_filter_on_a_password_hash(sign_in, staff, colleague):
    url = reverse("admin:accounts_user_changelist")
    User.objects.filter(pk=colleague.pk).update(password=PBKDF2PasswordHasher().encode("geheim", "zout"))
    for query in ("password__startswith=pbkdf2", "password__regex=.", "password=x"):
        assert sign_in(staff).get(f"{url}?{query}").status_code == 400


@pytest.mark.parametrize(
    "action",
    [
        membership.block,
        membership.unblock,
        partial(membership.change_role, role="admin"),
        partial(details.change_details, name="Anders"),
    ],
    ids=["block", "unblock", "change_role", "change_details"],
)
def test_an_admin_cannot_change_a_person_who_just_left_the_company(action, admin, colleague):
    stale_colleague = User.objects.get(pk=colleague.pk)
    membership.remove_from_company(colleague, by=admin)
    with pytest.raises(RuleError):
        action(stale_colleague, by=admin)
    assert not AuditEntry.objects.filter(verb__in=["blocked", "role_changed", "details_changed"]).exists()


@pytest.mark.parametrize("view", ["sign_in:register", "sign_in:forgot_password"])
def test_registering_and_resetting_take_the_same_time_for_an_unknown_address(client, view, colleague):
    with override_settings(EVEN_ANSWER_SECONDS=0.4):
        for email in (colleague.email, "onbekend@voorbeeld.example"):
            started_at = time.monotonic()
            client.post(reverse(view), {"email": email, "name": "Iemand"})
            assert time.monotonic() - started_at >= 0.4


@pytest.mark.parametrize(
    "line",
    [
        "GET /registratie/WzEsMV0:geheim/ HTTP/1.1",
        "Forbidden (CSRF cookie not set.): /wachtwoord-herstellen/12-geheim/",
        "GET /inloggen/?next=%2Fregistratie%2FWzEsMV0%3Ageheim%2F",
        "GET /inloggen/?next=/registratie/WzEsMV0:geheim/&x=1",
    ],
)
def test_the_log_masks_a_mailed_link(line):
    record = logging.LogRecord("django", logging.WARNING, __file__, 1, "%s", (line,), None)
    MaskLinks().filter(record)
    assert "geheim" not in record.getMessage()
    assert "geheim" not in mask(line)


def test_the_log_masks_every_path_with_a_token():
    patterns = [pattern for resolver in get_resolver().url_patterns for pattern in paths_in(resolver)]
    with_token = [path for path in patterns if "<str:token>" in path]

    assert len(with_token) >= 5
    for path in with_token:
        assert "geheim" not in mask(f"GET /{path.replace('<str:token>', 'WzEsMV0:1abc:geheim')} HTTP/1.1"), path


def paths_in(pattern: URLPattern | URLResolver, prefix: str = "") -> Iterator[str]:
    path = prefix + str(pattern.pattern)
    if isinstance(pattern, URLPattern):
        yield path
    else:
        for inner in pattern.url_patterns:
            yield from paths_in(inner, path)


def test_signing_out_discards_messages(client, admin, colleague, sign_in):
    browser = sign_in(admin)
    browser.post(reverse("company:block", args=[colleague.pk]))
    browser.post(reverse("account_logout"))
    page = browser.get(reverse("home:home"))
    assert colleague.name not in page.content.decode()
    assert all(colleague.name not in str(message) for message in get_messages(page.wsgi_request))


def test_adding_and_removing_a_person_again_does_not_evade_the_mail_limit(company, admin):
    new_colleague = NewColleague(email="slachtoffer@voorbeeld.example", name="Sanne")
    for _ in range(MAX_PER_DAY):
        remove_colleague(add_user(company, new_colleague, by=admin), by=admin)
    with pytest.raises(RuleError):
        add_user(company, new_colleague, by=admin)
    assert OutboxMail.objects.filter(recipient__email=new_colleague.email).count() == MAX_PER_DAY


@pytest.mark.parametrize("cookie", ['"\\000aaaaaaaaaaaa"', "aaaaaaaaaaa\x00", "a" * 5000, "é" * 20])
def test_a_malformed_session_cookie_is_ignored(cookie):
    client = Client(raise_request_exception=False)
    assert client.get("/", headers={"cookie": f"sessionid={cookie}"}).status_code == 200


@pytest.mark.parametrize(
    "next_url", ["foo", "account_logout", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_choosing_a_language_redirects_to_no_other_site_and_no_url_name(client, next_url):
    response = client.post(reverse("home:language"), {"language": "en", "next": next_url})
    assert response["Location"] == "/"


@pytest.mark.parametrize("next_url", ["http://testserver/x", "https://evil.example/", "//evil.example", "x"])
def test_signing_in_redirects_to_no_other_site(client, colleague, next_url):
    data = {"login": colleague.email, "password": "een-lang-wachtwoord-7", "next": next_url}
    assert client.post(reverse("account_login"), data)["Location"] == "/"


def test_a_company_admin_cannot_undo_a_block_by_nen(company, admin):
    blocked = make_person("los@voorbeeld.example", is_blocked=True)
    with pytest.raises(RuleError):
        add_user(company, NewColleague(email=blocked.email, name="Los"), by=admin)
    blocked.refresh_from_db()
    assert blocked.is_blocked
    assert not OutboxMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_do_not_exceed_the_daily_limit(company, colleague, monkeypatch):
    monkeypatch.setattr(asking, "MAX_PER_DAY", 2)
    licenses = [make_license(company) for _ in range(6)]

    def try_request(number: int) -> bool:
        try:
            request_license(licenses[number], by=User.objects.get(pk=colleague.pk))
        except RuleError:
            return False
        return True

    with slow_writes("requests_app_licenserequest"):
        assert (
            sum(
                bool(is_requested)
                for is_requested in run_at_once([partial(try_request, number) for number in range(6)])
            )
            == 2
        )


@pytest.mark.parametrize(
    "path", ["/beheer/accounts/user/?status=%00", "/documenten/?q=%00", "/beheer/autocomplete/?term=%00"]
)
def test_a_nul_in_a_url_is_refused(path, sign_in, staff):
    assert sign_in(staff).get(path).status_code == 400


@pytest.mark.parametrize(
    ("path", "fields"), [("/?x=%00", {}), ("/inloggen/", dict.fromkeys(map(str, range(2500)), "x"))]
)
def test_a_request_that_cannot_be_read_gets_a_page_that_says_what_to_do(path, fields, client, db):
    answer = client.post(path, fields)

    assert answer.status_code == 400
    assert "Er is niets gewijzigd." in answer.content.decode()
    assert "nothing was changed" in answer.content.decode()


@pytest.mark.parametrize("name", ["\u200b", "\u3164", " \u2800 ", "\u115f\u1160"])
def test_a_name_of_only_invisible_characters_is_refused(name, client):
    client.post(reverse("sign_in:register"), {"name": name, "email": "niemand@voorbeeld.example"})
    assert not User.objects.filter(email="niemand@voorbeeld.example").exists()


def test_staff_cannot_block_staff(staff):
    colleague = make_person("nen2@nen.example", is_staff=True)
    with pytest.raises(RuleError):
        membership.block(staff, by=colleague)
    with pytest.raises(RuleError):
        membership.block(staff, by=staff)
    membership.block(colleague, by=staff)


def test_repeated_password_resets_are_limited_in_mails_and_audit_entries(colleague):
    for minute in range(2 * MAX_RESETS_PER_DAY):
        with time_machine.travel(f"2027-03-14T10:{minute:02}:30Z", tick=False):
            ask_password_reset(colleague.email)
            ask_password_reset(colleague.email)
    assert OutboxMail.objects.filter(event="password_reset").count() == MAX_RESETS_PER_DAY
    assert AuditEntry.objects.filter(verb="password_reset_asked").count() == MAX_RESETS_PER_DAY


@override_settings(SECURE_SSL_REDIRECT=True)
def test_the_redirect_to_https_has_the_security_headers(client):
    response = client.get("/")
    assert response.status_code == 301
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("url_name", ["company:set_company_wide", "company:set_shown"])
def test_a_licence_switch_with_an_unknown_value_changes_nothing(url_name, company, admin, sign_in):
    license = make_license(company, is_company_wide=True)
    assert sign_in(admin).post(reverse(url_name, args=[license.pk]), {"on": "ja"}).status_code == 404
    license.refresh_from_db()
    assert license.is_company_wide
    assert license.is_shown


@pytest.mark.parametrize("charset", ["base64", "rot13", "undefined", "idna", "unicode_escape", "utf-16", '"x"'])
class TestCharsetOfTheRequest:
    """Test the WSGI application itself, because the test client builds its requests in another way."""

    def test_an_unusual_charset_does_not_break_the_url(self, charset):
        environ = RequestFactory().get("/", {"q": "a\\ud800"}).environ
        statuses = []
        content_type = {"CONTENT_TYPE": f"text/plain; charset={charset}"}
        b"".join(application(environ | content_type, lambda status, headers: statuses.append(status)))
        assert statuses == ["200 OK"]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("name", ["first", "last"])
def test_the_logbook_accepts_the_first_and_the_last_possible_day(name, day, sign_in, admin):
    assert sign_in(admin).get(reverse("company:logbook"), {name: day}).status_code == 200
    assert sign_in(admin).get(reverse("company:export_logbook"), {name: day, "format": "csv"}).status_code == 200
