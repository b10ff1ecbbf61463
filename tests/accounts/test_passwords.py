"""Test that easy passwords are refused and long own sentences are not (C21)."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from nenconnect.demo import DEMO_PASSWORD

pytestmark = pytest.mark.usefixtures("_english")

GUESSED = [
    "wachtwoord123", "Wachtwoord2026!", "W@chtw00rd12", "welkom123456", "WelkomWelkom", "Welkom-2026-welkom",
    "geheim!!2026", "voetbal-2026", "Januari2026!", "zomer2026zomer", "NenConnect2026", "nen-normen-2026",
    "1234567890123456", "123123123123", "aaaaaaaaaaaa", "abcabcabcabcab", "qwertyuiopas", "poiuytrewq12",
    "1q2w3e4r5t6y", "abcdefghijklm", "hond12345678", "password1234", "P@ssw0rd1234", "iloveyou2026",
]  # fmt: skip
ONES_OWN = [
    "fietsen-door-de-polder-12", "rustige-koffie-in-delft", "een-lang-wachtwoord-7", "zes paarse olifanten",
    "welkom bij ons thuis", "kJ8#vQ2!mZ5x", "8#2$1!0@9z3%7", "Groene winter in Utrecht", DEMO_PASSWORD,
]  # fmt: skip


@pytest.mark.parametrize("password", GUESSED)
def test_an_easy_password_is_refused_with_advice_for_a_better_password(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)

    assert len(refused.value.messages) == 1
    assert "Take a few words that have nothing to do with each other" in refused.value.messages[0]


@pytest.mark.parametrize("password", ONES_OWN)
def test_a_long_original_password_is_accepted(password: str) -> None:
    validate_password(password)
