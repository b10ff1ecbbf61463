"""Change several users at once: ticked in the list, previewed in numbers, then done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from companies.models import Company
from members.actions import bulk_changes as actions
from members.actions.bulk_verdicts import foresee, license_of
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.rules.errors import RuleError
from nenconnect.tables.downloads import table_response
from nenconnect.tables.files import CSV, Cell
from pages.access import MemberRequest, company_admin_required
from pages.company.users.bulk_forms import WhichLabelForm, WhichLicenseForm
from pages.company.users.filter_forms import UserFilterForm

Kind, State, Outcome = PeopleChange.Kind, PeopleChange.State, PeopleChangeLine.Outcome
REFRESH_SECONDS = 2  # while a change runs
PER_PAGE = 100
MAX_TICKED = 1000  # one page of the overview has far fewer


def kinds_for(company: Company) -> list[tuple[str, str]]:
    kinds = [(kind.value, str(kind.label)) for kind in Kind]
    return [(kind, label) for kind, label in kinds if kind != Kind.SET_LABEL or company.user_label]


@require_POST
@company_admin_required
def choose_people(request: MemberRequest) -> HttpResponse:
    """Choose the ticked people, or all that match the filter of the list; only members of this company."""
    query = QueryDict(request.POST.get("filter", "")[:500]).urlencode()
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        messages.error(request, _("Choose what to do with the users that you have ticked."))
        return redirect(_list_url(query))
    try:
        change = actions.choose(request.company, _chosen_ids(request), kind=kind, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(_list_url(query))
    return redirect(reverse("company:people_change", args=[change.pk]) + (f"?{query}" if query else ""))


def _chosen_ids(request: MemberRequest) -> Iterator[int]:
    if request.POST.get("everyone") == "1":
        people = UserFilterForm(request.company, QueryDict(request.POST.get("filter", "")[:500])).matches()
    else:
        ids = [pk for pk in request.POST.getlist("user")[:MAX_TICKED] if pk.isdecimal() and len(pk) <= 18]
        people = User.objects.members_of(request.company).filter(pk__in=ids)
    yield from people.order_by(Lower("name"), "pk").values_list("pk", flat=True).iterator()


@require_safe
@company_admin_required
def people_change(request: MemberRequest, pk: int) -> HttpResponse:
    change = _find_change(request, pk)
    context: dict[str, Any] = {"change": change, "keep": request.GET.urlencode(), "license": license_of(change)}
    if change.state == State.CHOSEN and not change.is_complete:
        context["form"] = _license_or_label_form(change, None)
    elif change.state == State.CHOSEN:
        context |= _preview_context(change, request.user)
    else:
        context |= _outcome_context(request, change)
    response = render(request, "pages/company/users/people_change.html", context)
    if change.is_running:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_POST
@company_admin_required
def complete_change(request: MemberRequest, pk: int) -> HttpResponse:
    change = _find_change(request, pk)
    form = _license_or_label_form(change, request.POST)
    if not form.is_valid():
        context = {"change": change, "keep": request.GET.urlencode(), "form": form}
        return render(request, "pages/company/users/people_change.html", context)
    actions.complete(change, **form.cleaned_data)
    return _to_change_page(request, pk)


@require_POST
@company_admin_required
def start_change(request: MemberRequest, pk: int) -> HttpResponse:
    change = _find_change(request, pk)
    if change.kind == Kind.DELETE and request.POST.get("sure") != "1":
        messages.error(request, _("Tick that you are sure: deleting cannot be undone."))
        return _to_change_page(request, pk)
    try:
        actions.start(change, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    return _to_change_page(request, pk)


@require_safe
@company_admin_required
def change_report(request: MemberRequest, pk: int) -> HttpResponseBase:
    change = _find_change(request, pk)
    if change.state != State.DONE:
        raise Http404
    name = f"samen-{change.created_at:%Y-%m-%d}-{change.pk}"
    return table_response(list(_report_rows(change)), name=name, form=CSV)


def _find_change(request: MemberRequest, pk: int) -> PeopleChange:
    changes = request.company.people_changes.select_related("created_by", "company", "label")
    return get_object_or_404(changes, pk=pk)


def _license_or_label_form(change: PeopleChange, data: Any) -> WhichLicenseForm | WhichLabelForm:
    form = WhichLicenseForm if change.needs_license else WhichLabelForm
    return form(change, data)


def _preview_context(change: PeopleChange, by: User) -> dict[str, Any]:
    verdicts = foresee(change, by=by)
    rows = sorted(verdicts.items(), key=lambda item: -item[1])
    return {
        "total": sum(verdicts.values()),
        "to_do": sum(number for verdict, number in rows if verdict.outcome == Outcome.DONE),
        "left_out": [(v.reason, number) for v, number in rows if v.outcome != Outcome.DONE],
    }


def _outcome_context(request: MemberRequest, change: PeopleChange) -> dict[str, Any]:
    numbers = dict(change.lines.order_by().values_list("outcome").annotate(Count("pk")))
    refused = change.lines.filter(outcome=Outcome.REFUSED).select_related("user")
    total = sum(numbers.values())
    return {
        "total": total,
        "handled": total - numbers.get(Outcome.WAITING, 0),
        "numbers": [(outcome.label, numbers.get(outcome, 0)) for outcome in Outcome if numbers.get(outcome)],
        "page_obj": Paginator(refused, PER_PAGE).get_page(request.GET.get("page")),
    }


def _report_rows(change: PeopleChange) -> Iterator[list[Cell]]:
    yield [_("Name"), _("User name"), _("What happened"), _("Reason")]
    for line in change.lines.select_related("user").iterator(chunk_size=2000):
        is_here = line.user is not None and line.user.company_id == change.company_id
        name = line.user.name if line.user else _("Deleted user")
        address = line.user.email if line.user and is_here else ""
        yield [name, address, line.get_outcome_display(), line.reason]


def _list_url(query: str) -> str:
    return reverse("company:users") + (f"?{query}" if query else "")


def _to_change_page(request: MemberRequest, pk: int) -> HttpResponse:
    query = request.GET.urlencode()
    return redirect(reverse("company:people_change", args=[pk]) + (f"?{query}" if query else ""))
