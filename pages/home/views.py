"""Show what there is to do: for a visitor, a personal account, an employee, an admin and NEN staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, IntegerField, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actions.joining import companies_to_ask, companies_to_join
from accounts.models import MoveRequest, User
from accounts.second_step import home_notice
from companies.models import Company
from licenses.access import readable_by
from licenses.models import License
from requests_app.access import askable_by
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestStatus

Context = dict[str, Any]

SOON = timedelta(days=7)  # R30: the first reminder goes out then
RECENT = timedelta(days=7)  # how long a decision on a person's own request is shown
SHOWN = 5  # people by name; the list of users has the rest
ALMOST_FULL = 90  # percent of the seats


class RowCount(Subquery):
    """Count rows as a column, so that one query answers several counts."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        return render(request, "pages/home/welcome.html")
    context: Context = _counts_for(user) | {"second_step": home_notice(user)}
    if user.company and not user.is_company_admin:
        context["deputyship"] = user.deputyships.current().select_related("admin").first()
    if user.company and user.is_company_admin:
        context |= _admin_tasks(user.company)
    if not user.company:
        context |= {"companies_to_join": companies_to_join(user), "closed_companies": companies_to_ask(user)}
    elif context["open_moves"]:
        context["pending_move"] = (
            MoveRequest.objects.pending().filter(user=user).select_related("to_company").first()
        )
    return render(request, "pages/home/home.html", context)


def _counts_for(user: User) -> Context:
    querysets: dict[str, QuerySet] = {"readable": readable_by(user)}
    if user.company:
        querysets |= {
            "askable": askable_by(user),
            "open_moves": MoveRequest.objects.pending().filter(user=user),
            **_request_counts("license", LicenseRequest.objects.of(user.company), user),
            **_request_counts("document", DocumentRequest.objects.of(user.company), user),
        }
    if user.company and user.is_company_admin:
        querysets["moves_to_decide"] = MoveRequest.objects.to_decide_by(user.company)
    columns = {name: RowCount(rows.order_by().values("pk")) for name, rows in querysets.items()}
    counts: Context = dict(User.objects.filter(pk=user.pk).values(**columns).get())
    for kind in ("license", "document"):
        counts[f"{kind}_requests"] = {name: counts.pop(f"{kind}_{name}", 0) for name in ("own", "all")}
    return counts


def _request_counts(kind: str, rows: QuerySet[AccessRequest], user: User) -> dict[str, QuerySet]:
    waiting, by_user = rows.filter(status=RequestStatus.OPEN), rows.filter(user=user)
    decided = Q(status__in=[RequestStatus.APPROVED, RequestStatus.REJECTED])
    answered = by_user.filter(decided, decided_at__gte=timezone.now() - RECENT)
    return {f"{kind}_own": waiting.filter(user=user), f"{kind}_all": waiting, f"{kind}_answered": answered}


def _admin_tasks(company: Company) -> Context:
    people = User.objects.members_of(company).aggregate(
        total=Count("pk"),
        active_admins=Count("pk", filter=Q(is_active=True, role=User.Role.ADMIN)),
        expiring=Count("pk", filter=_needs_new_registration_mail()),
        undeliverable=Count("pk", filter=Q(undeliverable_since__isnull=False)),
    )
    is_new = people["total"] == 1
    return {
        "people": people,
        "expiring": _expiring_people(company) if people["expiring"] else [],
        "is_only_admin": people["active_admins"] == 1 and not is_new,
        "is_new": is_new,
        "can_add": company.domains.exists() if is_new else True,
        "almost_full": _almost_full(company),
    }


def _needs_new_registration_mail() -> Q:
    """Select people whose registration ends within a week, has ended, or waits for a new mail."""
    ends_soon = Q(registration_deadline__lte=timezone.localdate() + SOON)
    return Q(registered_at=None, is_blocked=False) & (ends_soon | Q(registration_sent_at=None))


def _expiring_people(company: Company) -> QuerySet[User]:
    people = User.objects.members_of(company).filter(_needs_new_registration_mail())
    return people.order_by("registration_deadline", "pk")[:SHOWN]


def _almost_full(company: Company) -> list[License]:
    licenses = License.objects.of(company).in_term().filter(seats__gt=0).with_counts()
    return [license for license in licenses if license.seats_used * 100 >= (license.seats or 0) * ALMOST_FULL]
