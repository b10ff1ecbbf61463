"""Sign people in on several devices."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import PASSWORD

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
DEVICES = "/mijn-profiel/apparaten/"


def signed_in(user: User, **headers: str) -> Client:
    # By the sign-in page, with a browser of its own.
    client = Client(headers=headers)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert client.get(DEVICES).status_code == 200
    return client


def rows(user: User) -> Any:
    return UserSession.objects.filter(user=user)


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)
