"""A first version of the terms of use, so that the demo shows them; whoever is in the demo has accepted it."""

from __future__ import annotations

from pathlib import Path

from accounts.actions.terms import publish
from accounts.models import TermsAcceptance, TermsVersion, User

FOLDER = Path(__file__).parent


def publish_first(*, by: User) -> None:
    """Only where NEN has published none: what staff publish in the demo, its people accept for themselves."""
    if TermsVersion.objects.exists():
        return
    nl, en = ((FOLDER / f"terms.{name}.txt").read_text(encoding="utf-8") for name in ("nl", "en"))
    version = publish(by=by, text_nl=nl, text_en=en)
    people = User.objects.filter(registered_at__isnull=False)
    TermsAcceptance.objects.bulk_create([TermsAcceptance(version=version, user=user) for user in people])
