from __future__ import annotations

from allauth.account.views import PasswordChangeView
from django.urls import reverse_lazy


class ChangePasswordView(PasswordChangeView):
    """allauth's: this session goes on, the others end. Its form is pages.profile.forms.ChangePasswordForm."""

    template_name = "pages/sign_in/change_password.html"
    success_url = reverse_lazy("mfa_index")
