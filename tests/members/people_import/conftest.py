from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from companies.models import Company
from tests.factories import make_admin


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin(company: Company) -> User:
    return make_admin(company, "beheerder@voorbeeld.example", name="Anneke Beheerder", language="en")
