from __future__ import annotations

from allauth.account.views import PasswordChangeView
from django.urls import reverse_lazy


class ChangePasswordView(PasswordChangeView):
    """Change the password by allauth's view: this session continues, the others end."""

    template_name = "pages/sign_in/change_password.html"
    success_url = reverse_lazy("mfa_index")
