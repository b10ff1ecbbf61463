"""Refuse passwords that are guessed first (C21)."""

from __future__ import annotations

import re

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_zxcvbn_password_validator import ZxcvbnPasswordValidator

MIN_STRENGTH = 4  # of zxcvbn: ten thousand million guesses
# What people here choose; zxcvbn's own lists are English.
_DUTCH = """
nen connect nenconnect normen norm nennormen licentie licenties voorbeeld test hond
januari februari maart april mei juni juli augustus september oktober november december
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag lente voorjaar zomer herfst najaar winter
wachtwoord paswoord welkom geheim toegang inloggen beheer beheerder gebruiker bedrijf kantoor hallo goedemorgen
voetbal ajax feyenoord schatje liefje lieverd knuffel vakantie kerstmis sinterklaas koningsdag oranje fiets
computer internet nederland holland belgie amsterdam rotterdam utrecht denhaag eindhoven delft
"""
MAX_JUDGED = 72  # characters; zxcvbn takes no more, and a password whose first 72 are strong is strong


class GuessableValidator(ZxcvbnPasswordValidator):
    """Judge by zxcvbn with Dutch words, and advise in our own words."""

    def __init__(self) -> None:
        super().__init__()
        self.password_minimal_strength = MIN_STRENGTH
        self.extra_dictionary = _DUTCH.split()

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError for a password that is guessed soon.

        zxcvbn counts each dash or space between words as a letter that an attacker must guess; we leave them out.
        """
        letters = re.sub(r"[-_ .]+", "", password)[:MAX_JUDGED]
        if not self.get_strength(letters, user)["acceptable"]:
            raise ValidationError(
                _(
                    "This password is easy to guess: it is a well-known word, a row of keys or a repeat. "
                    "Take a few words that have nothing to do with each other."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("Your password cannot be a well-known word with digits behind it, a row of keys or a repeat.")
