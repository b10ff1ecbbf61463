"""Publish a first version of the terms of use, accepted by every person in the demo."""

from __future__ import annotations

from pathlib import Path

from accounts.actions.terms import publish
from accounts.models import TermsAcceptance, TermsVersion, User

FOLDER = Path(__file__).parent


def publish_and_accept_first_terms(*, by: User) -> None:
    """Publish and accept the terms unless a version exists.

    A version that staff publish in the demo is for its people to accept.
    """
    if TermsVersion.objects.exists():
        return
    nl, en = ((FOLDER / f"terms.{name}.txt").read_text(encoding="utf-8") for name in ("nl", "en"))
    version = publish(by=by, text_nl=nl, text_en=en)
    people = User.objects.filter(registered_at__isnull=False)
    TermsAcceptance.objects.bulk_create([TermsAcceptance(version=version, user=user) for user in people])
