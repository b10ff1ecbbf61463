"""The table of the users overview (R14): its columns and order, a page of it, and the picture above it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page
from django.db.models import F
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import SignInAttempts, Status, User, UserQuerySet
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
MAY_BE_EMPTY = {"label": "last", "last_seen": "first"}  # where the empty ones stand when sorted up


def page_of(form: UserFilterForm, sort: str, number: str | None, counts: PeopleCounts) -> Page:
    """First which people, which an index answers by itself; then what their rows show, for these alone."""
    found = _sorted(form.found(), sort)
    page = TwoEndedPaginator(found, PER_PAGE, count=form.number_found(counts)).get_page(number)
    page.object_list = _shown(page.object_list, form.company)
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
    empty_last = MAY_BE_EMPTY.get(name) == ("first" if is_down else "last")
    nulls = {"nulls_last" if empty_last else "nulls_first": True} if name in MAY_BE_EMPTY else {}
    first = column.desc(**nulls) if is_down else column.asc(**nulls)
    return people.order_by(first, "pk") if name == "name" else people.order_by(first, Lower("name"), "pk")


def _shown(keys: Iterable[Any], company: Company) -> list[User]:
    """With `status`, `active_licenses` and `page`, in the order of the keys."""
    rows = User.objects.filter(pk__in=keys)
    people = list(rows.select_related("label") if company.user_label else rows)
    addresses = [person.email for person in people]
    locked = set(SignInAttempts.objects.locked().filter(address__in=addresses).values_list("address", flat=True))
    licenses = _licenses_of(people, company)
    by_key = {person.pk: person for person in people}
    for person in people:
        theirs = licenses[person.pk]
        vars(person).update(
            status=person.status_now(is_locked=person.email in locked, has_license=bool(theirs)),
            active_licenses=theirs,
            page=reverse("companies:user", args=[person.pk]),
        )
    return [by_key[key] for key in keys if key in by_key]


def _licenses_of(people: Iterable[User], company: Company) -> dict[int, list[str]]:
    """The names of the licences that work for each today."""
    in_term = License.objects.of(company).in_term().order_by(Lower("name"), "pk")
    licenses = list(in_term.values_list("pk", "name", "is_company_wide"))
    granted = Grant.objects.lasting().filter(user__in=[person.pk for person in people])
    held = set(granted.filter(license__in=[pk for pk, _name, _is_wide in licenses]).values_list("user", "license"))
    return {
        person.pk: [name for pk, name, is_wide in licenses if is_wide or (person.pk, pk) in held]
        for person in people
    }


def _column(name: str, sort: str) -> dict[str, object]:
    """A column's heading: pressing it sorts by it, pressing it again turns the order around."""
    direction = {name: "ascending", f"-{name}": "descending"}.get(sort)
    return {
        "label": COLUMNS[name],
        "direction": direction,
        "next_sort": f"-{name}" if direction == "ascending" else name,
    }
