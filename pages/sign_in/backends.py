from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.actions.sign_in import count_attempt, forget_attempts, take_back_attempt
from accounts.models import User
from accounts.second_step import has_second_step
from companies.addresses import canonical_address
from nenconnect.rules.errors import RuleError


class LockingBackend(AuthenticationBackend):
    """Count and lock every attempt to sign in with a password (C16, C18)."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        entered = credentials.get("email") or credentials.get("username") or ""
        password = credentials.get("password") or ""
        try:
            address = canonical_address(entered)
        except RuleError:
            self._mitigate_timing_attack(password)
            return None
        if not count_attempt(address):
            self._mitigate_timing_attack(password)
            return None
        user: User | None = super().authenticate(request, **{**credentials, "email": address})
        if user and has_second_step(user):
            take_back_attempt(address)
        elif user:
            forget_attempts(address)
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the person with the company, or None for a blocked person so that open sessions end (R15)."""
        return User.objects.active().with_second_step().select_related("company").filter(pk=user_id).first()
