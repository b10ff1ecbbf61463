from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client


@pytest.fixture
def english(client: Client) -> Client:
    """Let the visitor read English: the pages then have the source strings."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client
