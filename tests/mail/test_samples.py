"""The page with an example of every mail: for NEN staff, and in the demo for everybody."""

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
def test_an_example_is_filled_with_what_the_mail_itself_is_filled_with() -> None:
    """A mail that comes to need more than its example has would show a hole there."""
    for mail in write_every_mail():
        facts = set(context_of(mail)) - {"stop_link"}  # which some readers have not
        assert facts == set(DECLARATIONS[mail.event].sample()) - {"stop_link"}, mail.event


@in_both_languages
@pytest.mark.parametrize("event", known_events())
def test_an_example_is_whole_small_and_asks_no_database(event: str, language: str) -> None:
    """Without the mark of a test that has a database, a query fails it."""
    letter = sample(event, language)
    html, text = html_of(event, language), str(letter.body)

    assert letter.subject.strip()
    assert f'<html lang="{language}"' in html
    assert "<inkoop>" not in html
    assert "<Noord-Nederland>" not in html
    assert "&amp;" not in text
    assert not re.search(r"\{\{|\{%|None|INVALID", html + text)
    assert "B.V.." not in html + text
    assert len(letter.message().as_bytes()) < 30_000


@in_both_languages
def test_long_names_and_the_signs_of_html_are_there_to_see(language: str) -> None:
    assert COMPANY in str(sample("registration_invited", language).body)
    assert PERSON in str(sample("request_received", language).body)
    assert "Partners &lt;Noord-Nederland&gt;" in html_of("registration_invited", language)


@in_both_languages
@pytest.mark.parametrize("event", known_events())
def test_read_for_somebody_else_an_example_says_for_whom(event: str, language: str) -> None:
    letter = sample(event, language, is_on_behalf=True)

    assert PERSON in str(letter.body).splitlines()[0]
    assert letter.to == ["beheer@voorbeeld.example"]


@pytest.mark.django_db
@pytest.mark.parametrize("event", known_events())
def test_no_link_of_an_example_opens_anything(event: str, client: Client) -> None:
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
def test_staff_see_all_mails_in_both_languages_and_each_as_it_arrives(as_staff: Client) -> None:
    everything = as_staff.get(reverse("mail_samples:samples")).content.decode()

    for event in known_events():
        for language in ("nl", "en"):
            assert reverse("mail_samples:sample", args=[event, language]) in everything
    page = as_staff.get(reverse("mail_samples:sample", args=["password_reset", "nl"])).content.decode()
    assert "Kies" in page
    assert "Voorbeeld-dat-niets-opent" in page
    assert reverse("mail_samples:sample_html", args=["password_reset", "nl"]) in page


@pytest.mark.django_db
def test_the_mail_stands_in_a_frame_that_runs_nothing_and_fetches_nothing(as_staff: Client) -> None:
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
def test_another_mail_or_language_does_not_exist(as_staff: Client, arguments: tuple[str, str]) -> None:
    assert as_staff.get(reverse("mail_samples:sample", args=arguments)).status_code == 404
    assert as_staff.get(reverse("mail_samples:sample_html", args=arguments)).status_code == 404


@pytest.mark.django_db
def test_the_demo_shows_them_without_signing_in_and_stays_in_the_demo(client: Client) -> None:
    assert reverse("demo:samples") in client.get(reverse("demo:mails")).content.decode()

    everything = client.get(reverse("demo:samples")).content.decode()
    page = client.get(reverse("demo:sample", args=["license_ending", "en"])).content.decode()

    assert "/beheer/" not in everything + page
    assert reverse("demo:sample_html", args=["license_ending", "en"]) in page
