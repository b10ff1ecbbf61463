"""C29: who asked reaches no colleague, on whatever page, in whatever mail, export or header.

The requester has a name, an address, a telephone number and a database number that occur nowhere else. A colleague
walks every URL of the URLconf, with every order, filter and form that the lists have, follows every link those
pages show, and reads whatever mail the colleague gets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Deputy, User
from companies.models import Company, LabelKind
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from reports.own_data import own_data
from requests_app import mails, waiting_mails
from requests_app.actions import asking_first, document_requests, license_requests, requester_actions, waiting_list
from requests_app.actions import digests as waiting
from requests_app.actions.deciding import withdraw
from requests_app.actions.document_requests import request_document
from requests_app.actions.license_requests import request_license
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest
from tests.every_mail import part, sent
from tests.factories import collection_for, document, license_for, person
from tests.test_access import NO_METHOD, NO_METHOD_IN, TABLE, _arguments, browsers, things

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

PK = 987_654_321
NAME, ADDRESS, PHONE = "Karel Kanarie-Zeldzaam", "kanarie.zeldzaam@voorbeeld.example", "015 777 66 55"
SECRETS = ("kanarie", "zeldzaam", PHONE, str(PK), "987.654.321", "vertrouwelijke-vraag", "alleen-voor-jou")
MOST_PAGES = 400


@pytest.fixture
def canary(company: Company) -> User:
    return person(ADDRESS, company=company, pk=PK, name=NAME, phone=PHONE)


@pytest.fixture
def asked(company: Company, admin: User, canary: User) -> list[AccessRequest]:
    """One request of every outcome and of both kinds, each with a thread and every text that a decision has."""
    collection = collection_for(company, name="Voor iedereen")
    licenses = [license_for(company) for _number in range(4)]
    rows: list[AccessRequest] = [request_license(one, by=canary, reason="Voor het werk") for one in licenses]
    rows += [request_document(document(), by=canary, reason="Voor het werk") for _number in range(4)]
    for row in rows:
        asking_first.ask_first(row, "vertrouwelijke-vraag?", by=admin)
        asking_first.answer(row, "antwoord op de vertrouwelijke-vraag", by=canary)
    later = timezone.localdate() + timedelta(days=9)
    said: dict[str, Any] = {"reason": "Te duur", "note": "alleen-voor-jou", "ask_again_on": later}
    for kind in (LicenseRequest, DocumentRequest):
        theirs: list[Any] = [row for row in rows if isinstance(row, kind)]
        _open, approved, rejected, withdrawn = theirs
        if isinstance(approved, LicenseRequest):
            license_requests.approve(approved, by=admin)
            license_requests.reject(rejected, by=admin, **said)
        else:
            document_requests.approve(approved, license=collection, by=admin)
            document_requests.reject(rejected, by=admin, **said)
        withdraw(withdrawn, by=canary)
    return rows


def told(answer: Any) -> list[str]:
    """Which of the secrets stand in an answer, its headers and its cookies; numbers grouped or not."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    everything = f"{body.decode(errors='replace')}\n{answer.headers}\n{answer.cookies}".lower()
    return [secret for secret in SECRETS if secret.lower() in everything]


def addresses(things: dict[str, object], asked: list[AccessRequest]) -> Iterator[str]:
    """Every URL; those of one thing are asked for the canary, its requests and what the table's world has."""
    numbers: dict[str, list[int]] = {"user": [PK], "license_request": [], "document_request": [], "license": []}
    for one in asked:
        numbers["license_request" if isinstance(one, LicenseRequest) else "document_request"].append(one.pk)
        if isinstance(one, LicenseRequest):
            numbers["license"].append(one.license_id)
    for name, row in TABLE.items():
        if row.get in (NO_METHOD, NO_METHOD_IN):
            continue
        for thing in [*numbers.get(row.thing, []), things[row.thing]] if row.thing else [None]:
            if thing is not None or not row.thing:
                yield reverse(name, args=_arguments(thing) if row.thing else [])


LISTS = ["requests:license_requests", "requests:document_requests"]
EXPORTS = [
    "requests:export_license_requests",
    "requests:export_document_requests",
    "company:export_users",
]
SORTS = ["", "user", "-user", "user__name", "decided_by", "created_at", "-created_at", str(PK)]


def variations() -> Iterator[str]:
    """Lists with every period and status, each order that somebody might try, and filters that name the canary."""
    for name, period, sort in product(LISTS, ["month", "all"], SORTS):
        yield f"{reverse(name)}?period={period}&sort={sort}&order={sort}&o={sort}"
    for name, status in product(LISTS, ["open", "approved", "rejected", "withdrawn", "expired"]):
        yield f"{reverse(name)}?period=all&status={status}"
    for name, query in product(
        LISTS, [f"user={PK}", f"q={NAME}", f"own=on&user={PK}", "ticked=all", f"label={PK}"]
    ):
        yield f"{reverse(name)}?period=all&{query}"
    for name, form in product(EXPORTS, ["csv", "xlsx"]):
        yield f"{reverse(name)}?format={form}&period=all"


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
    license_requests.reject(
        decided, by=User.objects.get(pk=colleague.pk), reason="Te duur", note="alleen-voor-jou"
    )
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
