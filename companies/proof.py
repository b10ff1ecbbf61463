"""Whether a domain is the customer's: a TXT record that only whoever runs the domain can make (R7).

A proof decides nothing by itself: who is let in, NEN agreed with the customer. It tells NEN what to look into.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from django.db import transaction
from django.utils import timezone

from companies import resolver
from companies.actions import lock
from companies.models import PROOF_LASTS, Domain
from companies.verbs import DOMAIN_LOOK_UP_ASKED, DOMAIN_PROOF_LAPSED, DOMAIN_PROVEN
from nenconnect.audit.actions import Actor, record
from nenconnect.jobs.wake_worker import wake_worker

LOOK_UP_TASK = "companies.look_up_domains"  # a task of accounts, which tells the people concerned
AGAIN_WHEN_UNKNOWN = timedelta(minutes=15)
AGAIN_WHEN_NEW = timedelta(hours=1)
IS_NEW = timedelta(days=14)
AGAIN_WHEN_MISSING = timedelta(days=1)
AGAIN_WHEN_PROVEN = timedelta(days=30)


@dataclass(frozen=True)
class Found:
    """What the DNS says; None where it did not answer, which says nothing."""

    has_proof: bool | None
    takes_mail: bool | None


class Change(Enum):
    """What became of the proof."""

    SAME = auto()
    PROVEN = auto()
    MISSING = auto()  # was there, and is not; it still counts for a while
    LAPSED = auto()


def look_up(domain: Domain) -> Found:
    """Takes as long as name servers take: never in a request, nor in a transaction."""
    return Found(_has_proof(domain), _takes_mail(domain))


def _has_proof(domain: Domain) -> bool | None:
    try:
        return domain.proof_value in (text.strip() for text in resolver.texts_at(domain.proof_host))
    except resolver.NoAnswerYet:
        return None


def _takes_mail(domain: Domain) -> bool | None:
    try:
        return resolver.takes_mail(domain.name)
    except resolver.NoAnswerYet:
        return None


@transaction.atomic
def settle(domain: Domain, found: Found) -> Change:
    """Writes down what was found, and when to look again. A domain that was removed meanwhile stays so."""
    lock(domain.company)
    now, row = timezone.now(), Domain.objects.filter(pk=domain.pk).first()
    if row is None:
        return Change.SAME
    change = _settle_proof(row, found.has_proof)
    if found.takes_mail is not None:
        row.mail_gone_since = None if found.takes_mail else row.mail_gone_since or now
    if None not in (found.has_proof, found.takes_mail):
        row.looked_up_at = now
    row.look_up_due_at = now + _pause(row, found)
    row.save()
    if change in (Change.PROVEN, Change.LAPSED):
        verb = DOMAIN_PROVEN if change is Change.PROVEN else DOMAIN_PROOF_LAPSED
        record(verb, by=None, company_id=row.company_id, about=row, domain=row.name)
    return change


def _settle_proof(row: Domain, has_proof: bool | None) -> Change:
    now = timezone.now()
    if has_proof is None:
        return Change.SAME
    if has_proof:
        is_new = row.proven_at is None
        row.proven_at, row.proof_missing_since = row.proven_at or now, None
        return Change.PROVEN if is_new else Change.SAME
    if row.proven_at is None:
        return Change.SAME
    row.proof_missing_since = row.proof_missing_since or now
    if row.proof_missing_since + PROOF_LASTS > now:
        return Change.MISSING
    row.proven_at = row.proof_missing_since = None
    return Change.LAPSED


def _pause(row: Domain, found: Found) -> timedelta:
    if None in (found.has_proof, found.takes_mail):
        return AGAIN_WHEN_UNKNOWN
    if row.proven_at and not row.proof_missing_since:
        return AGAIN_WHEN_PROVEN
    is_new = row.added_at > timezone.now() - IS_NEW
    return AGAIN_WHEN_NEW if is_new and not row.proven_at else AGAIN_WHEN_MISSING


@transaction.atomic
def look_now(domain: Domain, *, by: Actor) -> None:
    """A worker looks at once; the page does not wait for it."""
    Domain.objects.filter(pk=domain.pk).update(look_up_due_at=timezone.now())
    record(DOMAIN_LOOK_UP_ASKED, by=by, company_id=domain.company_id, about=domain, domain=domain.name)
    transaction.on_commit(lambda: wake_worker(LOOK_UP_TASK), robust=True)
