from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    """Sign the admin in, in English: the pages then have the source strings."""
    User.objects.filter(pk=admin.pk).update(language="en")
    admin.refresh_from_db()
    return sign_in(admin)
