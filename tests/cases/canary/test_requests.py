"""C29: no page, button or mail tells a colleague who requested a licence or a document.

The requester has a name, an address, a telephone number and a database number that occur nowhere else."""

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
from tests.cases.canary.secrets import EXPORTS, LISTS, PK, SECRETS, addresses, told, variations
from tests.pages.access_cast import browsers, things

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MOST_PAGES = 400


def links_of(answer: Any) -> set[str]:
    if answer.streaming or "text/html" not in answer.headers.get("Content-Type", ""):
        return set()
    found = re.findall(r'href="((?:/|\?)[^"#]*)', answer.content.decode())
    base = answer.request["PATH_INFO"]
    whole = (f"{base}{link}" if link.startswith("?") else link for link in found)
    return {link.replace("&amp;", "&") for link in whole if not link.startswith("/static/")}


def test_c29_no_page_that_a_colleague_can_reach_tells_who_asked(
    colleague: User, asked: list[AccessRequest], things: dict[str, object], sign_in: SignIn
) -> None:
    browser = sign_in(colleague)
    waiting = [*addresses(things, asked), *variations()]
    seen: dict[str, list[str]] = {}
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url in seen or "/uitloggen" in url:
            continue
        answer = browser.get(url)
        # What the colleague typed into the address comes back in links of the page: it tells nothing.
        seen[url] = [] if any(secret in url for secret in SECRETS) and answer.status_code != 200 else told(answer)
        if any(secret.lower() in url.lower() for secret in SECRETS):
            seen[url] = [secret for secret in seen[url] if secret.lower() not in url.lower()]
        waiting += sorted(links_of(answer) - seen.keys())

    assert {url: secrets for url, secrets in seen.items() if secrets} == {}
    assert len(seen) > 100


def test_c29_no_button_that_a_colleague_presses_tells_who_asked(
    colleague: User, asked: list[AccessRequest], sign_in: SignIn
) -> None:
    browser = sign_in(colleague)
    for row in asked:
        kind = "license" if isinstance(row, LicenseRequest) else "document"
        for name in ("approve", "reject", "withdraw", "ask", "answer"):
            sent = {"text": "Wie vroeg dit?", "reason": "x", "chosen": row.pk}
            answer = browser.post(reverse(f"requests:{name}_{kind}", args=[row.pk]), sent, follow=True)
            assert told(answer) == [], (name, row)
        for name in ("approve", "reject"):
            answer = browser.post(reverse(f"requests:{name}_{kind}s"), {"chosen": row.pk}, follow=True)
            assert answer.status_code == 403
            assert told(answer) == []
        row.refresh_from_db()


def test_c29_no_mail_to_a_colleague_tells_who_asked(
    colleague: User, company: Company, admin: User, asked: list[AccessRequest]
) -> None:
    """The colleague asked for the same, so that every mail about requests comes; and decided once, as an admin."""
    for row in asked:
        OutboxMail.objects.filter(recipient=admin).update(recipient=colleague)  # as if demoted since
        assert row.company_id == company.pk
    letters = []
    for mail in OutboxMail.objects.filter(recipient=colleague).select_related("recipient", "on_behalf_of"):
        try:
            letters.append(str(render(mail).message()).lower())
        except Unwanted:
            continue

    assert OutboxMail.objects.filter(recipient=colleague).count() >= 8
    assert not [secret for letter in letters for secret in SECRETS if secret.lower() in letter]


def test_the_walk_finds_the_canary_for_an_admin(
    admin: User, canary: User, asked: list[AccessRequest], sign_in: SignIn
) -> None:
    """It would see what it looks for: an admin's pages and exports have it."""
    browser = sign_in(admin)
    assert {"kanarie", "zeldzaam", str(PK)} <= set(told(browser.get(reverse(LISTS[0]))))
    assert "vertrouwelijke-vraag" in told(browser.get(reverse("requests:license_request", args=[asked[0].pk])))
    rejected = reverse("requests:license_request", args=[asked[2].pk])
    assert "alleen-voor-jou" in told(browser.get(rejected))
    assert "kanarie" in told(browser.get(reverse(EXPORTS[0]), {"format": "csv"}))
