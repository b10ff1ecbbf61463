"""Look up whether a domain is the customer's, by a TXT record that only its owner can make (R7).

A proof does not decide who may come in: NEN agreed that with the customer. It shows NEN which domains to check.
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

LOOK_UP_TASK = "companies.look_up_domains"  # a task of accounts, which informs the people concerned
AGAIN_WHEN_UNKNOWN = timedelta(minutes=15)
AGAIN_WHEN_NEW = timedelta(hours=1)
IS_NEW = timedelta(days=14)
AGAIN_WHEN_MISSING = timedelta(days=1)
AGAIN_WHEN_PROVEN = timedelta(days=30)


@dataclass(frozen=True)
class Found:
    """Hold the answers of the DNS; None where it did not answer."""

    has_proof: bool | None
    takes_mail: bool | None


class Change(Enum):
    """Name what happened to the proof."""

    SAME = auto()
    PROVEN = auto()
    MISSING = auto()  # the record is gone; the proof counts until it lapses
    LAPSED = auto()


def look_up(domain: Domain) -> Found:
    # Takes as long as name servers take: never call it in a request or a transaction.
    return Found(_has_proof(domain), _takes_mail(domain))


def _has_proof(domain: Domain) -> bool | None:
    try:
        return domain.proof_value in (text.strip() for text in resolver.txt_records_of(domain.proof_host))
    except resolver.NoAnswerYet:
        return None


def _takes_mail(domain: Domain) -> bool | None:
    try:
        return resolver.takes_mail(domain.name)
    except resolver.NoAnswerYet:
        return None


@transaction.atomic
def save_look_up(domain: Domain, answers: Found) -> Change:
    lock(domain.company)
    now, current_domain = timezone.now(), Domain.objects.filter(pk=domain.pk).first()
    if current_domain is None:
        return Change.SAME
    change = _settle_proof(current_domain, answers.has_proof)
    if answers.takes_mail is not None:
        current_domain.mail_gone_since = None if answers.takes_mail else current_domain.mail_gone_since or now
    if None not in (answers.has_proof, answers.takes_mail):
        current_domain.looked_up_at = now
    current_domain.look_up_due_at = now + _time_until_next_look_up(current_domain, answers)
    current_domain.save()
    if change in (Change.PROVEN, Change.LAPSED):
        verb = DOMAIN_PROVEN if change is Change.PROVEN else DOMAIN_PROOF_LAPSED
        record(
            verb, by=None, company_id=current_domain.company_id, about=current_domain, domain=current_domain.name
        )
    return change


def _settle_proof(current_domain: Domain, has_proof: bool | None) -> Change:
    now = timezone.now()
    if has_proof is None:
        return Change.SAME
    if has_proof:
        is_new = current_domain.proven_at is None
        current_domain.proven_at, current_domain.proof_missing_since = current_domain.proven_at or now, None
        return Change.PROVEN if is_new else Change.SAME
    if current_domain.proven_at is None:
        return Change.SAME
    current_domain.proof_missing_since = current_domain.proof_missing_since or now
    if current_domain.proof_missing_since + PROOF_LASTS > now:
        return Change.MISSING
    current_domain.proven_at = current_domain.proof_missing_since = None
    return Change.LAPSED


def _time_until_next_look_up(current_domain: Domain, answers: Found) -> timedelta:
    if None in (answers.has_proof, answers.takes_mail):
        return AGAIN_WHEN_UNKNOWN
    if current_domain.proven_at and not current_domain.proof_missing_since:
        return AGAIN_WHEN_PROVEN
    is_new = current_domain.added_at > timezone.now() - IS_NEW
    return AGAIN_WHEN_NEW if is_new and not current_domain.proven_at else AGAIN_WHEN_MISSING


@transaction.atomic
def look_now(domain: Domain, *, by: Actor) -> None:
    Domain.objects.filter(pk=domain.pk).update(look_up_due_at=timezone.now())
    record(DOMAIN_LOOK_UP_ASKED, by=by, company_id=domain.company_id, about=domain, domain=domain.name)
    transaction.on_commit(lambda: wake_worker(LOOK_UP_TASK), robust=True)
