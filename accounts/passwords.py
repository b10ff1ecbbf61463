"""Passwords that are guessed first: a well-known word with digits behind it, a row of keys, a repeat (C21)."""

from __future__ import annotations

import re

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
ROWS = [row for sequence in SEQUENCES for row in (sequence, sequence[::-1])]
# What people here take, and Django's list, an English one, does not hold.
_DUTCH = """
januari februari maart april mei juni juli augustus september oktober november december
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag lente voorjaar zomer herfst najaar winter
wachtwoord paswoord welkom geheim toegang inloggen beheer beheerder gebruiker bedrijf kantoor hallo goedemorgen
voetbal ajax feyenoord schatje liefje lieverd knuffel vakantie kerstmis sinterklaas koningsdag oranje fiets
computer internet nederland holland belgie amsterdam rotterdam utrecht denhaag eindhoven delft
nen connect normen norm licentie licenties voorbeeld demo test
"""
DUTCH_WORDS = frozenset(_DUTCH.split())
LOOKALIKES = str.maketrans("01345@$!", "oleasasi")  # signs that people write for letters
MAX_LOOKED_AT = 200  # letters: a posted megabyte costs no time
MIN_RUN = 4  # so many in a row are a row
MIN_OWN = 6  # letters and signs that a password has beside its rows
MIN_WORD = 4  # letters; fewer are left of many a random password


class GuessableValidator(CommonPasswordValidator):
    """Django's, which compares the password whole, and beyond it what people make of a common one."""

    def __init__(self) -> None:
        super().__init__()
        self.words = DUTCH_WORDS | {_bare(password) for password in self.passwords}

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises ValidationError."""
        password = password.strip().lower()[:MAX_LOOKED_AT]
        own = _own_part(password)
        if self._is_of_common_words(password) or (own != password and len(own) < MIN_OWN):
            raise ValidationError(self.get_error_message(), code="password_guessable")

    def get_error_message(self) -> str:
        return _(
            "This password is easy to guess: it is a well-known word, a row of keys or a repeat. "
            "Take a few words that have nothing to do with each other."
        )

    def get_help_text(self) -> str:
        return _("Your password cannot be a well-known word with digits behind it, a row of keys or a repeat.")

    def _is_of_common_words(self, password: str) -> bool:
        once, bare, letters = _once(password), _bare(password), re.sub(r"[\W\d_]", "", password)
        if password in self.passwords:
            return True
        forms = (once, _bare(once), _once(bare), bare.translate(LOOKALIKES), _once(letters))
        return any(len(form) >= MIN_WORD and form in self.words for form in forms) or _is_two_words(letters)


def _is_two_words(letters: str) -> bool:
    halves = ((letters[:at], letters[at:]) for at in range(1, len(letters)))
    return any(first in DUTCH_WORDS and second in DUTCH_WORDS for first, second in halves)


def _bare(text: str) -> str:
    """Without the digits and signs at its ends."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _once(text: str) -> str:
    """abcabcab → abc: one round of what is repeated until the end."""
    for length in range(1, len(text) // 2 + 1):
        if text[length:] == text[:-length]:
            return text[:length]
    return text


def _own_part(password: str) -> str:
    """One round of it, without rows of the alphabet, the digits or the keyboard in either direction."""
    text, own = _once(password), ""
    while text:
        length = _run(text)
        own, text = (own, text[length:]) if length >= MIN_RUN else (own + text[0], text[1:])
    return own


def _run(text: str) -> int:
    """How many of the first letters stand so in a row."""
    length = 1
    while length < len(text) and any(text[: length + 1] in row for row in ROWS):
        length += 1
    return length
