"""Test small parts of pages: breakable addresses, readable domains and the error summary."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.addresses import readable_domain
from pages.page_tags import breakable


def test_an_address_may_wrap_at_its_at_sign_and_dots_and_stays_escaped() -> None:
    assert breakable("a.b@c.example") == "a<wbr>.b<wbr>@c<wbr>.example"
    assert breakable("<b>@c") == "&lt;b&gt;<wbr>@c"


def test_a_domain_with_special_letters_shows_them_beside_the_stored_form() -> None:
    assert readable_domain("xn--mnchen-3ya.example") == "münchen.example (xn--mnchen-3ya.example)"
    assert readable_domain("voorbeeld.example") == "voorbeeld.example"
    assert readable_domain("xn--a.example") == "xn--a.example"  # invalid IDNA is shown as stored


@pytest.mark.django_db
def test_after_a_form_error_the_summary_gets_the_focus_without_a_script(client: Client) -> None:
    page = client.post(reverse("sign_in:register"), {}).content.decode()

    summary = page[page.index('class="error-summary"') :].partition(">")[0]
    assert "autofocus" in summary
    assert 'tabindex="-1"' in summary
