"""Create the two companies of the demo with their domains and licences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from companies.actions import (
    add_label_values,
    create_company,
    set_label,
    set_request_rules,
    set_self_registration,
)
from companies.domains import add_domain
from companies.models import Company, LabelKind
from licenses.actions.terms import create_license
from licenses.models import Document, License

Topics = dict[str, list[Document]]

VOORBEELD = "100482"  # customer numbers
BOUWBEDRIJF = "100917"
DEPARTMENTS = ["Engineering", "Inkoop", "Kwaliteit en veiligheid", "Ontwikkeling", "Werkplaats"]
PROJECTS = ["Algemeen", "Onderhoud 2026", "Windpark Noord", "Zonnepark Oost"]
REQUEST_TEXT = "Hebt u een norm maar kort nodig? Vraag dan eerst bij Inkoop of iemand die al heeft."


def add_voorbeeld_if_missing(topics: Topics, *, by: User) -> Company | None:
    if Company.objects.filter(customer_number=VOORBEELD).exists():
        return None
    company = create_company(
        by=by,
        name="Voorbeeld Techniek BV",
        customer_number=VOORBEELD,
        contact_person="Anouk de Graaf",
        contact_phone="010 123 45 67",
        contact_email="beheerder@voorbeeld.example",
        account_manager=by,
    )
    add_domain(company, "voorbeeld.example", by=by)
    set_self_registration(company, True, by=by)
    set_label(company, LabelKind.USERS, "Afdeling", by=by)
    add_label_values(company, LabelKind.USERS, DEPARTMENTS, by=by)
    set_label(company, LabelKind.REQUESTS, "Project", by=by)
    add_label_values(company, LabelKind.REQUESTS, PROJECTS, by=by)
    set_request_rules(company, text=REQUEST_TEXT, promised_days=3, closes_after_days=60, by=by)
    office_fields: dict[str, Any] = {
        "name": "Kantoor en organisatie",
        "is_company_wide": True,
        "is_company_wide_approved": True,
    }
    _license(company, by, topics["kantoor"] + topics["ict"], **office_fields)
    electrical_fields: dict[str, Any] = {"name": "Elektrotechniek", "seats": 15, "is_company_wide_approved": True}
    _license(company, by, topics["elektro"], **electrical_fields)
    _license(company, by, topics["milieu"], name="Milieu en bodem", is_shown=False)
    collection = topics["machine"][::2] + topics["brand"][::3]
    _license(company, by, collection, name="Maatwerkcollectie Voorbeeld", kind=License.Kind.CUSTOM)
    return company


def add_bouwbedrijf_if_missing(topics: Topics, *, by: User) -> Company | None:
    if Company.objects.filter(customer_number=BOUWBEDRIJF).exists():
        return None
    company = create_company(
        by=by,
        name="Bouwbedrijf Van Dalen BV",
        customer_number=BOUWBEDRIJF,
        contact_person="Jeroen van Dalen",
        contact_phone="030 765 43 21",
        contact_email="beheerder@bouwbedrijf.example",
        account_manager=by,
    )
    add_domain(company, "bouwbedrijf.example", has_subdomains=True, by=by)
    _license(company, by, topics["bouw"], name="Bouwen en verbouwen", seats=8, days_left=50)
    collection = topics["elektro"][::4]
    _license(company, by, collection, name="Maatwerkcollectie Van Dalen", kind=License.Kind.CUSTOM)
    _license(company, by, topics["brand"], name="Brandveiligheid", days_left=-35)
    return company


def _license(
    company: Company, by: User, documents: list[Document], *, days_left: int = 330, **fields: Any
) -> License:
    # More than a year ago, so that the requests of the past year fall within the term.
    today = timezone.localdate()
    term = {"starts_on": today - timedelta(days=400), "ends_on": today + timedelta(days=days_left)}
    return create_license(company, by=by, documents=documents, **term, **fields)
