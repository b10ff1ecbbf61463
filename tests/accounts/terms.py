from __future__ import annotations

from django.urls import reverse

from accounts.models import TermsVersion, User

ASKED = reverse("sign_in:accept_terms")
HOME = reverse("home:home")


def accepted(user: User) -> list[TermsVersion]:
    return [acceptance.version for acceptance in user.terms_acceptances.order_by("pk").select_related("version")]
