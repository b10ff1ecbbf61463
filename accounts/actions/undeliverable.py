"""Mark people whose address mail servers refuse, so that their company sees it (C36)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.verbs import ADDRESS_ACCEPTED, ADDRESS_REFUSED
from nenconnect.audit.actions import record


@transaction.atomic
def mark_undeliverable(address: str, reason: str) -> None:
    """Mark the person with this address; the first refusal keeps its date. `reason` is the server's answer."""
    for user in User.objects.select_for_update(no_key=True).filter(email=address):
        if user.undeliverable_since is None:
            user.undeliverable_since = timezone.now()
            record(ADDRESS_REFUSED, by=None, company_id=user.company_id, about=user)
        user.undeliverable_reason = reason
        user.save(update_fields=["undeliverable_since", "undeliverable_reason"])


def mark_deliverable(user: User) -> None:
    if user.undeliverable_since is None:  # as good as always, and then it costs no query
        return
    with transaction.atomic():
        marked = User.objects.filter(pk=user.pk, undeliverable_since__isnull=False)
        if marked.update(undeliverable_since=None, undeliverable_reason=""):
            record(ADDRESS_ACCEPTED, by=None, company_id=user.company_id, about=user)
