"""„Mijn bedrijf – Gebruikers": the overview (R14) and „Gebruiker toevoegen" (R10)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import MemberRequest, company_admin_required
from accounts.mails import substitutes
from accounts.models import PeopleChange, User, UserQuerySet
from companies.forms import AddUserForm, UserFilterForm
from companies.models import Company
from companies.views.moves import moves_to_decide
from licenses.access import active_license_count, has_active_license
from licenses.actions.granting import add_colleague
from licenses.models import Grant
from nenconnect.errors import RuleError

PER_PAGE = 25
COLUMNS = {
    "status": gettext_lazy("Status"),
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("User name"),
    "role": gettext_lazy("Role"),
    "licenses": gettext_lazy("Licences"),
    "label": gettext_lazy("Label"),
}
SORTED_BY: dict[str, Any] = {
    "status": F("status"),
    "name": Lower("name"),
    "email": F("email"),
    "role": F("role"),
    "licenses": F("license_count"),
    "label": Lower("label__name"),
}


@require_safe
@company_admin_required
def users(request: MemberRequest) -> HttpResponse:
    form = UserFilterForm(request.company, request.GET)
    everyone = User.objects.members_of(request.company)
    found = filtered_people(everyone, form)
    if request.company.user_label:
        found = found.prefetch_related("label")  # for the page's rows alone; a join would be for all
    sort = request.GET.get("sort", "name")
    context = {
        "filter": form,
        "is_filtered": any(form.value(name) for name in form.fields),
        "page_obj": Paginator(_sorted(found, sort), PER_PAGE).get_page(request.GET.get("page")),
        "total": everyone.count(),
        "columns": _columns(request.company, sort),
        "has_domain": request.company.domains.exists(),
        "together_kinds": _together_kinds(request.company),
        "keep": f"?{urlencode({'back': request.GET.urlencode()})}" if request.GET else "",
        **moves_to_decide(request.company),
    }
    return render(request, "companies/users.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def add_user(request: MemberRequest) -> HttpResponse:
    if not request.company.domains.exists():
        return redirect("companies:company")  # which says how to get a domain (R6)
    form = AddUserForm(request.company, request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = _add(request, form)
        if person and person.company_id == request.company.pk:
            return redirect("companies:user", person.pk)
        if person:
            return redirect("companies:users")
    return render(request, "companies/add_user.html", {"form": form})


def _add(request: MemberRequest, form: AddUserForm) -> User | None:
    """The new colleague, with the message that says who was mailed; None when a rule refuses."""
    license = form.cleaned_data["license"]
    try:
        person = add_colleague(request.company, form.new_colleague, license=license, by=request.user)
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    messages.success(request, _what_was_mailed(person, request))
    return person


def _what_was_mailed(person: User, request: MemberRequest) -> str:
    if person.company_id != request.company.pk:  # R13
        return _(
            "%(email)s has a personal account already. We have mailed the owner, who joins %(company)s by "
            "confirming; from then on you find them in this list and can give licences."
        ) % {"email": person.email, "company": request.company}
    if person.is_blocked:
        return _("%(name)s is saved and blocked. No mail goes out until you unblock.") % {"name": person}
    readers = ", ".join(admin.email for admin in substitutes(person))
    if readers:
        return _("%(name)s is saved. The registration mail goes to %(readers)s, on behalf of %(email)s.") % {
            "name": person,
            "readers": readers,
            "email": person.email,
        }
    return _("%(name)s is saved. The registration mail goes to %(email)s.") % {
        "name": person,
        "email": person.email,
    }


def filtered_people(people: UserQuerySet, form: UserFilterForm) -> UserQuerySet:
    """The overview and the export ask the same."""
    people = people.matching(form.value("q") or "")
    if role := form.value("role"):
        people = people.filter(role=role)
    if license := form.value("license"):
        granted = Exists(Grant.objects.lasting().filter(license=license, user=OuterRef("pk")))
        people = people if license.is_company_wide else people.filter(granted)
    if label := form.value("label"):
        people = people.filter(label=None if label == form.WITHOUT_LABEL else label)
    if form.value("undeliverable"):
        people = people.undeliverable()
    if status := form.value("status"):
        people = people.with_status(has_active_license()).filter(Q(status=status))
    return people


def _sorted(people: UserQuerySet, sort: str) -> UserQuerySet:
    people = people.with_status(has_active_license()).annotate(license_count=active_license_count())
    column = SORTED_BY.get(sort.removeprefix("-"), SORTED_BY["name"])
    first = column.desc(nulls_last=sort == "-label" or None) if sort.startswith("-") else column.asc()
    return people.order_by(first, Lower("name"), "pk")


def _together_kinds(company: Company) -> list[tuple[str, str]]:
    """What can be done with several at once."""
    kinds = [(kind.value, str(kind.label)) for kind in PeopleChange.Kind]
    return [one for one in kinds if one[0] != PeopleChange.Kind.SET_LABEL or company.user_label]


def _columns(company: Company, sort: str) -> list[dict[str, object]]:
    """The label's column bears its name, and is there only where the company uses one."""
    columns = [_column(name, sort) for name in COLUMNS if name != "label"]
    if company.user_label:
        columns.append(_column("label", sort) | {"label": company.user_label, "is_free_text": True})
    return columns


def _column(name: str, sort: str) -> dict[str, object]:
    """A column's heading: pressing it sorts by it, pressing it again turns the order around."""
    direction = {name: "ascending", f"-{name}": "descending"}.get(sort)
    return {
        "label": COLUMNS[name],
        "direction": direction,
        "next_sort": f"-{name}" if direction == "ascending" else name,
    }
