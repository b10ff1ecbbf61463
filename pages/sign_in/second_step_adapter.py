"""How allauth's second step fits our house: its secrets, its name for the site, and its place in a sign-in."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from allauth.account.stages import LoginStage
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpResponse

from accounts.models import User


class SecondStepAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """A copy of the database gives nobody a second step."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the configured site, whatever the Host header says (C15)."""
        return {"id": str(urlsplit(settings.SITE_URL).hostname), "name": "NEN Connect"}


class SecondStepStage(AuthenticateStage):
    """Between the password and the session: allauth's, but for who comes back to it."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        response, goes_on = super().handle()
        if response:
            self.request.session.cycle_key()  # a session that somebody planted must not get half-way in (C22)
            self.state["proof"] = self.login.user.get_session_auth_hash()
        return response, goes_on


def is_still_who_began(stage: LoginStage) -> bool:
    """Not blocked, deleted or given another password since the password was right (C19)."""
    user = stage.login.user
    is_active = isinstance(user, User) and user.is_active
    return is_active and stage.state.get("proof") == user.get_session_auth_hash()


def _box() -> MultiFernet:
    """Older keys still open what was closed with them."""
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: Any) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(f"accounts.second_step:{secret}".encode()).digest()))
