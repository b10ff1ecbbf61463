"""Copy the settings of another company to a new one, without its identity and domains."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from companies.models import Company

ASKED_AS = "klantnummer"  # in the address of the page
FILLED_IN = ("account_manager", "time_zone", "allows_self_registration")  # the others are copied when it is saved


def source_of_settings(request: HttpRequest, companies: QuerySet[Company]) -> Company | None:
    """Return the company whose settings the page copies, by customer number."""
    number = request.GET.get(ASKED_AS, "").strip()
    source = companies.filter(customer_number=number).first() if number else None
    if number and source is None and request.method == "GET":
        text = gettext("No company has customer number %(number)s.") % {"number": number}
        messages.error(request, text)
    return source


def initial_values_of(source: Company | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {name: getattr(source, name) for name in FILLED_IN} | {"copied_from": source.pk}
