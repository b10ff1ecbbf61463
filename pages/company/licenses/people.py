"""Give a licence to a colleague or to a pasted list, and take it away (R23, R24)."""

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
from licenses.plus_documents import closed_plus_documents_in_words
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.licenses.one_license import find_license, find_member, kept_query, run_action, to_license_page
from pages.license_forms import AddressesForm, EndForm
from requests_app.actions.deciding import give_license, prolong
from requests_app.actions.several_at_once import Recipient, give_to_many
from requests_app.previews.license_changes import preview_taking_away


@require_POST
@company_admin_required
def give(request: MemberRequest, pk: int) -> HttpResponse:
    license, person = find_license(request, pk), find_member(request, request.POST.get("user"))
    form = EndForm(request.POST, license=license)
    if not form.is_valid():
        messages.error(request, str(form.errors["ends_on"][0]))
        return to_license_page(request, pk)
    ends_on = form.cleaned_data["ends_on"]
    if ends_on and Grant.objects.lasting().filter(license=license, user=person).exists():
        text = _("%(name)s has “%(license)s” already. Here you change until when.")
        messages.info(request, text % {"name": person, "license": license})
        return redirect(f"{reverse('company:set_end', args=[pk])}?user={person.pk}")
    try:
        give_license(license, to=person, by=request.user, ends_on=ends_on)
    except RuleError as error:
        messages.error(request, str(error))
        return to_license_page(request, pk)
    done = _("%(name)s has “%(license)s” now.") % {"name": person, "license": license}
    messages.success(request, f"{done} {closed_plus_documents_in_words(license, person)}".strip())
    return redirect("company:license", pk)  # without the search for the person who has the licence now


@require_http_methods(["GET", "POST"])
@company_admin_required
def take_away(request: MemberRequest, pk: int) -> HttpResponse:
    license = find_license(request, pk)
    person = find_member(request, (request.GET if request.method == "GET" else request.POST).get("user"))
    if request.method == "GET":
        context = {
            "license": license,
            "person": person,
            "preview": preview_taking_away(license, person),
            "sent": ("user", person.pk),
            "back": reverse("company:license", args=[pk]) + kept_query(request),
            "active": "licenses",
        }
        return render(request, "pages/company/take_away.html", context)
    names = {"license": license, "name": person}
    done = _("“%(license)s” is taken away from %(name)s.") % names
    unchanged = _("%(name)s no longer had “%(license)s”.") % names
    return run_action(
        request, pk, lambda: granting.take_away(license, user=person, by=request.user), done, unchanged
    )


@require_http_methods(["GET", "POST"])
@company_admin_required
def set_end(request: MemberRequest, pk: int) -> HttpResponse:
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
            text = _("%(name)s has “%(license)s” up to and including %(day)s.")
            day = date_format(grant.last_day, "j F Y")
            messages.success(request, text % {"name": person, "license": license, "day": day})
            return to_license_page(request, pk)
    context = {"license": license, "person": person, "grant": grant, "form": form, "keep": kept_query(request)}
    return render(request, "pages/company/licenses/set_end.html", context)


@require_http_methods(["GET", "POST"])
@company_admin_required
def give_list(request: MemberRequest, pk: int) -> HttpResponse:
    license = find_license(request, pk)
    form = AddressesForm(request.POST if request.method == "POST" else None)
    recipients: list[Recipient] = []
    if form.is_valid():
        is_sure = "sure" in request.POST
        recipients = give_to_many(license, form.cleaned_data["addresses"], by=request.user, is_sure=is_sure)
        if is_sure:
            _show_result(request, recipients)
            if all(recipient.is_given or recipient.has_it for recipient in recipients):
                return redirect("company:license", pk)
    context = {
        "license": license,
        "form": form,
        "recipients": recipients,
        "to_give": sum(recipient.can_have for recipient in recipients),
        "is_done": "sure" in request.POST,
    }
    return render(request, "pages/company/licenses/give_list.html", context)


def _show_result(request: MemberRequest, recipients: list[Recipient]) -> None:
    given = sum(recipient.is_given for recipient in recipients)
    text = ngettext("%(number)s colleague got the licence.", "%(number)s colleagues got the licence.", given)
    (messages.success if given else messages.info)(request, text % {"number": given})
