from __future__ import annotations

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import person
from tests.members.deleting.canary import ADDRESS, NAME, PHONE


@pytest.fixture
def canary(company: Company) -> User:
    return person(ADDRESS, company=company, name=NAME, phone=PHONE, language="en")
