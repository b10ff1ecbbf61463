from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from tests.reports.access_history.periods import Clock


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    with patch("django.utils.timezone.now", lambda: clock.now):
        yield clock
