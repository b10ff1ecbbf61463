"""„Mijn bedrijf – Licenties": what the company has, who has it, and who else sees it (R20–R24)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, company_admin_required
from accounts.models import User
from licenses.actions import granting, switches
from licenses.models import License, LicenseQuerySet
from nenconnect.errors import RuleError
from requests_app.actions.giving import give_license
from requests_app.models import RequestStatus

PER_PAGE = 25
MATCHES = 10  # people shown when one looks for whom to give a licence
MAX_SEARCH = 254


@require_safe
@company_admin_required
def licenses(request: MemberRequest) -> HttpResponse:
    today = timezone.localdate()
    of_company = _with_requests(License.objects.of(request.company))
    context = {
        "current": of_company.filter(ends_on__gte=today),
        "ended": of_company.filter(ends_on__lt=today).order_by("-ends_on", "name"),
    }
    return render(request, "licenses/licenses.html", context)


@require_safe
@company_admin_required
def license(request: MemberRequest, pk: int) -> HttpResponse:
    license = get_object_or_404(_with_requests(License.objects.of(request.company)), pk=pk)
    context: dict[str, object] = {"license": license, "keep": _keep(request)}
    if request.GET.get("show") == "documents":
        context |= {"show": "documents", "page_obj": _page(request, license.documents.all())}
    else:
        context |= {"show": "people", **_people(request, license)}
    return render(request, "licenses/license.html", context)


@require_POST
@company_admin_required
def set_company_wide(request: MemberRequest, pk: int) -> HttpResponse:
    license, is_on = _license(request, pk), _switched_on(request)
    done = (
        _("“%(license)s” is company-wide now: everyone at your company can read it.")
        if is_on
        else _("“%(license)s” is no longer company-wide. Who had access keeps it; new users must ask.")
    ) % {"license": license}
    return _do(request, pk, lambda: switches.set_company_wide(license, is_on, by=request.user), done)


@require_POST
@company_admin_required
def set_shown(request: MemberRequest, pk: int) -> HttpResponse:
    """„Toon in licentie selectie" (R22)."""
    license, is_on = _license(request, pk), _switched_on(request)
    done = (
        _("Users can see and request “%(license)s” now.")
        if is_on
        else _("“%(license)s” is hidden: users can no longer request it.")
    ) % {"license": license}
    return _do(request, pk, lambda: switches.set_shown(license, is_on, by=request.user), done)


@require_POST
@company_admin_required
def give(request: MemberRequest, pk: int) -> HttpResponse:
    license, person = _license(request, pk), _posted_member(request)
    done = _("%(name)s has “%(license)s” now.") % {"name": person, "license": license}
    try:
        give_license(license, to=person, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return _to_page(request, pk)
    messages.success(request, done)
    return redirect("licenses:license", pk)  # without the search, which found whom it was for


@require_POST
@company_admin_required
def take_away(request: MemberRequest, pk: int) -> HttpResponse:
    license, person = _license(request, pk), _posted_member(request)
    done = _("“%(license)s” is taken away from %(name)s.") % {"name": person, "license": license}
    return _do(request, pk, lambda: granting.take_away(license, user=person, by=request.user), done)


def _people(request: MemberRequest, license: License) -> dict[str, object]:
    """Who has the licence, and whom one could give it to."""
    search, wanted = _search(request, "q"), _search(request, "give")
    grants = license.grants.select_related("user", "granted_by").order_by("user__name", "user__pk")
    members = User.objects.members_of(request.company)
    matches = members.matching(wanted).filter(is_blocked=False).exclude(grants__license=license)
    return {
        "search": search,
        "page_obj": _page(request, grants.filter(user__in=members.matching(search))),
        "wanted": wanted,
        "matches": matches[:MATCHES] if wanted else [],
        "has_more": bool(wanted) and matches.count() > MATCHES,
        "member_count": members.active().count() if license.is_company_wide else 0,
    }


def _with_requests(licenses: LicenseQuerySet) -> LicenseQuerySet:
    """The counts that the pages show; `open_requests` beside those of `with_counts()`."""
    is_open = Q(requests__status=RequestStatus.OPEN)
    return licenses.with_counts().annotate(open_requests=Count("requests", filter=is_open)).order_by("name", "pk")


def _search(request: MemberRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:MAX_SEARCH]


def _page(request: MemberRequest, rows: QuerySet) -> Page:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def _license(request: MemberRequest, pk: int) -> License:
    return get_object_or_404(License.objects.of(request.company), pk=pk)


def _switched_on(request: MemberRequest) -> bool:
    """Which way the button said; anything else changes nothing."""
    on = request.POST.get("on")
    if on not in {"0", "1"}:
        raise Http404
    return on == "1"


def _posted_member(request: MemberRequest) -> User:
    pk = request.POST.get("user", "")
    if not pk.isdecimal() or len(pk) > 18:
        raise Http404
    return get_object_or_404(User.objects.members_of(request.company), pk=pk)


def _keep(request: MemberRequest) -> str:
    """What was searched, so that a button leads back to it; only ever put behind our own path."""
    return f"?{request.GET.urlencode()}" if request.GET else ""


def _do(request: MemberRequest, pk: int, change: Callable[[], object], done: str) -> HttpResponse:
    """Runs the one action of a button, says what came of it, and leads back to the licence's page."""
    try:
        change()
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return _to_page(request, pk)


def _to_page(request: MemberRequest, pk: int) -> HttpResponse:
    return redirect(reverse("licenses:license", args=[pk]) + _keep(request))
