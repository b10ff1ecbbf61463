from __future__ import annotations

import pytest

from accounts.models import User
from companies.models import Company
from tests.project.constraints.changes import ConstraintCast


@pytest.fixture
def cast(company: Company, other_company: Company, admin: User, colleague: User) -> ConstraintCast:
    return ConstraintCast(company, other_company, admin, colleague)
