"""Look up domain proofs and tell the people who can act on the result."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from accounts.mails import domains as domain_mails
from companies.models import Domain
from companies.proof import Change, Found, look_up, save_look_up

SECONDS = 120  # of one task; it wakes another for the rest
LAST_WARNING = timedelta(days=7)  # before the proof lapses
CLAIM = timedelta(minutes=5)  # longer than one domain takes: two workers do not ask the same


def look_up_domains() -> None:
    """Look up the domains that are due, one after the other; safe to run twice and at once."""
    end = monotonic() + SECONDS
    while monotonic() < end and (domain := _claim_due_domain()):
        _save_look_up(domain, look_up(domain))


@transaction.atomic
def _claim_due_domain() -> Domain | None:
    due = Domain.objects.due_for_look_up().select_for_update(skip_locked=True, of=("self",))
    domain = due.select_related("company").first()
    if domain:
        Domain.objects.filter(pk=domain.pk).update(look_up_due_at=timezone.now() + CLAIM)
    return domain


@transaction.atomic
def _save_look_up(domain: Domain, lookup: Found) -> None:
    change = save_look_up(domain, lookup)
    if change is Change.MISSING and not domain.company.is_closed:
        domain.refresh_from_db()
        domain_mails.send_proof_missing(domain, is_last=_lapses_soon(domain))


def _lapses_soon(domain: Domain) -> bool:
    lapses_at = domain.proof_lapses_at
    return lapses_at is not None and lapses_at - LAST_WARNING <= timezone.now()
