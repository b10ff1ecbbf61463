from __future__ import annotations

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import admin_of


@pytest.fixture
def admin(company: Company) -> User:
    return admin_of(company, "beheerder@voorbeeld.example", name="Anneke Beheerder", language="en")
