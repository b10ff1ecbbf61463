"""Ask the requester something before deciding, and answer (R28, C29)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import plain_lines
from requests_app import mails
from requests_app.actions.deciding import check_can_receive, lock_open, lock_to_decide
from requests_app.models import MAX_REASON, AccessRequest, RequestMessage

MAX_MESSAGES = 20  # of one request: what takes longer is a conversation


@transaction.atomic
def ask_first(row: AccessRequest, text: str, *, by: User) -> RequestMessage:
    """Ask a question by mail and on the request's page. Raises RuleError: decided, too long, too many."""
    row = lock_to_decide(row)
    check_can_receive(row)
    message = _save_message(row, text, by=by, is_question=True)
    mails.send_request_question(message)
    return message


@transaction.atomic
def answer(row: AccessRequest, text: str, *, by: User) -> RequestMessage:
    """Answer the admin's question by mail. Raises RuleError: not the requester, no question, decided."""
    if row.user_id != by.pk:  # first, so that others learn nothing about the request (C29)
        raise RuleError(_("Only the person who asked can answer."))
    row = lock_open(row)
    if not RequestMessage.objects.about(row).questions().exists():
        raise RuleError(_("No one has asked you a question about this request."))
    message = _save_message(row, text, by=by, is_question=False)
    mails.send_request_answer(message)
    return message


def _save_message(row: AccessRequest, text: str, *, by: User, is_question: bool) -> RequestMessage:
    text = plain_lines(text)
    if not text:
        raise RuleError(_("Write a text first."), field="text")
    if len(text) > MAX_REASON:
        raise RuleError(_("Use at most %(max)s characters.") % {"max": MAX_REASON}, field="text")
    if RequestMessage.objects.about(row).count() >= MAX_MESSAGES:
        raise RuleError(_("There are %(max)s messages already. Speak to each other.") % {"max": MAX_MESSAGES})
    about = {row.message_field(): row}
    message = RequestMessage.objects.create(author=by, text=text, is_question=is_question, **about)
    verb = row.verbs.question if is_question else row.verbs.answered
    record(verb, by=by, company_id=row.company_id, about=[row, row.requester])
    return message
