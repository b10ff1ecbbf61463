"""Follow the links of mails, and sign in with a password."""

from __future__ import annotations

import re
from typing import Any

from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from accounts.mails.registration import REGISTRATION_SALT
from accounts.models import User
from tests.factories import PASSWORD

NEW_PASSWORD = "rustige-koffie-in-delft"


def link_for(user: User) -> str:
    token = Signer(salt=REGISTRATION_SALT).sign_object([user.pk, user.registration_round])
    return reverse("sign_in:registration", args=[token])


def without_tokens(page: bytes) -> bytes:
    return re.sub(rb'csrfmiddlewaretoken" value="[^"]+"', b"", page)


def is_dead(page: Any) -> bool:
    return [template.name for template in page.templates][:1] == ["parts/dead_link.html"]


def try_sign_in(client: Client, address: str, password: str = PASSWORD, **data: str):
    return client.post(reverse("account_login"), {"login": address, "password": password, **data})
