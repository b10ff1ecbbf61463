from __future__ import annotations

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import make_person
from tests.members.deleting.canary import ADDRESS, NAME, PHONE


@pytest.fixture
def canary(company: Company) -> User:
    return make_person(ADDRESS, company=company, name=NAME, phone=PHONE, language="en")
