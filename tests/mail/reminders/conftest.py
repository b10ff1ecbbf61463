from __future__ import annotations

from datetime import date

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import make_pending_person


@pytest.fixture
def newcomer(company: Company) -> User:
    """Has until 20 June: the last day on which the link works is the 19th."""
    return make_pending_person("noor@voorbeeld.example", company=company, registration_deadline=date(2027, 6, 20))
