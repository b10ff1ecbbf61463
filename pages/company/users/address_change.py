"""Change the user name of a colleague: requested here, confirmed from the new mailbox (R2)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import address_change
from accounts.models import AddressChange
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest
from pages.company.forms import ChangeAddressForm
from pages.company.users.colleague import colleague_of, colleague_page, page_url, run_action, to_user_page


@require_http_methods(["GET", "POST"])
@colleague_page
def change_address(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    form = ChangeAddressForm(request.company, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change = address_change.ask_address_change(person, form.cleaned_data["email"], by=request.user)
        except RuleError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _change_in_words(change, form.cleaned_data["email"]))
            return to_user_page(request, pk)
    context = {"form": form, "person": person, "page": page_url(request, pk)}
    return render(request, "pages/company/users/change_address.html", context)


def _change_in_words(change: AddressChange | None, email: str) -> str:
    if change:
        return _("A mail went to %(email)s. The user name changes once it is confirmed there.") % {
            "email": change.address
        }
    return _("The user name is %(email)s now, and a new registration mail goes there.") % {"email": email}


@require_POST
@colleague_page
def send_address_change_again(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    done = _("The mail to confirm the new user name goes out again. The link in the old one no longer works.")
    return run_action(request, pk, lambda: address_change.send_address_change_again(person, by=request.user), done)


@require_POST
@colleague_page
def cancel_address_change(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    done = _("The user name stays %(email)s. The link that was mailed no longer works.") % {"email": person.email}
    return run_action(request, pk, lambda: address_change.cancel_address_change(person, by=request.user), done)
