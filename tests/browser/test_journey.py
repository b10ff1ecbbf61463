"""Test the whole journey by clicking only, from a company that NEN creates to a colleague who reads a document.

It runs the whole demo with its own Postgres, Redis, Celery worker and mail server: every mail goes through the
outbox, the worker and a real SMTP conversation, and is read in the demo's mailbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import Browser

from nenconnect.demo import DEMO_PASSWORD
from tests.browser.walking import Walker, click
from tests.live import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COMPANY = "Waterwerken & Zn. Delta"
DOMAIN = "waterwerken.example"
WIDE_LICENSE, OTHER_LICENSE = "Basis Waterbouw", "Constructies"


@pytest.fixture
def new_walker(browser: Browser, running_demo: Demo) -> Iterator[partial[Walker]]:
    people: list[Walker] = []

    def enter(address: str, name: str = "") -> Walker:
        people.append(Walker(browser, running_demo.url, address, name))
        return people[-1]

    yield partial(enter)
    console_errors = [error for person in people for error in person.console_errors]
    for person in people:
        person.page.context.close()
    assert console_errors == []


def test_the_journey_from_a_new_company_to_a_colleague_who_reads_a_document(new_walker):
    nel = new_walker("nen@nen.example")
    anna = new_walker(f"anna@{DOMAIN}", "Anna van der Brug")
    bas = new_walker(f"bas@{DOMAIN}", "Bas Sluis")
    eva = new_walker(f"eva@{DOMAIN}", "Eva Kade-Oever")
    finn = new_walker(f"finn@{DOMAIN}", "Finn Dijk")

    nen_creates_a_company(nel, anna)
    the_first_admin_registers(anna)
    the_admin_adds_a_user(anna, bas)
    an_employee_registers(eva)
    the_employee_requests_a_licence_and_reads(eva, "Nodig voor de sluis bij Terneuzen")
    the_admin_approves(anna, eva)
    the_admin_rejects_another_request(anna, finn)
    both_requesters_read_the_decision(eva, finn)
    a_colleague_sees_the_reason_and_no_name(bas, finn)
    the_last_admin_cannot_leave_before_a_colleague_is_admin(anna, bas)


def nen_creates_a_company(nel: Walker, anna: Walker) -> None:
    nel.opens_the_site()
    nel.signs_in(DEMO_PASSWORD)
    nel.clicks("Beheer", within="nav")
    nel.clicks("Bedrijven", within="#content-main")
    click(nel.page.locator("a.addlink").first)
    nel.fills(
        name=COMPANY,
        customer_number="K-2026-77",
        contact_person="Carla Contact",
        contact_phone="0113 12 34 56",
        contact_email=f"info@{DOMAIN}",
        admin_name=anna.name,
        admin_email=anna.address,
    )
    nel.page.locator("#id_allows_self_registration").check()
    nel.fills(**{"domains-0-name": DOMAIN})
    for number, name in enumerate((WIDE_LICENSE, OTHER_LICENSE)):
        nen_fills_in_a_license(nel, number, name, document="NEN-EN" if number else "NPR")
    nel.page.locator("#id_licenses-0-is_company_wide_approved").check()
    nel.page.locator("#id_licenses-0-is_company_wide").check()
    click(nel.page.locator("input[name=_save]"))
    nel.sees(COMPANY)
    assert nel.page.locator(".errornote").count() == 0


def nen_fills_in_a_license(nel: Walker, number: int, name: str, *, document: str) -> None:
    prefix = f"licenses-{number}"
    nel.fills(
        **{
            f"{prefix}-name": name,
            f"{prefix}-starts_on": f"{date.today():%d-%m-%Y}",
            f"{prefix}-ends_on": f"{date.today() + relativedelta(years=1):%d-%m-%Y}",
        }
    )
    nel.page.locator(f".field-documents:has(#id_{prefix}-documents) .select2-selection").click()
    nel.page.keyboard.type(document)
    nel.page.locator(".select2-results__option", has_text=document).first.click()


def the_first_admin_registers(anna: Walker) -> None:
    anna.follows_the_mail(COMPANY, "Kies uw wachtwoord")
    anna.sees(COMPANY)
    anna.chooses_a_password()
    anna.fills(password="fietsen-door-de-polder-12")
    anna.clicks("Inloggen", within="main")
    if anna.title() == "Welkom bij NEN Connect":  # the first sign-in shows the licences first (R18)
        anna.clicks("Overslaan")
    anna.sees("Voeg uw eerste collega toe")


def the_admin_adds_a_user(anna: Walker, bas: Walker) -> None:
    anna.clicks("Mijn bedrijf", within="nav")
    anna.sees(DOMAIN)
    anna.clicks("Gebruikers", within=".subnav")
    anna.clicks("Gebruiker toevoegen")
    anna.fills(email="bas@elders.example", name=bas.name, phone="06-12345678")
    anna.clicks("Gebruiker opslaan")
    anna.sees(f"Toegestaan: {DOMAIN}")  # the form is refused and keeps its values
    assert anna.page.locator("#id_name").input_value() == bas.name
    anna.fills(email=bas.address.upper())
    anna.clicks("Gebruiker opslaan")
    anna.sees("Registratie aangevraagd")
    anna.sees("Registratie afronden vóór")
    bas.follows_the_mail(COMPANY, "Kies uw wachtwoord")
    bas.chooses_a_password()


def an_employee_registers(eva: Walker) -> None:
    eva.opens_the_site()
    eva.clicks("Registreren", within="main")
    eva.fills(name=eva.name, email=eva.address)
    eva.clicks("Registreren", within="main")
    eva.follows_the_mail("Bevestig uw adres", "Kies uw wachtwoord")
    eva.clicks("Verder naar wachtwoord kiezen")
    eva.sees(COMPANY)
    eva.fills(password="fietsen-door-de-polder-12", repeat="fietsen-door-de-polder-12")
    eva.clicks("Registratie afronden")
    eva.fills(password="fietsen-door-de-polder-12")
    eva.clicks("Inloggen", within="main")


def the_employee_requests_a_licence_and_reads(eva: Walker, reason: str) -> None:
    eva.sees("Welkom bij NEN Connect")
    eva.sees(WIDE_LICENSE)
    eva.page.get_by_role("checkbox", name=OTHER_LICENSE).check()
    eva.fills(reason=reason)
    eva.clicks("Aanvragen", within="main")
    opens_a_document(eva, "NPR")


def opens_a_document(person: Walker, kind: str) -> None:
    """Search a document, open its page, and get a PDF with „Openen”."""
    person.clicks("Documenten", within="nav")
    person.page.locator("#id_readable").check()
    person.fills(q=kind)
    person.clicks("Zoeken")
    click(person.page.locator("tbody a").first)
    person.checks_page()
    with person.page.expect_response(re.compile(r"/lezen/\d+/$")) as response:
        person.page.get_by_role("button", name="Openen").click()
    assert response.value.status == 200
    pdf = person.page.request.get(response.value.url)  # the PDF viewer does not give access to its bytes
    assert pdf.body().startswith(b"%PDF")


def the_admin_approves(anna: Walker, eva: Walker) -> None:
    anna.follows_the_mail("Aanvraag van", "Naar de aanvraag")
    anna.sees(eva.name)
    anna.sees("Nodig voor de sluis bij Terneuzen")
    anna.clicks("Home", within="nav")
    anna.clicks("Licentieaanvragen beantwoorden")
    anna.clicks("Goedkeuren", exact=False)
    anna.sees("Goedgekeurd")


def the_admin_rejects_another_request(anna: Walker, finn: Walker) -> None:
    an_employee_registers(finn)
    the_employee_requests_a_licence_and_reads(finn, "Voor de kademuur")
    anna.clicks("Home", within="nav")
    anna.clicks("Licentieaanvragen beantwoorden")
    anna.clicks("Afkeuren", exact=False)
    anna.fills(reason="Gebruik het exemplaar van de afdeling")
    anna.clicks("Afkeuren", within="main")
    anna.sees("Afgekeurd")


def both_requesters_read_the_decision(eva: Walker, finn: Walker) -> None:
    eva.opens_the_mail("goedgekeurd")
    eva.opens_the_site()
    opens_a_document(eva, "NEN-EN")
    finn.opens_the_mail("afgekeurd")
    finn.sees("Gebruik het exemplaar van de afdeling")


def a_colleague_sees_the_reason_and_no_name(bas: Walker, finn: Walker) -> None:
    bas.signs_in()
    if bas.title() == "Welkom bij NEN Connect":
        bas.clicks("Overslaan")
    bas.clicks("Aanvragen", within="nav")
    bas.sees("Gebruik het exemplaar van de afdeling")
    bas.does_not_see(finn.name)
    bas.does_not_see(finn.address)


def the_last_admin_cannot_leave_before_a_colleague_is_admin(anna: Walker, bas: Walker) -> None:
    for button in ("Gebruiker worden", "Mijzelf blokkeren", "Bedrijf verlaten"):
        opens_the_user(anna, anna.name)
        anna.clicks(button)  # opens a page that asks for confirmation
        anna.clicks(button, within="main form")
        anna.sees("U bent de enige actieve bedrijfsbeheerder")
    opens_the_user(anna, bas.name)
    anna.clicks("Maak bedrijfsbeheerder")
    anna.sees(f"{bas.name} is nu bedrijfsbeheerder")
    opens_the_user(anna, anna.name)
    anna.clicks("Gebruiker worden")
    anna.clicks("Gebruiker worden", within="main form")  # there is another admin now
    anna.does_not_see("Mijn bedrijf")
    bas.clicks("Home", within="nav")
    bas.sees("Mijn bedrijf")


def opens_the_user(anna: Walker, name: str) -> None:
    anna.clicks("Mijn bedrijf", within="nav")
    anna.clicks("Gebruikers", within=".subnav")
    anna.fills(q=name)
    anna.clicks("Zoeken")
    anna.clicks(name, within="tbody")


def test_visitors_of_the_demo_and_staff_can_read_the_sample_mails(new_walker):
    visitor, nel = new_walker("bezoeker@elders.example"), new_walker("nen@nen.example")
    visitor.opens_the_site()
    visitor.clicks("Demopostvak")
    visitor.clicks("Bekijk een voorbeeld van elke mail")
    visitor.clicks("Nederlands", within="tr:has-text('Registratiemail')", exact=False)
    visitor.clicks("Zoals een beheerder hem voor een ander leest")
    visitor.sees("van den Bergh-Smitskamp & Zn. <inkoop>")
    visitor.clicks("Engels", within="main")
    visitor.page.frame_locator("iframe").get_by_text("This mail is meant for").wait_for()
    nel.opens_the_site()
    nel.signs_in(DEMO_PASSWORD)
    nel.page.goto("/beheer/voorbeeldmails/")
    nel.checks_page()
