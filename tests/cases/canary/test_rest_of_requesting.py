"""C29 for deputies, digests, reminders, closed requests and the download of own data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Deputy, User
from companies.models import Company, LabelKind
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from reports.own_data import own_data
from requests_app import mails, waiting_mails
from requests_app.actions import deciding, requester_actions, waiting_list
from requests_app.actions import digests as waiting
from requests_app.actions.asking import request_document, request_license
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest
from tests.cases.canary.secrets import PK, SECRETS, addresses, told, variations
from tests.every_mail import part, sent
from tests.factories import document, license_for
from tests.pages.access_cast import browsers, things
from tests.pages.access_table import NO_METHOD, NO_METHOD_IN, TABLE

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def more(
    company: Company, admin: User, canary: User, colleague: User, asked: list[AccessRequest]
) -> list[AccessRequest]:
    """What asking has besides: a word, a reminder, a place in line, one that closed by itself, a label, a deputy.

    The canary stands in for the admin, and the colleague did so until yesterday and decided then.
    """
    today, long_ago = timezone.localdate(), timezone.now() - timedelta(days=40)
    Company.objects.filter(pk=company.pk).update(request_label="Project", closes_after_days=30)
    label = company.label_values.create(kind=LabelKind.REQUESTS, name="Gewoon project")
    full = license_for(company, seats=0)
    waiting_row = request_license(full, by=canary)
    waiting_list.put_in_line(waiting_row, by=admin)
    old = [request_license(license_for(company), by=canary), request_document(document(), by=canary)]
    late = [request_license(license_for(company), by=canary, label=label), request_document(document(), by=canary)]
    for row in [*old, *late]:
        requester_actions.add_word(row, "Een woord erbij", by=canary)
        type(row)._default_manager.filter(pk=row.pk).update(created_at=long_ago)
    for row in late:
        requester_actions.nudge(row, by=canary)
        type(row)._default_manager.filter(pk=row.pk).update(created_at=timezone.now())
    waiting.close_old_requests()
    days = {"first_day": today - timedelta(days=9), "last_day": today + timedelta(days=9)}
    Deputy.objects.create(company=company, user=canary, admin=admin, **days)
    stood_in = Deputy.objects.create(company=company, user=colleague, admin=admin, **days)
    decided = request_license(license_for(company), by=canary)
    deciding.reject(decided, by=User.objects.get(pk=colleague.pk), reason="Te duur", note="alleen-voor-jou")
    Deputy.objects.filter(pk=stood_in.pk).update(last_day=today - timedelta(days=1))
    return [waiting_row, *old, *late, decided]


def test_c29_no_page_of_the_rest_of_asking_tells_a_colleague_who_asked(
    colleague: User,
    company: Company,
    asked: list[AccessRequest],
    more: list[AccessRequest],
    things: dict[str, object],
    sign_in: SignIn,
) -> None:
    """Line, label, deputies, settings, figures and exports; also by who was deputy and decided on one."""
    assert {row.status for row in map(_fresh, more)} == {"open", "expired", "rejected"}
    browser, numbers = sign_in(colleague), _numbers_of_the_rest(company)
    urls = {*addresses(things, more), *variations()}
    for name, row in TABLE.items():
        if row.thing in numbers and row.get not in (NO_METHOD, NO_METHOD_IN):
            urls |= {reverse(name, args=[pk]) for pk in numbers[row.thing]}

    seen = {
        url: told(browser.get(url))
        for url in sorted(urls)
        if not any(one.lower() in url.lower() for one in SECRETS)
    }

    assert {url: secrets for url, secrets in seen.items() if secrets} == {}
    assert {"/aanvragen/cijfers/", "/mijn-bedrijf/instellingen/plaatsvervangers/"} <= set(seen)


def test_c29_no_button_of_the_rest_of_asking_tells_a_colleague_who_asked(
    colleague: User, company: Company, more: list[AccessRequest], sign_in: SignIn
) -> None:
    browser, before = sign_in(colleague), [(row.pk, _fresh(row).status) for row in more]
    sent = {"text": "?", "reason": "x", "q": "kanarie", "email": "iemand@voorbeeld.example"}
    for row in more:
        kind = "license" if isinstance(row, LicenseRequest) else "document"
        for name in ("add_word", "nudge"):
            answer = browser.post(reverse(f"requests:{name}_{kind}", args=[row.pk]), sent, follow=True)
            assert told(answer) == []
    for deputy in Deputy.objects.filter(user=PK):
        assert told(browser.post(reverse("company:remove_deputy", args=[deputy.pk]), follow=True)) == []
    for name in ("add_deputy", "request_rules", "add_request_label_values"):
        assert told(browser.post(reverse(f"company:{name}"), sent, follow=True)) == []
    assert [(row.pk, _fresh(row).status) for row in more] == before
    assert Deputy.objects.filter(user=PK).exists()


def test_c29_no_digest_reminder_or_closing_mail_tells_a_colleague_who_asked(
    colleague: User, company: Company, admin: User, more: list[AccessRequest]
) -> None:
    """Each mail that there is about requests, put before a colleague: as if an admin or deputy until just now.

    The colleague is the contact person as well, who reads how many wait.
    """
    Company.objects.filter(pk=company.pk).update(contact_email=colleague.email)
    company.refresh_from_db()
    today = timezone.localdate()
    waiting_mails.send_digests([admin], today)
    waiting_mails.send_requests_unanswered([company], today)
    for kind in (LicenseRequest, DocumentRequest):
        kind.objects.pending().update(reminded_on=today, escalated_on=today)
    mails.send_requests_waiting([admin], today)
    events = set(OutboxMail.objects.exclude(recipient=PK).values_list("event", flat=True))
    assert {"requests_digest", "requests_unanswered", "license_requests_waiting", "request_nudged"} <= events
    OutboxMail.objects.filter(recipient=admin).update(recipient=colleague)

    letters = dict(_letters_to(colleague))

    assert "requests_unanswered" in letters
    assert {event: told_in for event, text in letters.items() if (told_in := _secrets_in(text))} == {}


def test_c29_what_a_colleague_downloads_of_oneself_tells_nothing(
    colleague: User, more: list[AccessRequest], sign_in: SignIn
) -> None:
    """Also of who decided as a deputy once."""
    assert _secrets_in(json.dumps(own_data(colleague), default=str, ensure_ascii=False)) == []


def _fresh(row: AccessRequest) -> AccessRequest:
    return type(row)._default_manager.get(pk=row.pk)


def _numbers_of_the_rest(company: Company) -> dict[str, list[int]]:
    rows = {"deputy": Deputy.objects.all(), "label_value": company.label_values.all()}
    return {thing: list(found.values_list("pk", flat=True)) for thing, found in rows.items()}


def _letters_to(reader: User) -> Iterator[tuple[str, str]]:
    for mail in OutboxMail.objects.filter(recipient=reader).select_related("recipient", "on_behalf_of"):
        try:
            message = sent(mail)
        except Unwanted:
            continue
        yield mail.event, f"{message.items()} {part(message, 'plain')} {part(message, 'html')}"


def _secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret.lower() in text.lower()]
