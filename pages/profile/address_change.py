"""Confirm a new user name: the button behind the link in the mail makes it the user name (R2)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.address_change import confirm_address_change, find_address_change
from nenconnect.rules.errors import RuleError
from pages.arrivals import Door, note_link_used
from pages.mail_links import dead_link, mail_link, sign_out_first
from pages.session_keys import SIGN_IN_ADDRESS


@mail_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    change = find_address_change(token)
    if change is None:
        return dead_link(request, is_address=True)
    if request.user.is_authenticated and request.user.pk != change.user_id:
        return sign_out_first(request)
    refusal = ""
    if request.method == "POST":
        try:
            user = confirm_address_change(token)
        except RuleError as error:
            refusal = str(error)
        else:
            note_link_used(request, user, Door.ADDRESS_LINK)
            request.session.flush()  # every session of the person has ended, this one too
            request.session[SIGN_IN_ADDRESS] = user.email  # no address in a URL
            text = _("Your user name is %(email)s now. Sign in with it, and with the password that you have.")
            messages.success(request, text % {"email": user.email})
            return redirect("account_login")
    context = {"change": change, "person": change.user, "refusal": refusal}
    return render(request, "pages/profile/confirm_address.html", context)
