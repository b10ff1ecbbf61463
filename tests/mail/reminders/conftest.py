from __future__ import annotations

from datetime import date

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import make_pending_person


@pytest.fixture
def newcomer(company: Company) -> User:
    """Make a person who must register before 20 June: the link works until the 19th."""
    return make_pending_person("noor@voorbeeld.example", company=company, registration_deadline=date(2027, 6, 20))
