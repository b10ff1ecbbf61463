"""Build the table of users: its columns and order, one page of rows, and the bars above it (R14)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import F, OuterRef
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import PersonStatus, User, UserQuerySet
from companies.models import Company
from licenses.access import active_license_count, has_active_license
from licenses.actions.status_counts import PeopleCounts
from licenses.models import Grant, License
from pages.company.users.filter_forms import UserFilterForm
from pages.company.users.paginators import CountingPaginator, TwoEndedPaginator

PER_PAGE = 25
COLUMNS = {
    "status": _("Status"),
    "name": _("Name"),
    "email": _("User name"),
    "role": _("Role"),
    "licenses": _("Licences"),
    "label": _("Label"),
    "last_seen": _("Last seen"),
}
SORTED_BY: dict[str, Any] = {
    "status": F("status"),
    "name": Lower("name"),
    "email": F("email"),
    "role": F("role"),
    "licenses": F("license_count"),
    "label": Lower("label__name"),
    "last_seen": F("last_login"),
}
SHOWN = (
    "name",
    "email",
    "role",
    "is_blocked",
    "registered_at",
    "registration_deadline",
    "undeliverable_since",
    "last_login",
)


def page_of(form: UserFilterForm, sort: str, number: str | None, counts: PeopleCounts) -> Page:
    """Return one page of users: first the ids by an index, then the details of these only."""
    page = _paginator(form, sort, counts).get_page(number or 1)
    page.object_list = _with_details(page.object_list, form, counts)
    return page


def columns(company: Company, sort: str) -> list[dict[str, object]]:
    """Describe the columns; the label has one, with its own name, where the company uses a label."""
    label_column = {"label": company.user_label, "is_free_text": True}
    return [
        _column(name, sort) | (label_column if name == "label" else {})
        for name in COLUMNS
        if name != "label" or company.user_label
    ]


def status_bars(counts: PeopleCounts, *, chosen: str | None) -> list[dict[str, object]]:
    """Return a bar for each status in use, as long as its share of the company."""
    total = counts.people()
    bars = []
    for status in PersonStatus:
        number = counts.people(status=status)
        if number or status == chosen:
            percent = max(round(100 * number / total), 1) if number else 0
            is_chosen = status == chosen
            bars.append({"status": status, "number": number, "percent": percent, "is_chosen": is_chosen})
    return bars


def _paginator(form: UserFilterForm, sort: str, counts: PeopleCounts) -> Paginator:
    people, number = _sorted(form.matches(), sort), form.known_count(counts)
    if number is None:
        return CountingPaginator(people, PER_PAGE)
    return TwoEndedPaginator(people, PER_PAGE, count=number)


def _sorted(people: UserQuerySet, sort: str) -> UserQuerySet:
    name = sort.removeprefix("-")
    if name == "status":
        people = people.with_status(has_active_license())
    if name == "licenses":
        people = people.annotate(license_count=active_license_count())
    column = SORTED_BY.get(name, SORTED_BY["name"])
    is_down = sort.startswith("-")
    nulls = _order_of_empty(name, is_down)
    first = column.desc(**nulls) if is_down else column.asc(**nulls)
    return people.order_by(first, "pk") if name == "name" else people.order_by(first, Lower("name"), "pk")


def _order_of_empty(name: str, is_down: bool) -> dict[str, bool]:
    """Sort people without a label last, and people who never signed in as the longest ago."""
    if name not in ("label", "last_seen"):
        return {}
    return {"nulls_last": True} if name == "label" or is_down else {"nulls_first": True}


def _with_details(keys: Iterable[int], form: UserFilterForm, counts: PeopleCounts) -> list[Any]:
    keys = list(keys)
    in_term = [license for license in form.licenses if license.is_in_term]
    license_ids = ArraySubquery(Grant.objects.lasting().filter(user=OuterRef("pk")).values("license"))
    rows = User.objects.only(*SHOWN).annotate(label_name=F("label__name"), license_ids=license_ids).in_bulk(keys)
    people = [rows[key] for key in keys if key in rows]
    return [_add_status(person, in_term, is_locked=person.pk in counts.locked) for person in people]


def _add_status(person: Any, in_term: list[License], *, is_locked: bool) -> Any:
    person.active_licenses = [
        license.name for license in in_term if license.is_company_wide or license.pk in person.license_ids
    ]
    person.status = person.status_now(is_locked=is_locked, has_license=bool(person.active_licenses))
    person.page = reverse("company:user", args=[person.pk])
    return person


def _column(name: str, sort: str) -> dict[str, object]:
    direction = {name: "ascending", f"-{name}": "descending"}.get(sort)
    return {
        "label": COLUMNS[name],
        "direction": direction,
        "next_sort": f"-{name}" if direction == "ascending" else name,
    }
