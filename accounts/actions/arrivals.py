"""Record how people came in, and forget it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts import browsers
from accounts.models import Arrival, User

KEPT = timedelta(days=90)


def record_arrival(user: User, door: str, *, user_agent: str) -> None:
    longest = Arrival._meta.get_field("device").max_length
    device = browsers.browser_names(user_agent)[:longest]
    Arrival.objects.create(user=user, company_id=user.company_id, door=door, device=device)


def forget_arrivals() -> None:
    Arrival.objects.filter(at__lt=timezone.now() - KEPT).delete()
