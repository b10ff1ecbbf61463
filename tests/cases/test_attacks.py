"""What a malicious colleague, neighbour or visitor once got away with: each stays tried."""

from __future__ import annotations

import logging
import time
from functools import partial

import pytest
import time_machine
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

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
from tests.at_once import at_once, slow_writes
from tests.factories import license_for, person, registration_token

pytestmark = pytest.mark.django_db


def test_a_session_that_was_planted_does_not_learn_of_the_registration(client, pending):
    client.cookies["planted"] = "1"
    client.get(reverse("account_login"))
    client.session.save()
    planted = client.session.session_key
    client.cookies["sessionid"] = planted or ""
    client.post(reverse("sign_in:registration", args=[registration_token(pending)]))
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted or ""
    assert pending.email not in thief.get(reverse("sign_in:choose_password")).content.decode()


def test_staff_cannot_filter_on_a_password_hash(sign_in, staff, colleague):
    url = reverse("admin:accounts_user_changelist")
    User.objects.filter(pk=colleague.pk).update(password=PBKDF2PasswordHasher().encode("geheim", "zout"))
    for query in ("password__startswith=pbkdf2", "password__regex=.", "password=x"):
        assert sign_in(staff).get(f"{url}?{query}").status_code == 400


@pytest.mark.parametrize(
    "act",
    [
        membership.block,
        membership.unblock,
        partial(membership.change_role, role="admin"),
        partial(details.change_details, name="Anders"),
    ],
    ids=["block", "unblock", "change_role", "change_details"],
)
def test_whoever_left_the_company_meanwhile_is_not_changed_by_its_admin(act, admin, colleague):
    as_the_page_saw_it = User.objects.get(pk=colleague.pk)
    membership.remove_from_company(colleague, by=admin)
    with pytest.raises(RuleError):
        act(as_the_page_saw_it, by=admin)
    assert not AuditEntry.objects.filter(verb__in=["blocked", "role_changed", "details_changed"]).exists()


@pytest.mark.parametrize("view", ["sign_in:register", "sign_in:forgot_password"])
def test_an_answer_takes_as_long_for_an_unknown_address(client, view, colleague):
    with override_settings(EVEN_ANSWER_SECONDS=0.4):
        for email in (colleague.email, "onbekend@voorbeeld.example"):
            began = time.monotonic()
            client.post(reverse(view), {"email": email, "name": "Iemand"})
            assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize(
    "line",
    [
        "GET /registratie/WzEsMV0:geheim/ HTTP/1.1",
        "Forbidden (CSRF cookie not set.): /wachtwoord-herstellen/12-geheim/",
        "GET /inloggen/?next=%2Fregistratie%2FWzEsMV0%3Ageheim%2F",
        "GET /inloggen/?next=/registratie/WzEsMV0:geheim/&x=1",
    ],
)
def test_no_log_keeps_a_mailed_link(line):
    record = logging.LogRecord("django", logging.WARNING, __file__, 1, "%s", (line,), None)
    MaskLinks().filter(record)
    assert "geheim" not in record.getMessage()
    assert "geheim" not in mask(line)


def test_a_message_does_not_outlive_signing_out(client, admin, colleague, sign_in):
    browser = sign_in(admin)
    browser.post(reverse("company:block", args=[colleague.pk]))
    browser.post(reverse("account_logout"))
    page = browser.get(reverse("home:home"))
    assert colleague.name not in page.content.decode()
    assert all(colleague.name not in str(message) for message in get_messages(page.wsgi_request))


def test_adding_and_removing_again_is_no_way_around_the_limit_of_mails(company, admin):
    new = NewColleague(email="slachtoffer@voorbeeld.example", name="Sanne")
    for _ in range(MAX_PER_DAY):
        remove_colleague(add_user(company, new, by=admin), by=admin)
    with pytest.raises(RuleError):
        add_user(company, new, by=admin)
    assert OutboxMail.objects.filter(recipient__email=new.email).count() == MAX_PER_DAY


@pytest.mark.parametrize("cookie", ['"\\000aaaaaaaaaaaa"', "aaaaaaaaaaa\x00", "a" * 5000, "é" * 20])
def test_a_strange_session_cookie_is_no_session(cookie):
    client = Client(raise_request_exception=False)
    assert client.get("/", headers={"cookie": f"sessionid={cookie}"}).status_code == 200


