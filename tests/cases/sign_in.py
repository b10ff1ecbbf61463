from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD

NEW_PASSWORD = "rustige-koffie-in-delft"


def post_sign_in(
    address: str, password: str = PASSWORD, browser: Client | None = None, **extra_fields: str
) -> Any:
    return (browser or Client()).post(
        reverse("account_login"), {"login": address, "password": password, **extra_fields}
    )


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session
