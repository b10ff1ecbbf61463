from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD

NEW_PASSWORD = "rustige-koffie-in-delft"


def signs_in(address: str, password: str = PASSWORD, browser: Client | None = None, **more: str) -> Any:
    return (browser or Client()).post(reverse("account_login"), {"login": address, "password": password, **more})


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session
