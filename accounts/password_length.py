"""How long a password must be (C21)."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LengthValidator(MinimumLengthValidator):
    """Django's; its own message has no Dutch in Django 5.2, whose Dutch catalogue knows an older wording only."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short. It must have at least %(number)s character.",
            "This password is too short. It must have at least %(number)s characters.",
            self.min_length,
        ) % {"number": self.min_length}