@pytest.mark.parametrize("after", ["foo", "account_logout", "//evil.example", "/\\evil.example", "javascript:x"])
def test_choosing_a_language_leads_nowhere_else(client, after):
    response = client.post(reverse("home:language"), {"language": "en", "next": after})
    assert response["Location"] == "/"


@pytest.mark.parametrize("after", ["http://testserver/x", "https://evil.example/", "//evil.example", "x"])
def test_signing_in_leads_to_our_own_paths_only(client, colleague, after):
    data = {"login": colleague.email, "password": "een-lang-wachtwoord-7", "next": after}
    assert client.post(reverse("account_login"), data)["Location"] == "/"


def test_a_company_admin_does_not_undo_a_block_of_nen(company, admin):
    blocked = person("los@voorbeeld.example", is_blocked=True)
    with pytest.raises(RuleError):
        add_user(company, NewColleague(email=blocked.email, name="Los"), by=admin)
    blocked.refresh_from_db()
    assert blocked.is_blocked
    assert not OutboxMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_limit_of_requests_holds_for_many_at_once(company, colleague, monkeypatch):
    monkeypatch.setattr(asking, "MAX_PER_DAY", 2)
    licenses = [license_for(company) for _ in range(6)]

    def ask(number: int) -> bool:
        try:
            request_license(licenses[number], by=User.objects.get(pk=colleague.pk))
        except RuleError:
            return False
        return True

    with slow_writes("requests_app_licenserequest"):
        assert sum(bool(done) for done in at_once([partial(ask, number) for number in range(6)])) == 2


@pytest.mark.parametrize(
    "path", ["/beheer/accounts/user/?status=%00", "/documenten/?q=%00", "/beheer/autocomplete/?term=%00"]
)
def test_a_nul_in_an_address_is_refused(path, sign_in, staff):
    assert sign_in(staff).get(path).status_code == 400


@pytest.mark.parametrize("name", ["\u200b", "\u3164", " \u2800 ", "\u115f\u1160"])
def test_a_name_that_shows_as_nothing_is_refused(name, client):
    client.post(reverse("sign_in:register"), {"name": name, "email": "niemand@voorbeeld.example"})
    assert not User.objects.filter(email="niemand@voorbeeld.example").exists()


def test_staff_cannot_block_staff(staff):
    colleague = person("nen2@nen.example", is_staff=True)
    with pytest.raises(RuleError):
        membership.block(staff, by=colleague)
    with pytest.raises(RuleError):
        membership.block(staff, by=staff)
    membership.block(colleague, by=staff)


def test_pressing_forgotten_password_again_and_again_fills_neither_mailbox_nor_audit(colleague):
    for minute in range(2 * MAX_RESETS_PER_DAY):
        with time_machine.travel(f"2027-03-14T10:{minute:02}:30Z", tick=False):
            ask_password_reset(colleague.email)
            ask_password_reset(colleague.email)
    assert OutboxMail.objects.filter(event="password_reset").count() == MAX_RESETS_PER_DAY
    assert AuditEntry.objects.filter(verb="password_reset_asked").count() == MAX_RESETS_PER_DAY


@override_settings(SECURE_SSL_REDIRECT=True)
def test_the_way_to_https_carries_the_headers_too(client):
    response = client.get("/")
    assert response.status_code == 301
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("switch", ["company:set_company_wide", "company:set_shown"])
def test_a_switch_without_its_word_changes_nothing(switch, company, admin, sign_in):
    license = license_for(company, is_company_wide=True)
    assert sign_in(admin).post(reverse(switch, args=[license.pk]), {"on": "ja"}).status_code == 404
    license.refresh_from_db()
    assert license.is_company_wide
    assert license.is_shown


@pytest.mark.parametrize("charset", ["base64", "rot13", "undefined", "idna", "unicode_escape", "utf-16", '"x"'])
class TestACharsetThatTheRequestNames:
    """Past the test's client, which makes its requests by itself: where the web server comes in."""

    def test_changes_nothing_of_an_address(self, charset):
        asked = RequestFactory().get("/", {"q": "a\\ud800"}).environ
        told = []
        kind = {"CONTENT_TYPE": f"text/plain; charset={charset}"}
        b"".join(application(asked | kind, lambda status, headers: told.append(status)))
        assert told == ["200 OK"]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("name", ["first", "last"])
def test_the_logbook_knows_every_day(name, day, sign_in, admin):
    assert sign_in(admin).get(reverse("company:logbook"), {name: day}).status_code == 200
    assert sign_in(admin).get(reverse("company:export_logbook"), {name: day, "format": "csv"}).status_code == 200
