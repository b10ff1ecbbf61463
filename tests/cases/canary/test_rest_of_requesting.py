"""Test that deputies, digests, reminders, expiry and own data hide the requester from colleagues (C29)."""

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
from requests_app.actions import deciding, digests, requester_actions, waiting_list
from requests_app.actions.asking import request_document, request_license
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest
from tests.cases.canary.secrets import PK, SECRETS, list_and_export_urls, secrets_in, urls_of_every_page
from tests.every_mail import body_part, message_as_sent
from tests.factories import make_document, make_license
from tests.pages.access_cast import browsers, things
from tests.pages.access_table import NO_METHOD, NO_METHOD_IN, TABLE

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def more_canary_requests(
    company: Company, admin: User, canary: User, colleague: User, canary_requests: list[AccessRequest]
) -> list[AccessRequest]:
    """Insert requests with an added word, a reminder, a waiting place, an expiry, a label and a deputy.

    The canary is deputy of the admin; the colleague was until yesterday and decided on one request then.
    """
    today, long_ago = timezone.localdate(), timezone.now() - timedelta(days=40)
    Company.objects.filter(pk=company.pk).update(request_label="Project", closes_after_days=30)
    label = company.label_values.create(kind=LabelKind.REQUESTS, name="Gewoon project")
    full = make_license(company, seats=0)
    waiting_request = request_license(full, by=canary)
    waiting_list.put_in_line(waiting_request, by=admin)
    old = [request_license(make_license(company), by=canary), request_document(make_document(), by=canary)]
    nudged = [
        request_license(make_license(company), by=canary, label=label),
        request_document(make_document(), by=canary),
    ]
    for row in [*old, *nudged]:
        requester_actions.add_word(row, "Een woord erbij", by=canary)
        type(row)._default_manager.filter(pk=row.pk).update(created_at=long_ago)
    for row in nudged:
        requester_actions.nudge(row, by=canary)
        type(row)._default_manager.filter(pk=row.pk).update(created_at=timezone.now())
    digests.close_old_requests()
    days = {"first_day": today - timedelta(days=9), "last_day": today + timedelta(days=9)}
    Deputy.objects.create(company=company, user=canary, admin=admin, **days)
    deputy_period = Deputy.objects.create(company=company, user=colleague, admin=admin, **days)
    decided_request = request_license(make_license(company), by=canary)
    deciding.reject(
        decided_request, by=User.objects.get(pk=colleague.pk), reason="Te duur", note="alleen-voor-jou"
    )
    Deputy.objects.filter(pk=deputy_period.pk).update(last_day=today - timedelta(days=1))
    return [waiting_request, *old, *nudged, decided_request]


def test_c29_no_page_about_waiting_labels_or_deputies_shows_a_colleague_the_requester(
    colleague: User,
    company: Company,
    canary_requests: list[AccessRequest],
    more_canary_requests: list[AccessRequest],
    things: dict[str, object],
    sign_in: SignIn,
) -> None:
    assert {row.status for row in map(_reloaded, more_canary_requests)} == {"open", "expired", "rejected"}
    browser, ids = sign_in(colleague), _ids_of_deputies_and_labels(company)
    urls = {*urls_of_every_page(things, more_canary_requests), *list_and_export_urls()}
    for name, row in TABLE.items():
        if row.thing in ids and row.get not in (NO_METHOD, NO_METHOD_IN):
            urls |= {reverse(name, args=[pk]) for pk in ids[row.thing]}

    secrets_by_url = {
        url: secrets_in(browser.get(url))
        for url in sorted(urls)
        if not any(secret.lower() in url.lower() for secret in SECRETS)
    }

    assert {url: secrets for url, secrets in secrets_by_url.items() if secrets} == {}
    assert {"/aanvragen/cijfers/", "/mijn-bedrijf/instellingen/plaatsvervangers/"} <= set(secrets_by_url)


def test_c29_no_button_about_words_reminders_or_deputies_shows_a_colleague_the_requester(
    colleague: User, company: Company, more_canary_requests: list[AccessRequest], sign_in: SignIn
) -> None:
    browser, before = sign_in(colleague), [(row.pk, _reloaded(row).status) for row in more_canary_requests]
    form_data = {"text": "?", "reason": "x", "q": "kanarie", "email": "iemand@voorbeeld.example"}
    for row in more_canary_requests:
        kind = "license" if isinstance(row, LicenseRequest) else "document"
        for name in ("add_word", "nudge"):
            response = browser.post(reverse(f"requests:{name}_{kind}", args=[row.pk]), form_data, follow=True)
            assert secrets_in(response) == []
    for deputy in Deputy.objects.filter(user=PK):
        assert secrets_in(browser.post(reverse("company:remove_deputy", args=[deputy.pk]), follow=True)) == []
    for name in ("add_deputy", "request_rules", "add_request_label_values"):
        assert secrets_in(browser.post(reverse(f"company:{name}"), form_data, follow=True)) == []
    assert [(row.pk, _reloaded(row).status) for row in more_canary_requests] == before
    assert Deputy.objects.filter(user=PK).exists()


def test_c29_no_digest_or_reminder_mail_names_the_requester_to_a_colleague(
    colleague: User, company: Company, admin: User, more_canary_requests: list[AccessRequest]
) -> None:
    # The colleague is the contact person, who gets a mail with the number of waiting requests, and gets the
    # mails of the admin too, as if an admin until just now.
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

    texts_by_event = dict(_mail_texts_to(colleague))

    assert "requests_unanswered" in texts_by_event
    assert {event: leaks for event, text in texts_by_event.items() if (leaks := _secrets_in_text(text))} == {}


def test_c29_the_own_data_of_a_colleague_does_not_name_the_requester(
    colleague: User, more_canary_requests: list[AccessRequest], sign_in: SignIn
) -> None:
    assert _secrets_in_text(json.dumps(own_data(colleague), default=str, ensure_ascii=False)) == []


def _reloaded(row: AccessRequest) -> AccessRequest:
    return type(row)._default_manager.get(pk=row.pk)


def _ids_of_deputies_and_labels(company: Company) -> dict[str, list[int]]:
    rows = {"deputy": Deputy.objects.all(), "label_value": company.label_values.all()}
    return {thing: list(queryset.values_list("pk", flat=True)) for thing, queryset in rows.items()}


def _mail_texts_to(reader: User) -> Iterator[tuple[str, str]]:
    for mail in OutboxMail.objects.filter(recipient=reader).select_related("recipient", "on_behalf_of"):
        try:
            message = message_as_sent(mail)
        except Unwanted:
            continue
        text, html = body_part(message, "plain"), body_part(message, "html")
        yield mail.event, f"{message.items()} {text} {html}"


def _secrets_in_text(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret.lower() in text.lower()]
