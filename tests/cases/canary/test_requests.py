"""Test that no page, button or mail tells a colleague who requested a licence or a document (C29).

The requester has a name, address, telephone number and database number that appear nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from requests_app.models import AccessRequest, LicenseRequest
from tests.cases.canary.secrets import (
    EXPORTS,
    LISTS,
    PK,
    SECRETS,
    list_and_export_urls,
    secrets_in,
    urls_of_every_page,
)
from tests.pages.access_cast import browsers, things

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MAX_PAGES = 400


def page_links(response: Any) -> set[str]:
    if response.streaming or "text/html" not in response.headers.get("Content-Type", ""):
        return set()
    links = re.findall(r'href="((?:/|\?)[^"#]*)', response.content.decode())
    base = response.request["PATH_INFO"]
    absolute_links = (f"{base}{link}" if link.startswith("?") else link for link in links)
    return {link.replace("&amp;", "&") for link in absolute_links if not link.startswith("/static/")}


def test_c29_no_page_that_a_colleague_can_reach_shows_the_requester(
    colleague: User, canary_requests: list[AccessRequest], things: dict[str, object], sign_in: SignIn
) -> None:
    browser = sign_in(colleague)
    queue = [*urls_of_every_page(things, canary_requests), *list_and_export_urls()]
    secrets_by_url: dict[str, list[str]] = {}
    while queue and len(secrets_by_url) < MAX_PAGES:
        url = queue.pop(0)
        if url in secrets_by_url or "/uitloggen" in url:
            continue
        response = browser.get(url)
        # Secrets that are in the URL itself come back in links of the page: that is no leak.
        secrets_by_url[url] = (
            []
            if any(secret in url for secret in SECRETS) and response.status_code != 200
            else secrets_in(response)
        )
        if any(secret.lower() in url.lower() for secret in SECRETS):
            secrets_by_url[url] = [secret for secret in secrets_by_url[url] if secret.lower() not in url.lower()]
        queue += sorted(page_links(response) - secrets_by_url.keys())

    assert {url: secrets for url, secrets in secrets_by_url.items() if secrets} == {}
    assert len(secrets_by_url) > 100


def test_c29_no_button_shows_a_colleague_the_requester(
    colleague: User, canary_requests: list[AccessRequest], sign_in: SignIn
) -> None:
    browser = sign_in(colleague)
    for access_request in canary_requests:
        kind = "license" if isinstance(access_request, LicenseRequest) else "document"
        for name in ("approve", "reject", "withdraw", "ask", "answer"):
            form_data = {"text": "Wie vroeg dit?", "reason": "x", "chosen": access_request.pk}
            response = browser.post(
                reverse(f"requests:{name}_{kind}", args=[access_request.pk]), form_data, follow=True
            )
            assert secrets_in(response) == [], (name, access_request)
        for name in ("approve", "reject"):
            response = browser.post(
                reverse(f"requests:{name}_{kind}s"), {"chosen": access_request.pk}, follow=True
            )
            assert response.status_code == 403
            assert secrets_in(response) == []
        access_request.refresh_from_db()


def test_c29_no_mail_to_a_colleague_names_the_requester(
    colleague: User, company: Company, admin: User, canary_requests: list[AccessRequest]
) -> None:
    # The mails of an admin go to the colleague, as if the colleague were an admin until just now.
    for access_request in canary_requests:
        OutboxMail.objects.filter(recipient=admin).update(recipient=colleague)
        assert access_request.company_id == company.pk
    texts = []
    for mail in OutboxMail.objects.filter(recipient=colleague).select_related("recipient", "on_behalf_of"):
        try:
            texts.append(str(render(mail).message()).lower())
        except Unwanted:
            continue

    assert OutboxMail.objects.filter(recipient=colleague).count() >= 8
    assert not [secret for text in texts for secret in SECRETS if secret.lower() in text]


def test_the_search_for_secrets_finds_the_requester_for_an_admin(
    admin: User, canary: User, canary_requests: list[AccessRequest], sign_in: SignIn
) -> None:
    # Proves that the search works: an admin's pages and exports do show the secrets.
    browser = sign_in(admin)
    assert {"kanarie", "zeldzaam", str(PK)} <= set(secrets_in(browser.get(reverse(LISTS[0]))))
    assert "vertrouwelijke-vraag" in secrets_in(
        browser.get(reverse("requests:license_request", args=[canary_requests[0].pk]))
    )
    rejected = reverse("requests:license_request", args=[canary_requests[2].pk])
    assert "alleen-voor-jou" in secrets_in(browser.get(rejected))
    assert "kanarie" in secrets_in(browser.get(reverse(EXPORTS[0]), {"format": "csv"}))
