"""Publish terms of use, and accept each version once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import TermsAcceptance, TermsVersion, User
from accounts.verbs import TERMS_ACCEPTED, TERMS_PUBLISHED
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import plain_lines

# How long a web server trusts what it last read: every page asks, and a minute does no harm.
SEEN_FOR = 60  # seconds
_SEEN = "accounts.terms.current"
NEWER_TERMS = gettext_lazy(
    "NEN has published newer terms of use meanwhile. They stand on this page now: read them, then go on."
)
_HASTE = timedelta(minutes=10)  # between filling in "now" and pressing the button


@transaction.atomic
def publish(*, by: User, text_nl: str, text_en: str, at: datetime | None = None) -> TermsVersion:
    """Publish a version that people accept from `at` on, by default now. Raises RuleError."""
    now = timezone.now()
    if at and at < now - _HASTE:
        raise RuleError(_("Terms cannot hold from a moment that has passed."), field="published_at")
    texts = {"text_nl": plain_lines(text_nl), "text_en": plain_lines(text_en)}
    for field, text in texts.items():
        if not text:
            raise RuleError(_("Fill in the text in both languages."), field=field)
    version = TermsVersion.objects.create(published_at=max(at or now, now), published_by=by, **texts)
    record(TERMS_PUBLISHED, by=by, company_id=None, about=version)
    transaction.on_commit(clear_version_cache)
    return version


@transaction.atomic
def accept(user: User, version: TermsVersion) -> None:
    """Record that the person accepted this version. Raises RuleError when it is not the current one."""
    check_terms(version)
    _acceptance, is_new = TermsAcceptance.objects.get_or_create(user=user, version=version)
    if is_new:
        record(TERMS_ACCEPTED, by=user, company_id=user.company_id, about=user, version=version.pk)


def check_terms(shown: TermsVersion | None) -> None:
    """Raise RuleError when the page showed another version than the current one."""
    if shown != TermsVersion.objects.current():
        raise RuleError(NEWER_TERMS, field="terms")


def has_accepted(user: User, version_id: int) -> bool:
    return TermsAcceptance.objects.filter(user=user, version=version_id).exists()


def current_version_id() -> int | None:
    """Return the id of the current version, as this web server read it in the last minute."""
    seen: int | None = cache.get(_SEEN)
    return reload_current_version() if seen is None else seen or None


def reload_current_version() -> int | None:
    current = TermsVersion.objects.current()
    cache.set(_SEEN, current.pk if current else 0, SEEN_FOR)
    return current.pk if current else None


def clear_version_cache() -> None:
    cache.delete(_SEEN)
