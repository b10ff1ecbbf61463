from __future__ import annotations

import pytest

from accounts.models import User
from companies.models import Company
from tests.project.constraints.changes import Cast


@pytest.fixture
def cast(company: Company, other_company: Company, admin: User, colleague: User) -> Cast:
    return Cast(company, other_company, admin, colleague)
