"""Show which mails a person gets and who reads them, and switch some off (R30, R32)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.notices import choose_notices
from accounts.actions.reminders import switch_reminders
from accounts.mails.rerouting import substitutes
from accounts.models import RequestNotices
from accounts.stop_links import StopLink, person_of_stop_link
from nenconnect.rules.errors import RuleError
from pages.access import SignedInRequest
from pages.mail_links import dead_link, mail_link
from pages.profile.forms import NoticesForm


@require_safe
def mails(request: SignedInRequest) -> HttpResponse:
    user = request.user
    context = {
        "readers": substitutes(user),
        "gets_reminders": user.gets_reminders or user.must_get_reminders(),
        "notices": NoticesForm(initial={"notices": user.request_notices}),
    }
    return render(request, "pages/profile/profile_mails.html", context)


@require_POST
def reminders(request: SignedInRequest) -> HttpResponse:
    is_wanted = request.POST.get("reminders") == "on"
    try:
        switch_reminders(request.user, is_wanted, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("You get reminders.") if is_wanted else _("You no longer get reminders."))
    return redirect("profile:profile_mails")


@require_POST
def notices(request: SignedInRequest) -> HttpResponse:
    form = NoticesForm(request.POST)
    if form.is_valid():
        try:
            choose_notices(request.user, form.cleaned_data["notices"], by=request.user)
        except RuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Your choice is saved."))
    return redirect("profile:profile_mails")


@csrf_exempt  # as the link below
@mail_link
@require_http_methods(["GET", "HEAD", "POST"])
def stop_notices(request: HttpRequest, token: str) -> HttpResponse:
    person = person_of_stop_link(StopLink.NOTICES, token)
    if person is None:
        return dead_link(request)
    refusal = ""
    if request.method == "POST":
        try:
            choose_notices(person, RequestNotices.NONE, by=person)
        except RuleError as error:
            refusal = str(error)
        person.refresh_from_db(fields=["request_notices"])
    return render(request, "pages/profile/stop_notices.html", {"person": person, "refusal": refusal})


# Mail programs POST here by themselves (RFC 8058); the signed token names the person and allows only this.
@csrf_exempt
@mail_link
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request: HttpRequest, token: str) -> HttpResponse:
    """Stop reminders by the link in a reminder: its button or the mail program's own does it (R34)."""
    person = person_of_stop_link(StopLink.REMINDERS, token)
    if person is None:
        return dead_link(request)
    refusal = ""
    if request.method == "POST":
        try:
            switch_reminders(person, False, by=person)
        except RuleError as error:
            refusal = str(error)
        person.refresh_from_db(fields=["gets_reminders"])
    # Never an error status: Django would write the link into its log (C14).
    return render(request, "pages/profile/stop_reminders.html", {"person": person, "refusal": refusal})
