from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from licenses.models import Document
from tests.factories import make_document
from tests.licenses.opening.reading import with_file

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def as_colleague(colleague: User, sign_in: SignIn) -> Client:
    # The colleague's browser, in English: the words of the pages are then the source strings.
    User.objects.filter(pk=colleague.pk).update(language="en")
    return sign_in(colleague)


@pytest.fixture
def free(db: None) -> Document:
    return with_file(make_document("NEN-EN-ISO 9001:2015+A1:2024/ontw.", is_free=True))
