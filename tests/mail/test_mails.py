"""Test every mail in both languages, with names that try to break it (R33, C30)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from django.test import override_settings
from django.urls import resolve

from accounts.models import User
from companies.models import Company
from licenses.models import License
from nenconnect.mail.events import To, is_to, known_events
from nenconnect.mail.models import OutboxMail
from nenconnect.text.characters import _is_hidden
from requests_app.models import DocumentRequest, LicenseRequest
from tests.every_mail import body_part, bytes_as_sent, message_as_sent, write_every_mail
from tests.factories import make_person

SITE = "https://connect.nen.example"
LARGEST = 30_000  # bytes (R33)


@pytest.fixture
def every_mail(db: None) -> Iterator[dict[str, OutboxMail]]:
    """Write a mail of each event, with hostile names in every row."""
    with override_settings(SITE_URL=SITE):
        yield {mail.event: mail for mail in write_every_mail()}


def messages_of_each_event(every_mail: dict[str, OutboxMail], language: str) -> list[tuple[str, EmailMessage]]:
    messages = []
    for event, mail in every_mail.items():
        reader = mail.recipient or mail.on_behalf_of  # a mail to a bare address has only the latter
        assert reader is not None
        reader.language = language
        messages.append((event, message_as_sent(mail)))
    return messages


in_both_languages = pytest.mark.parametrize("language", ["nl", "en"])


def test_every_mail_event_is_registered_once_django_is_set_up() -> None:
    # A process that only sends mail imports no other modules.
    program = (
        "import django; django.setup(); from nenconnect.mail.events import known_events; print(*known_events())"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert output.split() == known_events()


def test_write_every_mail_writes_each_registered_event(every_mail: dict[str, OutboxMail]) -> None:
    assert sorted(every_mail) == known_events()


@in_both_languages
def test_every_mail_has_a_one_line_subject_and_complete_headers(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in messages_of_each_event(every_mail, language):
        assert message["Subject"].strip(), event
        assert not re.search(r"[\x00-\x1f\x7f]", str(message["Subject"])), event
        assert message["Bcc"] is None, event
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Message-ID"] == every_mail[event].message_id
        assert len(message["To"].addresses) == 1


@in_both_languages
def test_the_text_part_of_a_mail_is_unescaped_and_the_html_part_escaped(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in messages_of_each_event(every_mail, language):
        text, html = body_part(message, "plain"), body_part(message, "html")
        assert "&amp;" not in text, event
        assert "&lt;" not in text, event
        assert "&quot;" not in text, event
        assert "<b>" not in html, event
        assert "<script" not in html, event
        for leftover in ("{{", "{%", "None", "Traceback"):
            assert leftover not in text + html, event


@in_both_languages
def test_the_last_lines_of_a_mail_say_why_the_reader_gets_it_in_their_language(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    begins = {"nl": "U krijgt deze e-mail omdat", "en": "You get this mail because"}[language]
    for event, message in messages_of_each_event(every_mail, language):
        _text, dashes, ending = body_part(message, "plain").rpartition("\n--\n")
        assert dashes, event
        assert ending.startswith(begins), (event, ending)
        assert begins in body_part(message, "html"), event
        assert f'<html lang="{language}"' in body_part(message, "html"), event


@in_both_languages
def test_every_link_in_a_mail_leads_to_a_page_of_the_configured_site(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in messages_of_each_event(every_mail, language):
        html, text = body_part(message, "html"), body_part(message, "plain")
        links = re.findall(r'href="([^"]*)"', html)
        in_text = [line for line in re.findall(r"https?://\S+", text) if "evil.example" not in line]
        assert links, event
        assert in_text, event
        for link in links + in_text:
            assert link.startswith(f"{SITE}/") or link == SITE, (event, link)
            path = urlsplit(link.replace("&amp;", "&")).path
            assert resolve(path or "/"), (event, link)


@in_both_languages
def test_the_text_and_html_parts_of_a_mail_have_the_same_links(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in messages_of_each_event(every_mail, language):
        in_html = set(re.findall(r'href="([^"]*)"', body_part(message, "html")))
        in_text = set(re.findall(rf"{SITE}/\S+", body_part(message, "plain")))
        assert in_html == in_text, event


@in_both_languages
def test_every_mail_is_smaller_than_30_kilobytes(every_mail: dict[str, OutboxMail], language: str) -> None:
    for event, mail in every_mail.items():
        reader = mail.recipient or mail.on_behalf_of  # a mail to a bare address has only the latter
        assert reader is not None
        reader.language = language
        assert len(bytes_as_sent(mail)) < LARGEST, event


@pytest.mark.parametrize("letter", ["e", "ë", "\U0001f600"])
def test_a_mail_with_the_longest_names_and_reasons_is_smaller_than_30_kilobytes(
    every_mail: dict[str, OutboxMail], letter: str
) -> None:
    somebody = make_person(f"{'x' * 60}@{'y' * 60}.example")
    User.objects.update(name=letter * 150)
    Company.objects.update(name=letter * 200)
    License.objects.update(name=letter * 200)
    for kind in (LicenseRequest, DocumentRequest):
        kind.objects.update(reason=letter * 1000)
        kind.objects.filter(status="rejected").update(rejection_reason=letter * 1000)
    for event, mail in every_mail.items():
        fresh = OutboxMail.objects.get(pk=mail.pk)
        fresh.on_behalf_of = somebody
        assert len(bytes_as_sent(fresh)) < LARGEST, event


@in_both_languages
def test_every_line_of_a_mail_is_ascii_of_at_most_998_bytes(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, mail in every_mail.items():
        reader = mail.recipient or mail.on_behalf_of  # a mail to a bare address has only the latter
        assert reader is not None
        reader.language = language
        assert bytes_as_sent(mail).isascii(), event
        assert max(map(len, bytes_as_sent(mail).split(b"\n"))) <= 998, event  # RFC 5322, 2.1.1


@in_both_languages
def test_html_mails_use_tables_for_outlook_and_declare_light_and_dark_colours(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in messages_of_each_event(every_mail, language):
        html = body_part(message, "html")
        assert "prefers-color-scheme: dark" in html, event
        assert '<meta name="color-scheme" content="light dark">' in html, event
        assert html.count("<table") == html.count('role="presentation"'), event
        assert not re.search(r"display:\s*(flex|grid)|position:\s*(absolute|fixed)|var\(--", html), event
        assert re.search(r"max-width:\s*600px", html), event


@in_both_languages
def test_mails_contain_no_control_or_direction_characters(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    # The name came in without passing a form (C30).
    for mail in every_mail.values():
        reader = mail.recipient or mail.on_behalf_of
        assert reader is not None
        reader.name = "Nul\0 en \u202eomgekeerd\x1b"
    for event, message in messages_of_each_event(every_mail, language):
        for text in (str(message["Subject"]), body_part(message, "plain"), body_part(message, "html")):
            assert not [letter for letter in text.replace("\n", "").replace("\t", "") if _is_hidden(letter)], event


@in_both_languages
def test_only_reminders_have_an_unsubscribe_link(every_mail: dict[str, OutboxMail], language: str) -> None:
    reminders = {"registration_expiring", "license_ending", "license_requests_waiting", "grant_ending"}
    reminders |= {"requests_digest"}
    assert {
        event for event, message in messages_of_each_event(every_mail, language) if message["List-Unsubscribe"]
    } == reminders
    for event, message in messages_of_each_event(every_mail, language):
        if event in reminders:
            assert str(message["List-Unsubscribe"]).strip(" <>") in body_part(message, "plain"), event


@in_both_languages
def test_text_that_people_typed_never_becomes_a_link_in_a_mail(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in messages_of_each_event(every_mail, language):
        assert "evil" not in "".join(re.findall(r'href="([^"]*)"', body_part(message, "html"))), event


@in_both_languages
def test_mails_contain_no_password_and_load_nothing_from_elsewhere(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    for event, message in messages_of_each_event(every_mail, language):
        html = body_part(message, "html")
        assert not re.search(r"<(img|script|link|iframe|form)\b", html), event
        assert "md5$" not in html + body_part(message, "plain"), event


@in_both_languages
def test_a_rerouted_mail_names_the_person_it_is_for(every_mail: dict[str, OutboxMail], language: str) -> None:
    somebody = make_person("frits@fabriek.example", name="Frits & Co")
    others = {event: mail for event, mail in every_mail.items() if not is_to(event, To.OTHER_ADDRESS)}
    for mail in others.values():
        mail.on_behalf_of = somebody

    for event, message in messages_of_each_event(others, language):
        for kind, name in (("plain", "Frits & Co"), ("html", "Frits &amp; Co")):
            assert name in body_part(message, kind), event
            assert "frits@fabriek.example" in body_part(message, kind), event


@in_both_languages
def test_a_mail_to_the_contact_person_of_a_company_says_why_they_get_it(
    every_mail: dict[str, OutboxMail], language: str
) -> None:
    mail = every_mail["password_reset"]
    assert mail.recipient is not None
    mail.on_behalf_of, mail.recipient, mail.address = mail.recipient, None, "karin@nasty.example"
    mail.on_behalf_of.language = language

    message = message_as_sent(mail)

    words = {"nl": "contactpersoon van het bedrijf", "en": "the contact person of the company"}[language]
    assert message["To"] == "karin@nasty.example"
    for kind in ("plain", "html"):
        assert words in body_part(message, kind)


def test_mails_about_a_received_request_go_to_admins_only(every_mail: dict[str, OutboxMail]) -> None:
    # These mails name the requester (C29).
    admins = set(User.objects.filter(role=User.Role.ADMIN))
    for event, mail in every_mail.items():
        if event.endswith("_received"):
            assert mail.recipient in admins


def test_a_mail_is_rendered_when_it_is_sent(every_mail: dict[str, OutboxMail]) -> None:
    User.objects.update(name="Nieuwe Naam")
    fresh = OutboxMail.objects.get(pk=every_mail["account_exists"].pk)

    assert "Nieuwe Naam" in body_part(message_as_sent(fresh), "plain")
