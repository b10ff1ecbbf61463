"""Register: from the form or an admin's mail to an account with a password (R11, R12, R16, R17)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.finishing_registration import (
    companies_to_choose,
    expired_registration,
    find_registration,
    finish_registration,
)
from accounts.actions.joining import companies_to_ask
from accounts.actions.registering_oneself import register_self
from accounts.models import TermsVersion, User
from nenconnect.links.own_paths import own_path, with_next
from nenconnect.rules.errors import RuleError
from nenconnect.throttle.doors import throttled
from pages.arrivals import Door, note_link_used
from pages.mail_links import dead_link, mail_link, sign_out_first
from pages.session_keys import SIGN_IN_ADDRESS
from pages.sign_in.even_answers import answers_evenly
from pages.sign_in.forms import FinishRegistrationForm, RegisterForm
from pages.sign_in.terms_text import terms_html

TOKEN = "registration_token"  # noqa: S105 -- the name of a place in the session
REGISTERED_ADDRESS = "registered_address"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])  # HEAD: mail scanners follow the link in a mail (C8)
@throttled("register", keeps=("name", "email"))
@answers_evenly
def register(request: HttpRequest) -> HttpResponse:
    """Mail a link to finish registration; the answer is the same for every address (R16, C20).

    `next` is the page that the first sign-in leads to.
    """
    after = own_path(request.GET.get("next"))
    if request.user.is_authenticated:
        return redirect(after or "home:home")
    form = RegisterForm(_post_data(request))
    if form.is_valid():
        register_self(**form.cleaned_data, language=get_language() or "nl", after=after)
        request.session[REGISTERED_ADDRESS] = form.cleaned_data["email"]  # no address in a URL
        return redirect(with_next(reverse("sign_in:register_done"), after))
    return render(request, "pages/sign_in/register.html", {"form": form})


@login_not_required
@require_safe
def register_done(request: HttpRequest) -> HttpResponse:
    context = {"typed": request.session.get(REGISTERED_ADDRESS, "")}
    return render(request, "pages/sign_in/register_done.html", context)


@mail_link
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page behind the mailed link; its button continues with the token in the session (C8, C14)."""
    person = find_registration(token)
    if person is None:
        return dead_link(request, expired=expired_registration(token))
    if request.user.is_authenticated:
        return sign_out_first(request)
    if request.method == "POST":
        request.session.cycle_key()  # an attacker may know the old session key (C22)
        request.session[TOKEN] = token
        note_link_used(request, person, Door.REGISTRATION_LINK)
        return redirect("sign_in:choose_password")
    return render(request, "pages/sign_in/registration.html", {"person": person})


@mail_link
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request: HttpRequest) -> HttpResponse:
    token = request.session.get(TOKEN, "")
    person = find_registration(token)
    if person is None:
        return dead_link(request, expired=expired_registration(token))
    if request.user.is_authenticated:  # signing out empties the session, so the link leads back
        return sign_out_first(request, back=reverse("sign_in:registration", args=[token]))
    companies, terms = companies_to_choose(person), TermsVersion.objects.current()
    form = FinishRegistrationForm(_post_data(request), user=person, companies=companies, terms=terms)
    if form.is_valid() and _finish_registration(request, token, form):
        return redirect(with_next(reverse("account_login"), own_path(person.registration_next)))
    if form.has_error("company") and len(companies) <= 1:  # the company on the page no longer accepts the address
        messages.error(request, str(form.errors["company"][0]))
        return redirect("sign_in:choose_password")
    context = {
        "form": form,
        "person": person,
        "companies": companies,
        "closed_companies": companies_to_ask(person),
        "terms": terms,
        "terms_html": terms_html(terms.text) if terms else "",
    }
    return render(request, "pages/sign_in/choose_password.html", context)


def _post_data(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _finish_registration(request: HttpRequest, token: str, form: FinishRegistrationForm) -> User | None:
    choices = {"password": form.cleaned_data["password"], "company": form.chosen_company()}
    try:
        user = finish_registration(token, **choices, terms=form.shown_terms)
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    except ValidationError as error:
        form.add_error("password", error)
        return None
    del request.session[TOKEN]
    request.session[SIGN_IN_ADDRESS] = user.email  # no address in a URL
    messages.success(request, _("Your registration is complete. Sign in with your new password."))
    return user
