from __future__ import annotations

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import make_admin


@pytest.fixture
def admin(company: Company) -> User:
    return make_admin(company, "beheerder@voorbeeld.example", name="Anneke Beheerder", language="en")
