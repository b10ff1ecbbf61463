from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User


def page_of(user: User) -> str:
    return reverse("company:user", args=[user.pk])


def press(as_admin: Client, button: str, user: User, **posted: Any) -> str:
    """Press a button on the page of a person; return the message that follows."""
    answer = as_admin.post(reverse(f"company:{button}", args=[user.pk]), posted)
    assert answer.status_code == 302
    return messages_of(answer)


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))
