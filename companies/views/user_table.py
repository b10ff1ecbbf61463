"""The table of the users overview (R14): its columns and order, a page of it, and the picture above it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page
from django.db.models import F
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Status, User, UserQuerySet
from companies.filter_forms import UserFilterForm
from companies.models import Company
from licenses.access import active_license_count, has_active_license
from licenses.actions.status_counts import PeopleCounts
from licenses.models import Grant, License
from nenconnect.pages import TwoEndedPaginator

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
    "label",
    "is_blocked",
    "registered_at",
    "registration_deadline",
    "undeliverable_since",
    "last_login",
)


def page_of(form: UserFilterForm, sort: str, number: str | None, counts: PeopleCounts) -> Page:
    """First which people, which an index answers by itself; then what their rows show, for these alone."""
    found = _sorted(form.found(), sort)
    paginator = TwoEndedPaginator(found, PER_PAGE, count=lambda: form.number_found(counts))
    page = paginator.get_page(number) if number else paginator.first_page()
    page.object_list = _shown(page.object_list, form, counts)
    return page


def columns(company: Company, sort: str) -> list[dict[str, object]]:
    """The label's column bears its name, and is there only where the company uses one."""
    own_words = {"label": company.user_label, "is_free_text": True}
    return [
        _column(name, sort) | (own_words if name == "label" else {})
        for name in COLUMNS
        if name != "label" or company.user_label
    ]


def figure(counts: PeopleCounts, *, chosen: str | None) -> list[dict[str, object]]:
    """A bar for each status that somebody has, as long as its part of the company."""
    total = counts.people()
    bars = []
    for status in Status:
        number = counts.people(status=status)
        if number or status == chosen:
            percent = max(round(100 * number / total), 1) if number else 0
            is_chosen = status == chosen
            bars.append({"status": status, "number": number, "percent": percent, "is_chosen": is_chosen})
    return bars


def _sorted(people: UserQuerySet, sort: str) -> UserQuerySet:
    name = sort.removeprefix("-")
    if name == "status":
        people = people.with_status(has_active_license())
    if name == "licenses":
        people = people.annotate(license_count=active_license_count())
    column = SORTED_BY.get(name, SORTED_BY["name"])
    is_down = sort.startswith("-")
    nulls = _where_empty_ones_stand(name, is_down)
    first = column.desc(**nulls) if is_down else column.asc(**nulls)
    return people.order_by(first, "pk") if name == "name" else people.order_by(first, Lower("name"), "pk")


def _where_empty_ones_stand(name: str, is_down: bool) -> dict[str, bool]:
    """Whoever has no label is no end of the list, and whoever was never seen was seen before all others."""
    if name not in ("label", "last_seen"):
        return {}
    return {"nulls_last": True} if name == "label" or is_down else {"nulls_first": True}


def _shown(keys: Iterable[Any], form: UserFilterForm, counts: PeopleCounts) -> list[User]:
    """With `status`, `active_licenses` and `page`, in the order of the keys."""
    rows = User.objects.filter(pk__in=keys).only(*SHOWN)
    people = {person.pk: person for person in (rows.select_related("label") if form.company.user_label else rows)}
    licenses = _licenses_of(people, form.licenses)
    for pk, person in people.items():
        vars(person).update(
            status=person.status_now(is_locked=pk in counts.locked, has_license=bool(licenses[pk])),
            active_licenses=licenses[pk],
            page=reverse("companies:user", args=[pk]),
        )
    return [people[key] for key in keys if key in people]


def _licenses_of(people: Iterable[int], licenses: Iterable[License]) -> dict[int, list[str]]:
    """The names of the licences that work for each today."""
    in_term = [license for license in licenses if license.is_in_term]
    granted = Grant.objects.lasting().filter(user__in=people, license__in=in_term)
    held = set(granted.values_list("user", "license"))
    return {pk: [one.name for one in in_term if one.is_company_wide or (pk, one.pk) in held] for pk in people}


def _column(name: str, sort: str) -> dict[str, object]:
    """A column's heading: pressing it sorts by it, pressing it again turns the order around."""
    direction = {name: "ascending", f"-{name}": "descending"}.get(sort)
    return {
        "label": COLUMNS[name],
        "direction": direction,
        "next_sort": f"-{name}" if direction == "ascending" else name,
    }
