from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from nenconnect.mail import queue
from tests.project.health.mails import TOKEN


@pytest.fixture
def metrics_token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def recent_heartbeats() -> None:
    queue.show_life(queue.BEAT)
    queue.show_life(queue.WORKER)


@pytest.fixture
def no_database() -> Iterator[None]:
    def refuse(*_query: object) -> None:
        raise OperationalError("the server closed the connection; host=geheim.example password=geheim")

    with connection.execute_wrapper(refuse):
        yield
