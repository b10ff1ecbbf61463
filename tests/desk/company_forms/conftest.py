from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def as_staff(sign_in: SignIn) -> Client:
    # A new member of NEN staff, who is no administrator.
    return sign_in(make_person("nieuw@nen.example", name="Nina Nieuw", is_staff=True, language="en"))
