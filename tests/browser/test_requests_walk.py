"""Test requesting and deciding in a real browser: pages fit on a phone, axe finds no fault, scripts optional."""

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
from tests.browser.walking import NARROW, Walker, click, sign_in
from tests.factories import PASSWORD, make_collection, make_document, make_grants, make_license, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

LONG_NAME = "Wilhelmina-Alexandrina van den Heuvel-Oosterhuis tot Nieuwenhuizen"
LONG_LICENSE = "Brandveiligheid, installatietechniek en gelijkwaardige bouwwerkzaamheden (aanvullend pakket)"
LONG_REASON = "Voor het project Zuidasdok hebben wij de meest recente eisen nodig. " * 12 + "x" * 180
REASON = "Ook voor de aanbestedingsvoorbereidingswerkzaamheden van volgende maand."


@pytest.fixture
def request_rows(company: Company, admin: User, colleague: User) -> dict[str, Any]:
    """Insert requests in every state, of the person and of a colleague, with the longest names and texts."""
    company.request_label, company.request_text = (
        "Kostenplaats",
        "Bel eerst even met Inkoop.\n\n" + LONG_REASON[:400],
    )
    company.save()
    label = company.label_values.create(kind=LabelKind.REQUESTS, name="Kostenplaats 4711 – Verduurzaming Zuid")
    other = make_person(company=company, name=LONG_NAME)
    add_sentence(company, "Vraag het eerst aan uw teamleider, die weet wat er al is.", by=admin)
    make_grants(make_license(company, name=f"Basis – {LONG_LICENSE}"), other)
    make_collection(company, name="Maatwerk Constructies")
    rows: dict[str, Any] = {"free": make_license(company, name=LONG_LICENSE, documents=[make_document()])}
    rows["shared"] = rows["free"].documents.get()
    for by, owner in ((colleague, "own"), (other, "others")):
        for state in ("open", "asked", "approved", "rejected", "withdrawn"):
            license_request: Any = request_license(
                make_license(company, name=f"{LONG_LICENSE} {owner} {state}"),
                by=by,
                reason=LONG_REASON[:1000],
                label=label,
            )
            document_request: Any = request_document(make_document(), by=by, reason=REASON)
            for access_request in (license_request, document_request):
                _bring_into_state(access_request, state, admin, by)
            rows |= {f"{owner}_{state}_license": license_request, f"{owner}_{state}_document": document_request}
    name_deputy(
        make_person(company=company, name=LONG_NAME),
        by=admin,
        first_day=timezone.localdate(),
        last_day=timezone.localdate(),
    )
    return rows


def _bring_into_state(access_request: Any, state: str, admin: User, by: User) -> None:
    later = timezone.localdate() + timedelta(days=20)
    rejection: dict[str, Any] = {"reason": LONG_REASON[:1000], "note": REASON, "ask_again_on": later}
    if state == "asked":
        asking_first.ask_first(access_request, LONG_REASON[:500], by=admin)
    elif state == "approved" and isinstance(access_request, DocumentRequest):
        approve_document(access_request, license=License.objects.get(name="Maatwerk Constructies"), by=admin)
    elif state == "approved":
        approve(access_request, by=admin)
    elif state == "rejected":
        reject(access_request, by=admin, **rejection)
    elif state == "withdrawn":
        withdraw(access_request, by=by)


def walker_for(browser: Browser, live_server: Any, user: User) -> Walker:
    walker = Walker(browser, live_server.url, user.email)
    sign_in(walker.page, user.email, PASSWORD)
    return walker


def visits(walker: Walker, *pages: tuple[str, Any]) -> None:
    for url_name, row in pages:
        walker.checked_pages.clear()  # the same address looks different in each state
        walker.page.goto(reverse(url_name, args=[row.pk] if row else []))
        walker.checks_page()
    assert walker.console_errors == []


STATES = ("open", "asked", "approved", "rejected", "withdrawn")


def test_the_request_pages_of_an_employee_fit_on_a_phone(
    browser: Browser, live_server: Any, request_rows: dict[str, Any], colleague: User
) -> None:
    walker = walker_for(browser, live_server, colleague)
    visits(
        walker,
        ("requests:license_requests", None),
        ("requests:document_requests", None),
        ("requests:request_license", None),
        ("requests:request_document", request_rows["shared"]),
        ("documents:document", request_rows["own_rejected_document"].document),
        ("profile:profile_licenses", None),
        ("requests:add_word_license", request_rows["own_open_license"]),
        ("requests:answer_license", request_rows["own_asked_license"]),
        ("requests:answer_document", request_rows["own_asked_document"]),
        *(
            (f"requests:{kind}_request", request_rows[f"{state_key}_{kind}"])
            for kind in ("license", "document")
            for state_key in (*(f"own_{state}" for state in STATES), "others_open", "others_rejected")
        ),
    )


