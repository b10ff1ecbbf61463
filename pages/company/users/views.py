"""List the users (R14) and add one (R10)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.mails.rerouting import substitutes
from accounts.models import User
from licenses.actions.granting import add_colleague
from licenses.actions.status_counts import people_counts
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.forms import AddUserForm
from pages.company.users import user_table
from pages.company.users.bulk_changes import kinds_for
from pages.company.users.filter_forms import UserFilterForm
from pages.company.users.moves import moves_to_decide


@require_safe
@company_admin_required
def users(request: MemberRequest) -> HttpResponse:
    form = UserFilterForm(request.company, request.GET)
    counts = people_counts(request.company)
    sort = request.GET.get("sort", "name")
    context = {
        "filter": form,
        "is_filtered": bool(form.chosen),
        "page_obj": user_table.page_of(form, sort, request.GET.get("page"), counts),
        "total": counts.people(),
        "figure": user_table.status_bars(counts, chosen=form.value("status")),
        "columns": user_table.columns(request.company, sort),
        "has_domain": request.company.domains.exists(),
        "together_kinds": kinds_for(request.company),
        "keep": f"?{urlencode({'back': request.GET.urlencode()})}" if request.GET else "",
        **moves_to_decide(request.company),
    }
    return render(request, "pages/company/users/users.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def add_user(request: MemberRequest) -> HttpResponse:
    if not request.company.domains.exists():
        return redirect("company:company")  # which says how to get a domain (R6)
    form = AddUserForm(request.company, request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = _add_colleague(request, form)
        if person and person.company_id == request.company.pk:
            return redirect("company:user", person.pk)
        if person:
            return redirect("company:users")
    return render(request, "pages/company/users/add_user.html", {"form": form})


def _add_colleague(request: MemberRequest, form: AddUserForm) -> User | None:
    """Add the colleague with a message that says who was mailed; return None when a rule refuses."""
    license = form.cleaned_data["license"]
    try:
        person = add_colleague(request.company, form.new_colleague, license=license, by=request.user)
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    messages.success(request, _mail_in_words(person, request))
    return person


def _mail_in_words(person: User, request: MemberRequest) -> str:
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
