from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User

SignIn = Callable[[User], Client]


@pytest.fixture
def english(db: None) -> None:
    """Set the language of all people to English: name this fixture after those of the people."""
    User.objects.update(language="en")


@pytest.fixture
def as_colleague(colleague: User, english: None, sign_in: SignIn) -> Client:
    return sign_in(colleague)


@pytest.fixture
def as_admin(admin: User, english: None, sign_in: SignIn) -> Client:
    User.objects.update(language="en")
    return sign_in(admin)
