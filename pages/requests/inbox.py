"""Add to each open request in a list what decides about it, in two queries per page (R27).

A request's own page shows more: request_page.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from licenses.models import Grant, License
from pages.requests.request_page import LOOK_BACK
from requests_app.models import AccessRequest, RequestStatus

NAMED = 3  # licences; the rest is counted
LONGEST = 45  # characters of a name


def add_sentences_for_deciding(rows: Iterable[AccessRequest]) -> None:
    """Add whole sentences to these rows of one company and kind: a template would translate them for each row."""
    rows = list(rows)
    if not rows:
        return
    has, request_counts = _licenses_of(rows), _request_counts(rows)
    for row in rows:
        text = {
            "licenses_sentence": _licenses_sentence(has.get(row.user_id or 0, [])),
            "frequency_sentence": _frequency_sentence(**request_counts[row.item_id]),
        }
        vars(row).update(text)


def _licenses_sentence(names: list[str]) -> str:
    if not names:
        return _("Has no licence yet")
    named = {"licenses": ", ".join(Truncator(name).chars(LONGEST) for name in names[:NAMED])}
    if more := len(names[NAMED:]):
        return _("Has already: %(licenses)s and %(number)s more") % {**named, "number": more}
    return _("Has already: %(licenses)s") % named


def _frequency_sentence(*, times: int, **answered: int) -> str:
    if times <= 1:
        return _("First time in 12 months that this is asked")
    text = _("Asked %(times)s times in 12 months: %(approved)s approved, %(rejected)s rejected")
    return text % {"times": times, **answered}


def _licenses_of(rows: list[AccessRequest]) -> dict[int, list[str]]:
    company_licenses = License.objects.in_term().filter(company=rows[0].company_id, is_company_wide=False)
    people = {row.user_id for row in rows}
    grants = Grant.objects.lasting().filter(user__in=people, license__in=company_licenses)
    names_by_person: dict[int, list[str]] = {}
    for person, name in grants.order_by("license__name").values_list("user", "license__name"):
        names_by_person.setdefault(person, []).append(name)
    return names_by_person


def _request_counts(rows: list[AccessRequest]) -> defaultdict[int, dict[str, int]]:
    kind = type(rows[0])
    same = kind.objects.filter(
        company=rows[0].company_id,
        created_at__gte=timezone.now() - LOOK_BACK,
        **{f"{kind.item_field}__in": {row.item_id for row in rows}},
    )
    counted = (
        same.order_by()
        .values_list(kind.item_field)
        .annotate(
            times=Count("pk"),
            approved=Count("pk", filter=Q(status=RequestStatus.APPROVED)),
            rejected=Count("pk", filter=Q(status=RequestStatus.REJECTED)),
        )
    )
    names = ("times", "approved", "rejected")
    counts = {item: dict(zip(names, numbers, strict=True)) for item, *numbers in counted}
    return defaultdict(lambda: dict.fromkeys(names, 0), counts)  # a request can be older than the 12 months
