"""Reset a forgotten password by a mailed link (R36)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.password import ask_password_reset, find_password_reset, finish_password_reset
from accounts.models import User
from nenconnect.rules.errors import RuleError
from nenconnect.throttle.doors import throttled
from pages.arrivals import Door, note_link_used
from pages.forms import NewPasswordForm
from pages.mail_links import dead_link, mail_link, sign_out_first
from pages.session_keys import SIGN_IN_ADDRESS
from pages.sign_in.even_answers import answers_evenly
from pages.sign_in.forms import ForgottenPasswordForm

TOKEN = "password_reset_token"  # noqa: S105 -- the name of a place in the session


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])  # HEAD: mail scanners follow the link in a mail (C8)
@throttled("reset", keeps=("email",))
@answers_evenly
def forgot_password(request: HttpRequest) -> HttpResponse:
    """Mail a link to choose a new password; the answer is the same for every address (R36)."""
    own_address = request.user.email if isinstance(request.user, User) else ""
    form = ForgottenPasswordForm(
        request.POST if request.method == "POST" else None, initial={"email": own_address}
    )
    if form.is_valid():
        ask_password_reset(form.cleaned_data["email"])
        return redirect("sign_in:forgot_password_done")
    return render(request, "pages/sign_in/forgot_password.html", {"form": form})


@login_not_required
@require_safe
def forgot_password_done(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/sign_in/forgot_password_done.html")


@mail_link
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page behind the mailed link; its button continues with the token in the session (C8, C14)."""
    person = find_password_reset(token)
    if person is None:
        return dead_link(request, is_reset=True)
    if _is_another_person(request, person):
        return sign_out_first(request)
    if request.method == "POST":
        request.session.cycle_key()  # an attacker may know the old session key (C22)
        request.session[TOKEN] = token
        note_link_used(request, person, Door.RESET_LINK)
        return redirect("sign_in:new_password")
    return render(request, "pages/sign_in/password_reset.html", {"person": person})


@mail_link
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    token = request.session.get(TOKEN, "")
    person = find_password_reset(token)
    if person is None:
        return dead_link(request, is_reset=True)
    if _is_another_person(request, person):  # signing out empties the session, so the link leads back
        return sign_out_first(request, back=reverse("sign_in:password_reset", args=[token]))
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=person)
    if form.is_valid() and _finish_reset(request, token, form):
        return redirect("account_login")
    return render(request, "pages/sign_in/new_password.html", {"form": form, "person": person})


def _finish_reset(request: HttpRequest, token: str, form: NewPasswordForm) -> User | None:
    try:
        user = finish_password_reset(token, password=form.cleaned_data["password"])
    except RuleError as error:
        form.add_error(None, str(error))
        return None
    except ValidationError as error:
        form.add_error("password", error)
        return None
    request.session.flush()  # every session of the person has ended, this one too (R36)
    request.session[SIGN_IN_ADDRESS] = user.email  # no address in a URL
    messages.success(request, _("Your password is changed. Sign in with your new password."))
    return user


def _is_another_person(request: HttpRequest, person: User) -> bool:
    return request.user.is_authenticated and request.user != person
