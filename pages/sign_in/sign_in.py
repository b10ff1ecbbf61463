from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, LogoutView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import webauthn_challenge
from accounts.second_step import factors_of
from nenconnect.throttle.actions import count
from nenconnect.throttle.doors import throttled
from pages.session_keys import SIGN_IN_ADDRESS
from pages.sign_in.second_step_adapter import SecondStepStage, has_same_password


@method_decorator(throttled("sign_in", keeps=("login",)), name="post")
class SignInView(LoginView):
    """Sign in by allauth's view with our SignInForm."""

    template_name = "pages/sign_in/sign_in.html"

    def get_initial(self) -> dict[str, Any]:
        return {"login": self.request.session.get(SIGN_IN_ADDRESS, "")}


def forget_challenge_after_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Forget the challenge of a passkey when the half-finished sign-in has ended."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if LOGIN_SESSION_KEY not in request.session:
            webauthn_challenge.forget(webauthn_challenge.SECOND_STEP)
        return answer

    return wrapped


@method_decorator(forget_challenge_after_sign_in, name="dispatch")
@method_decorator(
    login_stage_required(stage=SecondStepStage.key, redirect_urlname="account_login"), name="dispatch"
)
class SecondStepView(AuthenticateView):
    """Ask for a code or a passkey after the password, by allauth's view."""

    template_name = "pages/sign_in/second_step.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        stage = request._login_stage  # type: ignore[attr-defined]
        if not has_same_password(stage):
            messages.error(request, _("Sign in again."))
            response: HttpResponse = stage.abort()
            return response
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        webauthn_challenge.sign(webauthn_challenge.SECOND_STEP)
        kinds = set(factors_of(self.stage.login.user).values_list("type", flat=True))
        return context | {"has_app": "totp" in kinds, "has_passkey": "webauthn" in kinds}


@method_decorator(throttled("sign_in", keeps=()), name="post")
class PasskeySignInView(LoginWebAuthnView):
    """Sign in with a passkey that asked for finger, face or PIN: both steps at once."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return what the browser asks the passkey.

        Counted per address, as each answer keeps a session; a request from another site gets none.
        """
        if not _is_from_own_script(request):
            return redirect("account_login")
        if not count("passkey", str(get_adapter().get_client_ip(request))):
            return JsonResponse({}, status=429)
        answer: HttpResponse = super().get(request, *args, **kwargs)
        webauthn_challenge.sign(webauthn_challenge.WITHOUT_PASSWORD)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        factor = form.cleaned_data["credential"]
        login = Login(user=factor.user, redirect_url=get_next_redirect_url(self.request))
        answer: HttpResponse = perform_passwordless_login(self.request, factor, login)
        return answer


def _is_from_own_script(request: HttpRequest) -> bool:
    """Refuse a picture or script on another site, which would use up its visitor's share of attempts."""
    is_same_origin = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    return is_same_origin and bool(get_adapter().is_ajax(request))


class SignOutView(LogoutView):
    """Sign out by allauth's view: GET asks, POST signs out (C22)."""

    template_name = "pages/sign_in/sign_out.html"


@login_not_required
@require_safe
def account_inactive(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home/account_inactive.html")
