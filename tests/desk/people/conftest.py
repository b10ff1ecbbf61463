from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_person, set_staff_roles

SignIn = Callable[[User], Client]


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    # Customer service: no administrator.
    return sign_in(
        set_staff_roles(make_person("nieuw@nen.example", is_staff=True, language="en"), "customer_service")
    )
