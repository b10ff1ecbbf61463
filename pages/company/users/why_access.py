"""Explain to an admin why a colleague can or cannot open something, and what to do about it (R25)."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import User
from licenses.access import list_with_can_open
from licenses.models import Document, DocumentQuerySet, License, LicenseQuerySet
from pages.access import MemberRequest
from pages.company.users.colleague import colleague_of, colleague_page
from requests_app.access.reasons import Reason, explain, explain_licenses, explain_person

PER_PAGE = 25
MAX_SEARCH = 200


@require_safe
@colleague_page
def why_access(request: MemberRequest, pk: int) -> HttpResponse:
    """Explain all licences of the company, or with a search the documents that match.

    What keeps the person from everything is shown once.
    """
    person = colleague_of(request, pk)
    search = request.GET.get("q", "").strip()[:MAX_SEARCH]
    matches = list_with_can_open(person).matching(search) if search else None
    document = _chosen_document(request, matches)
    context: dict[str, object] = {"person": person, "is_self": person == request.user, "search": search}
    if document:
        context["reason"] = explain(document, person, to=request.user)
    elif person_reason := explain_person(person, to=request.user):
        context["reason"] = person_reason
    elif matches is not None:
        context["page_obj"] = _page(request, matches)
    else:
        context["page_obj"] = page = _page(request, _licenses(request))
        page.object_list = _reasons(page, person, request.user)
    return render(request, "pages/company/users/why_access.html", context)


def _chosen_document(request: MemberRequest, matches: DocumentQuerySet | None) -> Document | None:
    if pk := _number(request, "document"):
        return get_object_or_404(Document, pk=pk)
    if matches is None:
        return None
    first_two = list(matches[:2])
    return first_two[0] if len(first_two) == 1 else None


def _licenses(request: MemberRequest) -> LicenseQuerySet:
    licenses = License.objects.of(request.company).order_by("name", "pk")
    pk = _number(request, "license")
    return licenses.filter(pk=pk) if pk else licenses


def _reasons(page: Page, person: User, to: User) -> list[Reason]:
    return explain_licenses(License.objects.filter(pk__in=[license.pk for license in page]), person, to=to)


def _number(request: MemberRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and value.isascii() and len(value) <= 18 else None


def _page(request: MemberRequest, rows: DocumentQuerySet | LicenseQuerySet) -> Page:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
