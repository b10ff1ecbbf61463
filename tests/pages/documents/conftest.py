from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def as_colleague(colleague: User, sign_in: SignIn) -> Client:
    """Sign the colleague in, in English: the pages then have the source strings."""
    User.objects.filter(pk=colleague.pk).update(language="en")
    return sign_in(colleague)
