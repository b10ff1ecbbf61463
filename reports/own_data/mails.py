"""Collect the mails to the person, with the text of those that are about this person only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from accounts.models import JoinInvitation, MoveRequest, User
from companies.models import Company
from licenses.models import Document, License
from nenconnect.mail.events import To, is_to
from nenconnect.mail.models import OutboxMail
from reports.own_data.sections import Facts
from requests_app.models import REQUEST_KINDS


def mails(user: User) -> list[Facts]:
    mine = Q(recipient=user) | Q(on_behalf_of=user) | (Q(address=user.email) & ~Q(address=""))
    rows = OutboxMail.objects.filter(mine).order_by("pk")
    is_own = _ownership(user)
    return [_mail(mail, user, is_own(mail)) for mail in rows]


def _mail(mail: OutboxMail, user: User, is_own: bool) -> Facts:
    """Return a mail; the text of a mail about a colleague is left out."""
    return {
        "mail": str(mail.in_words),
        "written_at": mail.created_at,
        "status": mail.get_status_display(),
        "sent_at": mail.sent_at,
        "read_by_others_for_you": mail.on_behalf_of_id == user.pk and not is_to(mail.event, To.OTHER_ADDRESS),
        "is_about_somebody_else": not is_own,
        "text": mail.sent_text if is_own else None,
    }


def _ownership(user: User) -> Callable[[OutboxMail], bool]:
    kinds: tuple[type[Any], ...] = (*REQUEST_KINDS, JoinInvitation, MoveRequest)
    mine = {
        str(kind._meta.model_name): set(kind._default_manager.filter(user=user).values_list("pk", flat=True))
        for kind in kinds
    } | {"user": {user.pk}}
    nobodys = {str(kind._meta.model_name) for kind in (Company, License, Document)}

    def is_own(mail: OutboxMail) -> bool:
        is_for_another = mail.on_behalf_of_id not in {None, user.pk}
        about = ((name, pk) for name, pk in mail.about.items() if name not in nobodys)
        return not is_for_another and all(pk in mine.get(name, ()) for name, pk in about)

    return is_own
