from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from companies.models import Company, LabelValue
from tests.companies.labels.values import value

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    # The admin's, in English: the words of the pages are then the source strings.
    User.objects.filter(pk=admin.pk).update(language="en")
    admin.refresh_from_db()
    return sign_in(admin)


@pytest.fixture
def as_colleague(colleague: User, sign_in: SignIn) -> Client:
    User.objects.filter(pk=colleague.pk).update(language="en")
    colleague.refresh_from_db()
    return sign_in(colleague)


@pytest.fixture
def purchasing(company: Company) -> LabelValue:
    # „Inkoop", a value of the label „Afdeling" that Voorbeeld BV uses.
    Company.objects.filter(pk=company.pk).update(user_label="Afdeling")
    company.refresh_from_db()
    return value(company, "Inkoop")
