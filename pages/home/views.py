"""What there is to do, by who looks: visitor, personal account, user, company admin, NEN staff."""

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
LATELY = timedelta(days=7)  # so long a decision on one's own request stands here
SHOWN = 5  # people by name; the list of users has the rest
ALMOST_FULL = 90  # percent of the seats


class Counted(Subquery):
    """How many rows, as one of several numbers that a single query asks for."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        return render(request, "pages/home/welcome.html")
    context: Context = _numbers(user) | {"second_step": home_notice(user)}
    if user.company and not user.is_company_admin:
        context["deputyship"] = user.deputyships.current().select_related("admin").first()
    if user.company and user.is_company_admin:
        context |= _todo(user.company)
    if not user.company:
        context |= {"companies_to_join": companies_to_join(user), "closed_companies": companies_to_ask(user)}
    elif context["open_moves"]:
        context["asked"] = MoveRequest.objects.pending().filter(user=user).select_related("to_company").first()
    return render(request, "pages/home/home.html", context)


def _numbers(user: User) -> Context:
    """In one query: what can be read, what was asked, what waits for an answer."""
    counted: dict[str, QuerySet] = {"readable": readable_by(user)}
    if user.company:
        counted |= {
            "askable": askable_by(user),
            "open_moves": MoveRequest.objects.pending().filter(user=user),
            **_asked("license", LicenseRequest.objects.of(user.company), user),
            **_asked("document", DocumentRequest.objects.of(user.company), user),
        }
    if user.company and user.is_company_admin:
        counted["moves_to_decide"] = MoveRequest.objects.to_decide_by(user.company)
    columns = {name: Counted(rows.order_by().values("pk")) for name, rows in counted.items()}
    found: Context = dict(User.objects.filter(pk=user.pk).values(**columns).get())
    for kind in ("license", "document"):
        found[f"{kind}_requests"] = {name: found.pop(f"{kind}_{name}", 0) for name in ("own", "all")}
    return found


def _asked(kind: str, rows: QuerySet[AccessRequest], user: User) -> dict[str, QuerySet]:
    """Open requests, one's own and all of the company, and what of one's own was decided lately."""
    waiting, own = rows.filter(status=RequestStatus.OPEN), rows.filter(user=user)
    decided = Q(status__in=[RequestStatus.APPROVED, RequestStatus.REJECTED])
    answered = own.filter(decided, decided_at__gte=timezone.now() - LATELY)
    return {f"{kind}_own": waiting.filter(user=user), f"{kind}_all": waiting, f"{kind}_answered": answered}


def _todo(company: Company) -> Context:
    people = User.objects.members_of(company).aggregate(
        total=Count("pk"),
        active_admins=Count("pk", filter=Q(is_active=True, role=User.Role.ADMIN)),
        expiring=Count("pk", filter=_registration_stalls()),
        undeliverable=Count("pk", filter=Q(undeliverable_since__isnull=False)),
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
