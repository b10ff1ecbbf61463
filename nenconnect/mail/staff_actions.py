"""Let NEN staff pause the queue and send mails again, recorded in the audit (R37, R38)."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from nenconnect.audit.actions import record
from nenconnect.mail import actions, queue
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.mail.verbs import MAIL_QUEUE_PAUSED, MAIL_QUEUE_RESUMED, MAILS_SENT_AGAIN
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import in_one_line


@transaction.atomic
def pause(reason: str, *, by: AbstractBaseUser) -> None:
    """Stop all mail until staff resume the queue. Raises RuleError without a reason, which colleagues read."""
    reason = in_one_line(reason)
    if not reason:
        raise RuleError(_("Say why the queue has to wait: colleagues read the reason before they resume it."))
    queue.pause(reason)
    record(MAIL_QUEUE_PAUSED, by=by, company_id=None, about=queue.state(), reason=reason)


@transaction.atomic
def resume(*, by: AbstractBaseUser) -> None:
    state = queue.state()
    if state.is_paused:
        queue.resume()
        record(MAIL_QUEUE_RESUMED, by=by, company_id=None, about=state)


@transaction.atomic
def send_again(ids: Iterable[int], *, by: AbstractBaseUser) -> int:
    rows = OutboxMail.objects.select_for_update().filter(pk__in=list(ids), status=MailStatus.FAILED)
    failed = list(rows.order_by("pk"))
    for mail in failed:
        actions.send_again(mail)
    if failed:
        record(MAILS_SENT_AGAIN, by=by, company_id=None, about=[], mails=[mail.pk for mail in failed])
    return len(failed)
