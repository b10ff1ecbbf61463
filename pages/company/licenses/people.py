"""Who has a licence: giving it to one colleague or to a pasted list, and taking it away (R23, R24)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from licenses.actions import granting
from licenses.models import Grant
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.licenses.one_license import do, find_license, find_member, keep, to_page
from pages.license_forms import AddressesForm, EndForm
from requests_app import previews
from requests_app.actions.deciding import give_license, prolong
from requests_app.actions.several_at_once import Recipient, give_to_many


@require_POST
@company_admin_required
def give(request: MemberRequest, pk: int) -> HttpResponse:
    license, person = find_license(request, pk), find_member(request, request.POST.get("user"))
    form = EndForm(request.POST, license=license)
    if not form.is_valid():
        messages.error(request, str(form.errors["ends_on"][0]))
        return to_page(request, pk)
    ends_on = form.cleaned_data["ends_on"]
    if ends_on and Grant.objects.lasting().filter(license=license, user=person).exists():
        said = _("%(name)s has “%(license)s” already. Here you change until when.")
        messages.info(request, said % {"name": person, "license": license})
        return redirect(f"{reverse('company:set_end', args=[pk])}?user={person.pk}")
    try:
        give_license(license, to=person, by=request.user, ends_on=ends_on)
    except RuleError as error:
        messages.error(request, str(error))
        return to_page(request, pk)
    done = _("%(name)s has “%(license)s” now.") % {"name": person, "license": license}
    messages.success(request, f"{done} {previews.what_stays_closed(license, person)}".strip())
    return redirect("company:license", pk)  # without the search, which found whom it was for


@require_http_methods(["GET", "POST"])
@company_admin_required
def take_away(request: MemberRequest, pk: int) -> HttpResponse:
    license = find_license(request, pk)
    person = find_member(request, (request.GET if request.method == "GET" else request.POST).get("user"))
    if request.method == "GET":
        context = {
            "license": license,
            "person": person,
            "preview": previews.taking_away(license, person),
            "sent": ("user", person.pk),
            "back": reverse("company:license", args=[pk]) + keep(request),
            "active": "licenses",
        }
        return render(request, "pages/company/take_away.html", context)
    names = {"license": license, "name": person}
    done = _("“%(license)s” is taken away from %(name)s.") % names
    otherwise = _("%(name)s did not have “%(license)s” any more.") % names
    return do(request, pk, lambda: granting.take_away(license, user=person, by=request.user), done, otherwise)


@require_http_methods(["GET", "POST"])
@company_admin_required
def set_end(request: MemberRequest, pk: int) -> HttpResponse:
    """„Verlengen": until when this person has the licence."""
    license = find_license(request, pk)
    person = find_member(request, (request.GET if request.method == "GET" else request.POST).get("user"))
    grant = get_object_or_404(license.grants.select_related("license"), user=person)
    form = EndForm(
        request.POST if request.method == "POST" else None, license=license, initial={"ends_on": grant.ends_on}
    )
    if form.is_valid():
        try:
            prolong(license, user=person, ends_on=form.cleaned_data["ends_on"], by=request.user)
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            grant.refresh_from_db()
            said = _("%(name)s has “%(license)s” up to and including %(day)s.")
            day = date_format(grant.last_day, "j F Y")
            messages.success(request, said % {"name": person, "license": license, "day": day})
            return to_page(request, pk)
    context = {"license": license, "person": person, "grant": grant, "form": form, "keep": keep(request)}
    return render(request, "pages/company/licenses/set_end.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def give_list(request: MemberRequest, pk: int) -> HttpResponse:
    """A pasted list: first what will happen, per address; then the button that does it."""
    license = find_license(request, pk)
    form = AddressesForm(request.POST if request.method == "POST" else None)
    asked: list[Recipient] = []
    if form.is_valid():
        is_sure = "sure" in request.POST
        asked = give_to_many(license, form.cleaned_data["addresses"], by=request.user, is_sure=is_sure)
        if is_sure:
            _tell(request, asked)
            if all(one.is_given or one.has_it for one in asked):
                return redirect("company:license", pk)
    context = {
        "license": license,
        "form": form,
        "asked": asked,
        "to_give": sum(one.can_have for one in asked),
        "is_done": "sure" in request.POST,
    }
    return render(request, "pages/company/licenses/give_list.html", context)


def _tell(request: MemberRequest, asked: list[Recipient]) -> None:
    given = sum(one.is_given for one in asked)
    said = ngettext("%(number)s colleague got the licence.", "%(number)s colleagues got the licence.", given)
    (messages.success if given else messages.info)(request, said % {"number": given})
