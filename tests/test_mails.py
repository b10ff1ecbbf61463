"""Every mail, in every language, with names that try to break it (R33, C30)."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import resolve

from accounts.actions.password import ask_password_reset
from accounts.actions.registration import NewColleague, add_user, register_self
from accounts.models import User
from companies.models import Company
from licenses.models import License
from nenconnect.mail.events import known_events
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from requests_app.actions import document_requests, license_requests
from requests_app.actions.document_requests import request_document
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import admin_of, collection_for, company_with, document, license_for, person

NASTY = 'Jan & <b>Zn</b> "\r\nBcc: evil@evil.example\x0b '
NASTY_LINES = "Omdat <script>alert(1)</script> & co\r\n\r\nhttps://evil.example/ klik"


@pytest.fixture
def every_mail(db: None) -> dict[str, OutboxMail]:
    """Each known event once, written by the action that writes it, with nasty names in every row."""
    company = company_with("Nasty", "nasty.example")
    admin, colleague = admin_of(company), person(company=company)
    register_self("zelf@nasty.example", "Zelf", language="nl")
    register_self(colleague.email, "Bekend", language="nl")
    ask_password_reset(colleague.email)
    add_user(company, NewColleague(email="nieuw@nasty.example", name="Nieuw"), by=admin)
    add_user(company, NewColleague(email=person("los@nasty.example").email, name="Los"), by=admin)
    ask_for_licenses(company, admin, colleague)
    ask_for_documents(company, admin, colleague)
    make_nasty()
    return {mail.event: mail for mail in OutboxMail.objects.select_related("recipient", "on_behalf_of")}


def ask_for_licenses(company: Company, admin: User, colleague: User) -> None:
    approved, rejected, _open = (
        request_license(license_for(company), by=colleague, reason=NASTY_LINES) for _number in range(3)
    )
    license_requests.approve(approved, by=admin)
    license_requests.reject(rejected, by=admin, reason=NASTY_LINES)


def ask_for_documents(company: Company, admin: User, colleague: User) -> None:
    collection = collection_for(company)
    wanted, unwanted = document(), document()
    request_document(wanted, by=person(company=company), reason=NASTY_LINES)
    rejected = request_document(unwanted, by=colleague, reason=NASTY_LINES)
    document_requests.reject(rejected, by=admin, reason=NASTY_LINES)
    document_requests.approve(request_document(wanted, by=colleague), license=collection, by=admin)


def make_nasty() -> None:
    """Past the forms, which would refuse such names."""
    User.objects.update(name=NASTY)
    Company.objects.update(name=NASTY)
    License.objects.update(name=NASTY)
    for one in (*LicenseRequest.objects.all(), *DocumentRequest.objects.all()):
        type(one)._default_manager.filter(pk=one.pk).update(reason=NASTY_LINES)
    for number, one in enumerate(DocumentRequest.objects.select_related("document")):
        one.document.number, one.document.title_nl = f"{NASTY}{number}", NASTY
        one.document.save()


def sent(mail: OutboxMail) -> EmailMessage:
    """As it travels: rendered, turned into bytes, and read back."""
    raw = render(mail).message().as_bytes()
    return message_from_bytes(raw, policy=policy.default)


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def each(every_mail: dict[str, OutboxMail], language: str) -> list[tuple[str, EmailMessage]]:
    messages = []
    for event, mail in every_mail.items():
        assert mail.recipient is not None
        mail.recipient.language = language
        messages.append((event, sent(mail)))
    return messages


in_both_languages = pytest.mark.parametrize("language", ["nl", "en"])


def test_the_actions_above_write_every_known_event(every_mail: dict[str, OutboxMail]) -> None:
    assert sorted(every_mail) == known_events()


@in_both_languages
def test_subject_and_headers_are_whole(every_mail: dict[str, OutboxMail], language: str) -> None:
    for event, message in each(every_mail, language):
        assert message["Subject"].strip(), event
        assert not re.search(r"[\x00-\x1f\x7f]", str(message["Subject"])), event
        assert message["Bcc"] is None, event
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Message-ID"] == every_mail[event].message_id
        assert len(message["To"].addresses) == 1


@in_both_languages
def test_the_text_part_is_plain_and_the_html_part_escaped(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in each(every_mail, language):
        text, html = part(message, "plain"), part(message, "html")
        assert "&amp;" not in text, event
        assert "&lt;" not in text, event
        assert "&quot;" not in text, event
        assert "<b>" not in html, event
        assert "<script" not in html, event
        for leftover in ("{{", "{%", "None", "Traceback"):
            assert leftover not in text + html, event


@in_both_languages
def test_the_last_lines_say_why_in_the_readers_language(every_mail: dict[str, OutboxMail], language: str) -> None:
    begins = {"nl": "U krijgt deze e-mail omdat", "en": "You get this mail because"}[language]
    for event, message in each(every_mail, language):
        _text, dashes, ending = part(message, "plain").rpartition("\n--\n")
        assert dashes, event
        assert ending.startswith(begins), (event, ending)
        assert begins in part(message, "html"), event
        assert f'<html lang="{language}"' in part(message, "html"), event


@in_both_languages
def test_every_link_leads_to_a_page_of_the_configured_site(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in each(every_mail, language):
        html, text = part(message, "html"), part(message, "plain")
        links = re.findall(r'href="([^"]*)"', html)
        in_text = [line for line in re.findall(r"https?://\S+", text) if "evil.example" not in line]
        assert links, event
        assert in_text, event
        for link in links + in_text:
            assert link.startswith(settings.SITE_URL), (event, link)
            path = urlsplit(link.replace("&amp;", "&")).path
            assert resolve(path or "/"), (event, link)


@in_both_languages
def test_what_people_typed_is_no_link(every_mail: dict[str, OutboxMail], language: str) -> None:
    for event, message in each(every_mail, language):
        assert "evil" not in "".join(re.findall(r'href="([^"]*)"', part(message, "html"))), event


@in_both_languages
def test_no_password_goes_by_mail_and_nothing_is_fetched_from_elsewhere(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in each(every_mail, language):
        html = part(message, "html")
        assert not re.search(r"<(img|script|link|iframe|form)\b", html), event
        assert "md5$" not in html + part(message, "plain"), event


@in_both_languages
def test_on_behalf_of_somebody_it_says_for_whom(every_mail: dict[str, OutboxMail], language: str) -> None:
    somebody = person("frits@fabriek.example", name="Frits & Co")
    for mail in every_mail.values():
        mail.on_behalf_of = somebody

    for event, message in each(every_mail, language):
        for kind, name in (("plain", "Frits & Co"), ("html", "Frits &amp; Co")):
            assert name in part(message, kind), event
            assert "frits@fabriek.example" in part(message, kind), event


def test_only_the_admins_mail_tells_who_asked(every_mail: dict[str, OutboxMail]) -> None:
    """Nobody but the requester and the admins gets a mail about a request (C29)."""
    admins = set(User.objects.filter(role=User.Role.ADMIN))
    for event, mail in every_mail.items():
        if event.endswith("_received"):
            assert mail.recipient in admins


def test_a_mail_is_rendered_when_it_goes_not_when_it_was_written(every_mail: dict[str, OutboxMail]) -> None:
    User.objects.update(name="Nieuwe Naam")
    fresh = OutboxMail.objects.get(pk=every_mail["account_exists"].pk)

    assert "Nieuwe Naam" in part(sent(fresh), "plain")


def test_a_link_in_a_mail_changes_nothing_when_it_is_fetched(every_mail: dict[str, OutboxMail], client) -> None:
    """Mail scanners GET and HEAD every link, and more than once (C8, R34)."""
    before = snapshot()
    for _event, message in each(every_mail, "nl"):
        for link in re.findall(r'href="([^"]*)"', part(message, "html")):
            for fetch in (client.get, client.head) * 3:
                assert fetch(link.removeprefix(settings.SITE_URL).replace("&amp;", "&")).status_code < 500

    assert snapshot() == before
    assert "_auth_user_id" not in client.session


def snapshot() -> dict[str, list[dict[str, object]]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}
