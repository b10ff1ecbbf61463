from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture
def _english_pages() -> Iterator[None]:
    with override_settings(LANGUAGES=[("en", "English")], LANGUAGE_CODE="en"):
        yield
