"""Record openings of documents, and report a file that is missing."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from licenses import mails
from licenses.models import Document, Opening
from licenses.verbs import DOCUMENT_FILE_BACK, DOCUMENT_FILE_MISSING
from nenconnect.audit.actions import record

SAME_OPENING = timedelta(minutes=1)  # a second click on „Openen" is no second opening
READING_TIME = timedelta(hours=12)  # how long the reader's own address of the file works; then „Openen" again


@transaction.atomic
def count_opening(document: Document, *, by: User) -> Opening:
    """Record an opening; a second click within a minute is the same one.

    The caller must have checked `licenses.access.can_open`; each request for a piece of the file checks it again.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two clicks at once are counted one after the other
    last = Opening.objects.filter(document=document, user=by, at__gte=timezone.now() - SAME_OPENING).first()
    return last or Opening.objects.create(document=document, user=by, company_id=by.company_id)


def opening_of(pk: int, *, document_pk: int, reader: User) -> Opening | None:
    since = timezone.now() - READING_TIME
    return Opening.objects.filter(pk=pk, document=document_pk, user=reader, at__gte=since).first()


def has_file(document: Document) -> bool:
    return bool(document.file) and document.file.storage.exists(str(document.file.name))


@transaction.atomic
def note_missing_file(document: Document) -> None:
    missing = Document.objects.filter(pk=document.pk, file_missing_since=None)
    if missing.update(file_missing_since=timezone.now()):
        record(DOCUMENT_FILE_MISSING, by=None, company_id=None, about=document)
    mails.send_file_missing()  # at most once a day, for all files


@transaction.atomic
def note_file_is_there(document: Document) -> None:
    if document.file_missing_since is None:  # nearly always
        return
    if Document.objects.filter(pk=document.pk, file_missing_since__isnull=False).update(file_missing_since=None):
        record(DOCUMENT_FILE_BACK, by=None, company_id=None, about=document)
