"""List the company's licences, and show who has one and which documents it holds (R20–R24)."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from licenses.models import CompanyWideEnd, Grant, License, LicenseQuerySet
from licenses.plus_documents import ClosedPlusDocuments
from pages.access import MemberRequest, company_admin_required
from pages.company.licenses.one_license import kept_query, search_text
from pages.license_forms import EndForm
from requests_app.models import LicenseRequest, RequestStatus

PER_PAGE = 25
MATCHES = 10  # people shown by the search for a person to give the licence to


@require_safe
@company_admin_required
def licenses(request: MemberRequest) -> HttpResponse:
    today = timezone.localdate()
    of_company = _with_requests(License.objects.of(request.company))
    context = {
        "current": of_company.filter(ends_on__gte=today),
        "ended": of_company.filter(ends_on__lt=today).order_by("-ends_on", "name"),
    }
    return render(request, "pages/company/licenses/licenses.html", context)


@require_safe
@company_admin_required
def license(request: MemberRequest, pk: int) -> HttpResponse:
    license = get_object_or_404(_with_requests(License.objects.of(request.company)), pk=pk)
    context: dict[str, object] = {
        "license": license,
        "keep": kept_query(request),
        "is_ending": CompanyWideEnd.objects.filter(license=license).exists(),
    }
    if request.GET.get("show") == "documents":
        context |= {"show": "documents", **_documents_context(request, license)}
    else:
        context |= {"show": "people", **_people_context(request, license)}
    return render(request, "pages/company/licenses/license.html", context)


def _documents_context(request: MemberRequest, license: License) -> dict[str, object]:
    is_collection = license.kind == License.Kind.CUSTOM and not license.has_ended
    has_maximum = license.max_documents is not None
    return {
        "page_obj": _page(request, license.documents.all()),
        "is_own_collection": is_collection,
        "left": max((license.max_documents or 0) - license.document_count, 0) if has_maximum else None,
    }


def _people_context(request: MemberRequest, license: License) -> dict[str, object]:
    search, person_search = search_text(request, "q"), search_text(request, "give")
    grants = license.grants.select_related("user", "granted_by", "license").order_by("user__name", "user__pk")
    members = User.objects.members_of(request.company)
    holders = Grant.objects.lasting().filter(license=license).values("user")
    matches = members.matching(person_search).filter(is_blocked=False).exclude(pk__in=holders)
    page, closed = _page(request, grants.filter(user__in=members.matching(search))), ClosedPlusDocuments(license)
    return {
        "search": search,
        "page_obj": page,
        "rows": [(grant, closed.count_for(grant.user)) for grant in page],
        "person_search": person_search,
        "until": EndForm(initial={"ends_on": _date_or_none(search_text(request, "ends_on"))}, license=license),
        "matches": [(person, closed.count_for(person)) for person in matches[:MATCHES]] if person_search else [],
        "has_more": bool(person_search) and matches.count() > MATCHES,
        "member_count": members.active().count() if license.is_company_wide else 0,
        "in_line": LicenseRequest.objects.in_line().filter(license=license).count(),
    }


def _date_or_none(raw: str) -> date | None:
    """Parse a day from the address; a text that is no day counts as empty."""
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _with_requests(licenses: LicenseQuerySet) -> LicenseQuerySet:
    is_open = Q(requests__status=RequestStatus.OPEN)
    return licenses.with_counts().annotate(open_requests=Count("requests", filter=is_open)).order_by("name", "pk")


def _page(request: MemberRequest, rows: QuerySet) -> Page:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
