from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from companies.models import Company
from tests.factories import make_pending_person, make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    User.objects.filter(pk=admin.pk).update(language="en")
    return sign_in(admin)


@pytest.fixture
def crowd(company: Company, admin: User, colleague: User, other_company: Company) -> list[User]:
    # Every kind of person: only active members of the company itself count.
    make_person(company=company, is_blocked=True)
    make_pending_person(company=company)
    make_person(company=other_company)
    return [admin, colleague, *(make_person(company=company) for _number in range(4))]
