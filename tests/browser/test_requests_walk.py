"""Asking and deciding in a real browser: every page fits a phone, axe minds nothing, and no script is needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.actions.deputies import name_deputy
from accounts.models import User
from companies.models import Company, LabelKind
from licenses.models import License
from requests_app.actions import asking_first
from requests_app.actions.approving_documents import approve_document
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import approve, reject, withdraw
from requests_app.actions.ready_sentences import add_sentence
from requests_app.models import DocumentRequest, LicenseRequest
from tests.browser.walking import NARROW, Person, click, sign_in
from tests.factories import PASSWORD, collection_for, document, granted, license_for, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

LONG_NAME = "Wilhelmina-Alexandrina van den Heuvel-Oosterhuis tot Nieuwenhuizen"
LONG_LICENSE = "Brandveiligheid, installatietechniek en gelijkwaardige bouwwerkzaamheden (aanvullend pakket)"
LONG_REASON = "Voor het project Zuidasdok hebben wij de meest recente eisen nodig. " * 12 + "x" * 180
REASON = "Ook voor de aanbestedingsvoorbereidingswerkzaamheden van volgende maand."


@pytest.fixture
def world(company: Company, admin: User, colleague: User) -> dict[str, Any]:
    """Requests of every state, one's own and others', with the longest names and texts that there are."""
    company.request_label, company.request_text = (
        "Kostenplaats",
        "Bel eerst even met Inkoop.\n\n" + LONG_REASON[:400],
    )
    company.save()
    label = company.label_values.create(kind=LabelKind.REQUESTS, name="Kostenplaats 4711 – Verduurzaming Zuid")
    other = person(company=company, name=LONG_NAME)
    add_sentence(company, "Vraag het eerst aan uw teamleider, die weet wat er al is.", by=admin)
    granted(license_for(company, name=f"Basis – {LONG_LICENSE}"), other)
    collection_for(company, name="Maatwerk Constructies")
    found: dict[str, Any] = {"free": license_for(company, name=LONG_LICENSE, documents=[document()])}
    found["shared"] = found["free"].documents.get()
    for by, who in ((colleague, "own"), (other, "others")):
        for state in ("open", "asked", "approved", "rejected", "withdrawn"):
            row: Any = request_license(
                license_for(company, name=f"{LONG_LICENSE} {who} {state}"),
                by=by,
                reason=LONG_REASON[:1000],
                label=label,
            )
            wanted: Any = request_document(document(), by=by, reason=REASON)
            for one in (row, wanted):
                _bring(one, state, admin, by)
            found |= {f"{who}_{state}_license": row, f"{who}_{state}_document": wanted}
    name_deputy(
        person(company=company, name=LONG_NAME),
        by=admin,
        first_day=timezone.localdate(),
        last_day=timezone.localdate(),
    )
    return found


def _bring(row: Any, state: str, admin: User, by: User) -> None:
    later = timezone.localdate() + timedelta(days=20)
    said: dict[str, Any] = {"reason": LONG_REASON[:1000], "note": REASON, "ask_again_on": later}
    if state == "asked":
        asking_first.ask_first(row, LONG_REASON[:500], by=admin)
    elif state == "approved" and isinstance(row, DocumentRequest):
        approve_document(row, license=License.objects.get(name="Maatwerk Constructies"), by=admin)
    elif state == "approved":
        approve(row, by=admin)
    elif state == "rejected":
        reject(row, by=admin, **said)
    elif state == "withdrawn":
        withdraw(row, by=by)


def walker_for(browser: Browser, live_server: Any, user: User) -> Person:
    walker = Person(browser, live_server.url, user.email)
    sign_in(walker.page, user.email, PASSWORD)
    return walker


def visits(walker: Person, *places: tuple[str, Any]) -> None:
    for name, thing in places:
        walker.seen.clear()  # one address looks different with each state
        walker.page.goto(reverse(name, args=[thing.pk] if thing else []))
        walker.looks()
    assert walker.complaints == []


STATES = ("open", "asked", "approved", "rejected", "withdrawn")


def test_what_an_employee_sees_fits_a_phone(
    browser: Browser, live_server: Any, world: dict[str, Any], colleague: User
) -> None:
    walker = walker_for(browser, live_server, colleague)
    visits(
        walker,
        ("requests:license_requests", None),
        ("requests:document_requests", None),
        ("requests:request_license", None),
        ("requests:request_document", world["shared"]),
        ("documents:document", world["own_rejected_document"].document),
        ("profile:profile_licenses", None),
        ("requests:add_word_license", world["own_open_license"]),
        ("requests:answer_license", world["own_asked_license"]),
        ("requests:answer_document", world["own_asked_document"]),
        *(
            (f"requests:{kind}_request", world[f"{state}_{kind}"])
            for kind in ("license", "document")
            for state in (*(f"own_{one}" for one in STATES), "others_open", "others_rejected")
        ),
    )


def test_what_an_admin_decides_with_fits_a_phone(
    browser: Browser, live_server: Any, world: dict[str, Any], admin: User
) -> None:
    walker = walker_for(browser, live_server, admin)
    visits(
        walker,
        ("requests:license_requests", None),
        ("requests:document_requests", None),
        *(("requests:license_request", world[f"others_{one}_license"]) for one in STATES),
        *(("requests:document_request", world[f"others_{one}_document"]) for one in STATES),
        ("requests:ask_license", world["others_open_license"]),
        ("requests:reject_license", world["others_open_license"]),
        ("requests:reject_document", world["others_open_document"]),
        ("requests:approve_document", world["others_open_document"]),
        ("requests:figures", None),
        ("company:sentences", None),
        ("company:add_sentence", None),
        ("company:settings", None),
        ("company:request_rules", None),
        ("company:request_label", None),
        ("company:deputies", None),
        ("company:add_deputy", None),
    )


def test_several_are_looked_at_and_decided_on_a_phone(
    browser: Browser, live_server: Any, world: dict[str, Any], admin: User
) -> None:
    walker = walker_for(browser, live_server, admin)
    for name, what, button in (
        ("license_requests", "Goedkeuren", "Aangevinkte goedkeuren…"),
        ("document_requests", "Afkeuren", "Aangevinkte afkeuren…"),
    ):
        walker.page.goto(reverse(f"requests:{name}"))
        walker.clicks("Alles aanvinken wat op deze pagina openstaat")
        walker.clicks(button)
        walker.clicks(what, within="main form")
        walker.sees("Wat er is beslist")
    assert walker.complaints == []
    assert not LicenseRequest.objects.pending().exists()
    assert not DocumentRequest.objects.pending().exists()


@pytest.fixture
def plain(browser: Browser, live_server: Any) -> Iterator[Any]:
    """Makes browsers that run no script, as wide as a phone."""
    pages: list[Page] = []

    def enter(user: User) -> Page:
        context = browser.new_context(base_url=live_server.url, java_script_enabled=False, viewport=NARROW)
        context.set_default_timeout(10_000)
        pages.append(context.new_page())
        sign_in(pages[-1], user.email, PASSWORD)
        return pages[-1]

    yield enter
    for page in pages:
        page.context.close()


def test_from_asking_to_approving_no_script_is_needed(
    plain: Any, company: Company, admin: User, colleague: User
) -> None:
    license = license_for(company, name="Bouw")
    add_sentence(company, "Vraag het eerst aan uw teamleider.", by=admin)
    eva, anna = plain(colleague), plain(admin)

    eva.goto(reverse("requests:request_license"))
    eva.get_by_label("Bouw").check()
    eva.locator("#id_reason").fill("Voor de Zuidas")
    click(eva.get_by_role("button", name="Aanvraag versturen"))
    row = LicenseRequest.objects.get()
    anna.goto(reverse("requests:license_request", args=[row.pk]))
    click(anna.get_by_role("link", name="Eerst iets vragen"))
    anna.locator("#id_text").fill("Welk project?")
    click(anna.get_by_role("button", name="Vraag versturen"))
    eva.goto(reverse("requests:license_request", args=[row.pk]))
    click(eva.get_by_role("link", name="Antwoorden"))
    eva.locator("#id_text").fill("Zuidasdok")
    click(eva.get_by_role("button", name="Antwoord versturen"))
    anna.goto(reverse("requests:reject_license", args=[row.pk]))
    anna.locator("#id_sentence").select_option(index=1)
    click(anna.get_by_role("button", name="Invoegen voor de aanvrager"))
    anna.locator("#id_reason").fill("Nu niet nodig")
    anna.locator("#id_ask_again_on").fill((timezone.localdate() + timedelta(days=1)).isoformat())
    click(anna.locator("main").get_by_role("button", name="Afkeuren"))
    row.refresh_from_db()
    assert row.status == "rejected"
    assert row.rejection_note == "Vraag het eerst aan uw teamleider."
    assert row.ask_again_on == timezone.localdate() + timedelta(days=1)

    LicenseRequest.objects.update(ask_again_on=timezone.localdate())
    eva.goto(reverse("requests:license_request", args=[row.pk]))
    click(eva.get_by_role("link", name="Deze licentie opnieuw aanvragen"))
    assert eva.locator("#id_reason").input_value() == "Voor de Zuidas"
    click(eva.get_by_role("button", name="Aanvraag versturen"))
    anna.goto(reverse("requests:license_requests"))
    click(anna.get_by_role("button", name="Goedkeuren Bouw"))
    assert license.grants.get().user == colleague
