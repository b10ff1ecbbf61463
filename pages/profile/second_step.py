"""Set up and remove the second step and its recovery codes, after the password."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import ReauthenticateView
from allauth.mfa.app_settings import RECOVERY_CODE_COUNT
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import second_step
from accounts.actions import second_step as actions
from accounts.models import User
from nenconnect.links.own_paths import own_path, with_next
from nenconnect.rules.errors import RuleError
from pages.access import SignedInRequest
from pages.session_keys import AFTER_SECOND_STEP

FEW_CODES = 3
needs_password = reauthentication_required(app="allauth.mfa")


@require_safe
def security(request: SignedInRequest) -> HttpResponse:
    rows = list(Authenticator.objects.filter(user=request.user).order_by("created_at", "pk"))
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "app": next((row for row in rows if row.type == Authenticator.Type.TOTP), None),
        "keys": [row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        "has_codes": codes is not None,
        "codes_left": RECOVERY_CODE_COUNT - codes.data["used_mask"].bit_count() if codes else 0,
        "few_codes": FEW_CODES,
        "is_missing": second_step.is_missing(request.user),
        "must_have": second_step.must_have(request.user),
        "demand": second_step.company_demand_on(request.user),
    }
    return render(request, "pages/profile/security.html", context)


class AppView(ActivateTOTPView):
    """Set up an authenticator app: allauth's page with the QR code, our action."""

    template_name = "pages/profile/add_app.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        secret = context["form"].secret
        return context | {"secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            user = actions.add_app(self.request.user, secret=form.secret, moment=form.moment)
        except RuleError as error:
            return _show_refusal(self.request, error)
        clear_totp_secret(self.request)
        return _after_adding(self.request, user, _("Your authenticator app is set up."))


class KeyView(AddWebAuthnView):
    """Set up a passkey: allauth's page, our action."""

    template_name = "pages/profile/add_key.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super(AddWebAuthnView, self).get_context_data(**kwargs)
        options = webauthn.begin_registration(self.request.user, False)
        return context | {"js_data": {"creation_options": options}}

    def form_valid(self, form: Any) -> HttpResponse:
        fields = {name: form.cleaned_data[name] for name in ("name", "credential", "passwordless")}
        try:
            user = actions.add_key(self.request.user, **fields)
        except RuleError as error:
            return _show_refusal(self.request, error)
        return _after_adding(self.request, user, _("Your passkey is set up."))


class PasswordAgainView(ReauthenticateView):
    template_name = "pages/profile/password_again.html"


@require_http_methods(["GET", "POST"])
@needs_password
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    factor = get_object_or_404(second_step.factors_of(request.user), pk=pk)
    if request.method != "POST":
        is_last = second_step.factors_of(request.user).count() == 1
        context = {"factor": factor, "is_last": is_last, "must_have": second_step.must_have(request.user)}
        return render(request, "pages/profile/remove_second_step.html", context)
    try:
        actions.remove(request.user, factor)
    except RuleError as error:
        return _show_refusal(request, error)
    messages.success(request, _("It is removed. A mail tells you so."))
    return redirect("mfa_index")


@require_safe
@needs_password
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    context = {"codes": _recovery_codes(request.user), "next": own_path(request.GET.get("next"))}
    return render(request, "pages/profile/recovery_codes.html", context)


@require_safe
@needs_password
def download_recovery_codes(request: SignedInRequest) -> HttpResponse:
    name = slugify(_("recovery codes"))
    return HttpResponse(
        "NEN Connect\n\n" + "\n".join(_recovery_codes(request.user)) + "\n",
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="nen-connect-{name}.txt"'},
    )


@require_http_methods(["GET", "POST"])
@needs_password
def make_recovery_codes(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "pages/profile/make_recovery_codes.html", {"form": Form()})
    try:
        actions.make_recovery_codes(request.user)
    except RuleError as error:
        return _show_refusal(request, error)
    messages.success(request, _("You have new recovery codes. The old ones no longer work."))
    return redirect("mfa_view_recovery_codes")


def _recovery_codes(user: User) -> list[str]:
    row = get_object_or_404(Authenticator, user=user, type=Authenticator.Type.RECOVERY_CODES)
    codes: list[str] = row.wrap().get_unused_codes()
    return [f"{code[:4]} {code[4:]}" for code in codes]


def _after_adding(request: HttpRequest, user: User, text: str) -> HttpResponse:
    """Keep this session where the others end; the first second step leads to its recovery codes."""
    is_first = user.session_round != request.user.session_round  # type: ignore[union-attr]
    update_session_auth_hash(request, user)
    messages.success(request, text)
    after = own_path(request.session.pop(AFTER_SECOND_STEP, ""))
    return redirect(with_next(reverse("mfa_view_recovery_codes"), after) if is_first else "mfa_index")


def _show_refusal(request: HttpRequest, error: RuleError) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("mfa_index")
