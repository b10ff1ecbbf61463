from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def nina() -> User:
    # A member of NEN staff: no superuser, no permissions but being staff.
    return make_person("nina@nen.example", name="Nina Nieuw", is_staff=True, language="en")


@pytest.fixture
def desk(nina: User, sign_in: SignIn) -> Client:
    return sign_in(nina)
