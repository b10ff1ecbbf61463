"""Keep the ready-made sentences of a company for rejections."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import lock as lock_company
from companies.models import Company
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import plain_lines
from requests_app.models import ReadySentence
from requests_app.verbs import READY_SENTENCE_ADDED, READY_SENTENCE_CHANGED, READY_SENTENCE_DELETED

LONGEST = 300
MOST = 50  # one chooses from a list of all of them


@transaction.atomic
def add_sentence(company: Company, text: str, *, by: User) -> ReadySentence:
    """Add a sentence. Raises RuleError: empty, too long, a duplicate, or too many."""
    company = lock_company(company)
    if company.ready_sentences.count() >= MOST:
        raise RuleError(_("A company keeps %(max)s sentences at most. Delete one first.") % {"max": MOST})
    sentence = _save_once(ReadySentence(company=company, text=_checked_sentence(text)))
    record(READY_SENTENCE_ADDED, by=by, company_id=company.pk, about=sentence)
    return sentence


@transaction.atomic
def change_sentence(sentence: ReadySentence, text: str, *, by: User) -> None:
    """Change a sentence; earlier answers keep their text. Raises RuleError."""
    lock_company(sentence.company)
    sentence.text = _checked_sentence(text)
    _save_once(sentence)
    record(READY_SENTENCE_CHANGED, by=by, company_id=sentence.company_id, about=sentence)


@transaction.atomic
def delete_sentence(sentence: ReadySentence, *, by: User) -> None:
    record(READY_SENTENCE_DELETED, by=by, company_id=sentence.company_id, about=sentence)
    sentence.delete()


def _checked_sentence(text: str) -> str:
    text = " ".join(plain_lines(text).split())
    if not text:
        raise RuleError(_("Write a sentence."), field="text")
    if len(text) > LONGEST:
        raise RuleError(_("Use at most %(max)s characters.") % {"max": LONGEST}, field="text")
    return text


def _save_once(sentence: ReadySentence) -> ReadySentence:
    try:
        with transaction.atomic():
            sentence.save()
    except IntegrityError:
        raise RuleError(_("You keep this sentence already."), field="text") from None
    return sentence
