from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from nenconnect.mail.models import OutboxMail


def move_url(user: User) -> str:
    return reverse("admin:accounts_user_move", args=[user.pk])


def events() -> list[tuple[str, str]]:
    rows = OutboxMail.objects.order_by("event", "recipient__email").values_list("event", "recipient__email")
    return list(rows)
