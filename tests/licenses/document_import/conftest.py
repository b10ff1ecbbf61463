from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.factories import make_person


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def staff(db: None) -> User:
    return make_person("nen@nen.example", is_staff=True, is_superuser=True, language="en")
