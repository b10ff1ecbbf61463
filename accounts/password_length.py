from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LengthValidator(MinimumLengthValidator):
    """Require a length, with a message of our own: Django 5.2 has no Dutch for its own."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short. It must have at least %(number)s character.",
            "This password is too short. It must have at least %(number)s characters.",
            self.min_length,
        ) % {"number": self.min_length}