def test_the_decision_pages_of_an_admin_fit_on_a_phone(
    browser: Browser, live_server: Any, request_rows: dict[str, Any], admin: User
) -> None:
    walker = walker_for(browser, live_server, admin)
    visits(
        walker,
        ("requests:license_requests", None),
        ("requests:document_requests", None),
        *(("requests:license_request", request_rows[f"others_{state}_license"]) for state in STATES),
        *(("requests:document_request", request_rows[f"others_{state}_document"]) for state in STATES),
        ("requests:ask_license", request_rows["others_open_license"]),
        ("requests:reject_license", request_rows["others_open_license"]),
        ("requests:reject_document", request_rows["others_open_document"]),
        ("requests:approve_document", request_rows["others_open_document"]),
        ("requests:figures", None),
        ("company:sentences", None),
        ("company:add_sentence", None),
        ("company:settings", None),
        ("company:request_rules", None),
        ("company:request_label", None),
        ("company:deputies", None),
        ("company:add_deputy", None),
    )


def test_several_requests_can_be_previewed_and_decided_on_a_phone(
    browser: Browser, live_server: Any, request_rows: dict[str, Any], admin: User
) -> None:
    walker = walker_for(browser, live_server, admin)
    for name, decision, button in (
        ("license_requests", "Goedkeuren", "Aangevinkte goedkeuren…"),
        ("document_requests", "Afkeuren", "Aangevinkte afkeuren…"),
    ):
        walker.page.goto(reverse(f"requests:{name}"))
        walker.clicks("Alles aanvinken wat op deze pagina openstaat")
        walker.clicks(button)
        walker.clicks(decision, within="main form")
        walker.sees("Wat er is beslist")
    assert walker.console_errors == []
    assert not LicenseRequest.objects.pending().exists()
    assert not DocumentRequest.objects.pending().exists()


@pytest.fixture
def scriptless_page(browser: Browser, live_server: Any) -> Iterator[Any]:
    """Return a function that signs in with a browser without scripts, as wide as a phone."""
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


def test_requesting_and_deciding_work_without_scripts(
    scriptless_page: Any, company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company, name="Bouw")
    add_sentence(company, "Vraag het eerst aan uw teamleider.", by=admin)
    eva, anna = scriptless_page(colleague), scriptless_page(admin)

    eva.goto(reverse("requests:request_license"))
    eva.get_by_label("Bouw").check()
    eva.locator("#id_reason").fill("Voor de Zuidas")
    click(eva.get_by_role("button", name="Aanvraag versturen"))
    license_request = LicenseRequest.objects.get()
    anna.goto(reverse("requests:license_request", args=[license_request.pk]))
    click(anna.get_by_role("link", name="Eerst iets vragen"))
    anna.locator("#id_text").fill("Welk project?")
    click(anna.get_by_role("button", name="Vraag versturen"))
    eva.goto(reverse("requests:license_request", args=[license_request.pk]))
    click(eva.get_by_role("link", name="Antwoorden"))
    eva.locator("#id_text").fill("Zuidasdok")
    click(eva.get_by_role("button", name="Antwoord versturen"))
    anna.goto(reverse("requests:reject_license", args=[license_request.pk]))
    anna.locator("#id_sentence").select_option(index=1)
    click(anna.get_by_role("button", name="Invoegen voor de aanvrager"))
    anna.locator("#id_reason").fill("Nu niet nodig")
    anna.locator("#id_ask_again_on").fill((timezone.localdate() + timedelta(days=1)).isoformat())
    click(anna.locator("main").get_by_role("button", name="Afkeuren"))
    license_request.refresh_from_db()
    assert license_request.status == "rejected"
    assert license_request.rejection_note == "Vraag het eerst aan uw teamleider."
    assert license_request.ask_again_on == timezone.localdate() + timedelta(days=1)

    LicenseRequest.objects.update(ask_again_on=timezone.localdate())
    eva.goto(reverse("requests:license_request", args=[license_request.pk]))
    click(eva.get_by_role("link", name="Deze licentie opnieuw aanvragen"))
    assert eva.locator("#id_reason").input_value() == "Voor de Zuidas"
    click(eva.get_by_role("button", name="Aanvraag versturen"))
    anna.goto(reverse("requests:license_requests"))
    click(anna.get_by_role("button", name="Goedkeuren Bouw"))
    assert license.grants.get().user == colleague
