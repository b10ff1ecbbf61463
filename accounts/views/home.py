"""What there is to do, by who looks: visitor, personal account, user, company admin, NEN staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actions.membership import companies_to_join
from accounts.models import User
from companies.models import Company
from licenses.access import readable_by
from licenses.models import License
from requests_app.models import DocumentRequest, LicenseRequest

Context = dict[str, Any]

SOON = timedelta(days=7)  # R30: the first reminder goes out then
SHOWN = 5  # people by name; the list of users has the rest
ALMOST_FULL = 90  # percent of the seats


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        return render(request, "accounts/welcome.html")
    context: Context = {"readable": readable_by(user).count()}
    if user.company:
        context |= _requests(user, user.company)
        if user.is_company_admin:
            context |= _todo(user.company)
    else:
        context["companies_to_join"] = companies_to_join(user)
    return render(request, "accounts/home.html", context)


def _requests(user: User, company: Company) -> Context:
    """Open requests: one's own, and for an admin all of the company; one query per kind."""
    counts = {
        "own": Count("pk", filter=Q(user=user)),
        "all": Count("pk"),
    }
    return {
        "license_requests": LicenseRequest.objects.of(company).pending().aggregate(**counts),
        "document_requests": DocumentRequest.objects.of(company).pending().aggregate(**counts),
    }


def _todo(company: Company) -> Context:
    people = User.objects.members_of(company).aggregate(
        total=Count("pk"),
        active_admins=Count("pk", filter=Q(is_active=True, role=User.Role.ADMIN)),
        expiring=Count("pk", filter=_registration_stalls()),
    )
    is_new = people["total"] == 1
    return {
        "people": people,
        "expiring": _expiring(company) if people["expiring"] else [],
        "is_only_admin": people["active_admins"] == 1 and not is_new,
        "is_new": is_new,
        "can_add": company.domains.exists() if is_new else True,
        "almost_full": _almost_full(company),
    }


def _registration_stalls() -> Q:
    """It ends soon or has ended, or the link is dead and no new mail has gone out."""
    ends_soon = Q(registration_deadline__lte=timezone.localdate() + SOON)
    return Q(registered_at=None, is_blocked=False) & (ends_soon | Q(registration_sent_at=None))


def _expiring(company: Company) -> QuerySet[User]:
    people = User.objects.members_of(company).filter(_registration_stalls())
    return people.order_by("registration_deadline", "pk")[:SHOWN]


def _almost_full(company: Company) -> list[License]:
    licenses = License.objects.of(company).in_term().filter(seats__gt=0).with_counts()
    return [one for one in licenses if one.seats_used * 100 >= (one.seats or 0) * ALMOST_FULL]
