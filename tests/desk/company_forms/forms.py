"""Fill in the form of a company at NEN's desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from companies.models import Company


def company_form(**changes: Any) -> dict[str, Any]:
    # The page of a new company, filled in: a domain, the first admin and two licences, one company-wide.
    today = timezone.localdate()
    term = {"starts_on": f"{today:%Y-%m-%d}", "ends_on": f"{today + timedelta(days=364):%Y-%m-%d}"}
    licenses = [
        {"name": "Voor iedereen", "is_company_wide_approved": "on", "is_company_wide": "on"},
        {"name": "Op aanvraag", "seats": "10"},
    ]
    posted = {
        "name": "Nieuw BV",
        "customer_number": "K900001",
        "contact_person": "Els de Wit",
        "contact_phone": "015 1234567",
        "contact_email": "els@nieuw.example",
        "account_manager": "",
        "allows_self_registration": "on",
        "admin_name": "Ada Beheer",
        "admin_email": "ada@nieuw.example",
        **inline("domains", [{"name": "Nieuw.example"}]),
        **inline("licenses", [row | term | {"kind": "package", "is_shown": "on"} for row in licenses]),
    }
    return posted | changes


def inline(prefix: str, rows: list[dict[str, Any]], initial: int = 0) -> dict[str, Any]:
    posted = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return posted | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def change_form(company: Company, **changes: Any) -> dict[str, Any]:
    fields = ("name", "customer_number", "contact_person", "contact_phone", "contact_email")
    posted = {name: getattr(company, name) for name in fields}
    posted["allows_self_registration"] = "on" if company.allows_self_registration else ""
    for prefix in ("domains", "licenses", "licenses-2"):
        posted |= inline(prefix, [])
    return posted | changes


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def errors(answer: Any) -> str:
    assert answer.status_code == 200, answer.headers
    return str(answer.context["errors"])
