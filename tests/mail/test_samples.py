"""Test the page with a sample of every mail: for NEN staff, and in the demo for everyone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse

from accounts.mail_cast import COMPANY, OPENS_NOTHING, PERSON
from accounts.models import User
from desk.mail.samples import sample
from nenconnect.mail.events import DECLARATIONS, context_of, known_events
from tests.every_mail import write_every_mail
from tests.factories import make_person

SignIn = Callable[[User], Client]
in_both_languages = pytest.mark.parametrize("language", ["nl", "en"])


def html_of(event: str, language: str, **how: Any) -> str:
    return str(sample(event, language, **how).alternatives[0][0])


@pytest.mark.django_db
def test_a_sample_mail_has_the_same_context_as_the_real_mail() -> None:
    # A sample without a value that the mail needs would show a hole.
    for mail in write_every_mail():
        context = set(context_of(mail)) - {"stop_link"}  # which some readers have not
        assert context == set(DECLARATIONS[mail.event].sample()) - {"stop_link"}, mail.event


@in_both_languages
@pytest.mark.parametrize("event", known_events())
def test_a_sample_mail_is_complete_and_small_and_needs_no_query(event: str, language: str) -> None:
    # Without the django_db mark, any query fails this test.
    mail_message = sample(event, language)
    html, text = html_of(event, language), str(mail_message.body)

    assert mail_message.subject.strip()
    assert f'<html lang="{language}"' in html
    assert "<inkoop>" not in html
    assert "<Noord-Nederland>" not in html
    assert "&amp;" not in text
    assert not re.search(r"\{\{|\{%|None|INVALID", html + text)
    assert "B.V.." not in html + text
    assert len(mail_message.message().as_bytes()) < 30_000


@in_both_languages
def test_sample_mails_show_long_names_and_escaped_html_characters(language: str) -> None:
    assert COMPANY in str(sample("registration_invited", language).body)
    assert PERSON in str(sample("request_received", language).body)
    assert "Partners &lt;Noord-Nederland&gt;" in html_of("registration_invited", language)


@in_both_languages
@pytest.mark.parametrize("event", known_events())
def test_a_rerouted_sample_mail_names_the_person_it_is_for(event: str, language: str) -> None:
    mail_message = sample(event, language, is_on_behalf=True)

    assert PERSON in str(mail_message.body).splitlines()[0]
    assert mail_message.to == ["beheer@voorbeeld.example"]


@pytest.mark.django_db
@pytest.mark.parametrize("event", known_events())
def test_the_links_of_a_sample_mail_lead_to_the_dead_link_page(event: str, client: Client) -> None:
    for link in re.findall(r'href="([^"]*)"', html_of(event, "nl")):
        assert link.startswith(settings.SITE_URL)
        path = link.removeprefix(settings.SITE_URL)
        assert resolve(path.partition("?")[0] or "/")
        for answer in (client.get(path), client.post(path)) if OPENS_NOTHING in path else []:
            assert "parts/dead_link.html" in {template.name for template in answer.templates}, path


# The pages ------------------------------------------------------------------------------------------


@pytest.fixture
def as_staff(sign_in: SignIn) -> Client:
    return sign_in(make_person("nieuw@nen.example", name="Nina Nieuw", is_staff=True, language="en"))


@pytest.mark.django_db
def test_staff_see_a_sample_of_every_mail_in_both_languages(as_staff: Client) -> None:
    everything = as_staff.get(reverse("mail_samples:samples")).content.decode()

    for event in known_events():
        for language in ("nl", "en"):
            assert reverse("mail_samples:sample", args=[event, language]) in everything
    page = as_staff.get(reverse("mail_samples:sample", args=["password_reset", "nl"])).content.decode()
    assert "Kies" in page
    assert "Voorbeeld-dat-niets-opent" in page
    assert reverse("mail_samples:sample_html", args=["password_reset", "nl"]) in page


@pytest.mark.django_db
def test_a_sample_mail_is_shown_in_a_sandboxed_frame_without_scripts(as_staff: Client) -> None:
    page = as_staff.get(reverse("mail_samples:sample", args=["password_reset", "nl"]) + "?namens=1")
    frame = as_staff.get(reverse("mail_samples:sample_html", args=["password_reset", "nl"]) + "?namens=1")

    assert 'sandbox="allow-popups' in page.content.decode()
    assert "allow-scripts" not in page.content.decode()
    assert "opmaak/?namens=1" in page.content.decode()
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "van den Bergh-Smitskamp &amp; Zn. &lt;inkoop&gt;" in frame.content.decode()
    assert '<base target="_top">' in frame.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [("bestaat_niet", "nl"), ("password_reset", "fr")])
def test_a_sample_of_an_unknown_mail_or_language_is_a_404(as_staff: Client, arguments: tuple[str, str]) -> None:
    assert as_staff.get(reverse("mail_samples:sample", args=arguments)).status_code == 404
    assert as_staff.get(reverse("mail_samples:sample_html", args=arguments)).status_code == 404


@pytest.mark.django_db
def test_the_demo_shows_the_sample_mails_to_visitors_with_demo_links_only(client: Client) -> None:
    assert reverse("demo:samples") in client.get(reverse("demo:mails")).content.decode()

    everything = client.get(reverse("demo:samples")).content.decode()
    page = client.get(reverse("demo:sample", args=["license_ending", "en"])).content.decode()

    assert "/beheer/" not in everything + page
    assert reverse("demo:sample_html", args=["license_ending", "en"]) in page
