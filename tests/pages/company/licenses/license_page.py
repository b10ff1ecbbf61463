from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse


def page_of(license: Any) -> str:
    return reverse("company:license", args=[license.pk])


def press(as_admin: Client, button: str, license: Any, query: str = "", **posted: Any) -> str:
    """Press a button on the page of a licence; return the message that follows."""
    answer = as_admin.post(reverse(f"company:{button}", args=[license.pk]) + query, posted)
    assert answer.status_code == 302, answer.status_code
    assert answer.headers["Location"] == page_of(license) + query
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))
