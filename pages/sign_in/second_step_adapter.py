"""Connect allauth's second step to this site: its encryption, its name and its stage of the sign-in."""

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
        """Protect the secret with the site's key, so that a copy of the database holds no usable second step."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind passkeys to the configured site, whatever the Host header says (C15)."""
        return {"id": str(urlsplit(settings.SITE_URL).hostname), "name": "NEN Connect"}


class SecondStepStage(AuthenticateStage):
    """Stop a sign-in between the password and the session."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        response, is_done = super().handle()
        if response:
            self.request.session.cycle_key()  # an attacker may know the old session key (C22)
            self.state["proof"] = self.login.user.get_session_auth_hash()
        return response, is_done


def has_same_password(stage: LoginStage) -> bool:
    """Tell whether the person is still active with the password that the sign-in began with (C19)."""
    user = stage.login.user
    is_active = isinstance(user, User) and user.is_active
    return is_active and stage.state.get("proof") == user.get_session_auth_hash()


def _cipher() -> MultiFernet:
    """Return the cipher; older secret keys still decrypt."""
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: Any) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(f"accounts.second_step:{secret}".encode()).digest()))
