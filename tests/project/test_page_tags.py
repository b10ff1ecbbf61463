"""Small pieces of the frame."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.addresses import readable_domain
from companies.models import Company
from nenconnect.text.characters import with_one_stop
from pages.page_tags import breakable


def test_an_address_breaks_at_its_at_sign_and_dots_and_stays_escaped() -> None:
    assert breakable("a.b@c.example") == "a<wbr>.b<wbr>@c<wbr>.example"
    assert breakable("<b>@c") == "&lt;b&gt;<wbr>@c"


def test_a_domain_with_letters_of_its_own_shows_them_beside_the_stored_form() -> None:
    assert readable_domain("xn--mnchen-3ya.example") == "münchen.example (xn--mnchen-3ya.example)"
    assert readable_domain("voorbeeld.example") == "voorbeeld.example"
    assert readable_domain("xn--a.example") == "xn--a.example"  # no IDNA: shown as it is stored


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("U hoort nu bij Jansen B.V..", "U hoort nu bij Jansen B.V."),
        ("bij <b>De Boer V.O.F..</b>", "bij <b>De Boer V.O.F.</b>"),
        ("U bent nu gebruiker bij Smith Ltd.. Welkom", "U bent nu gebruiker bij Smith Ltd. Welkom"),
        ("Even wachten...", "Even wachten..."),
        ("Jansen B.V... en verder", "Jansen B.V... en verder"),
        ("../a.b..c", "../a.b..c"),
    ],
)
def test_after_an_abbreviation_comes_no_second_stop(written: str, shown: str) -> None:
    assert with_one_stop(written) == shown


@pytest.mark.django_db
def test_no_page_ends_a_sentence_with_two_stops(admin: User, sign_in: Callable[[User], Client]) -> None:
    Company.objects.update(name="Jansen & Zn. B.V.")

    page = sign_in(admin).get(reverse("company:settings")).content.decode()

    assert "voor iedereen bij Jansen &amp; Zn. B.V.\n" in page


@pytest.mark.django_db
def test_after_a_form_error_the_focus_goes_to_the_summary_without_a_script(client: Client) -> None:
    page = client.post(reverse("sign_in:register"), {}).content.decode()

    summary = page[page.index('class="error-summary"') :].partition(">")[0]
    assert "autofocus" in summary
    assert 'tabindex="-1"' in summary
