"""A form that is sent twice (a double click, a page that was slow) is saved once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from desk.once.models import SentForm

FIELD = "sent-form"  # holds what no other page holds
KEPT_FOR = timedelta(days=1)
_NOT_TYPED = {"csrfmiddlewaretoken", "_save", "_continue", "_addanother"}


def saved_once(request: HttpRequest, save: Callable[[], HttpResponse]) -> tuple[HttpResponse | None, str]:
    """What `save` answers, or None and where it led to when this very form was saved already.

    The second of two waits at the row of the first. What the first did not save, the second may.
    """
    with transaction.atomic():
        sent, is_first = SentForm.objects.get_or_create(digest=_digest(request))
        if not is_first:
            return None, sent.led_to
        answer = save()
        if answer.status_code == 302:
            SentForm.objects.filter(pk=sent.pk).update(led_to=answer["Location"])
        else:
            sent.delete()
        return answer, ""


def forget_sent_forms() -> None:
    SentForm.objects.filter(sent_at__lt=timezone.now() - KEPT_FOR).delete()


def _digest(request: HttpRequest) -> str:
    """A form that was changed after going back is another one."""
    typed = [(name, values) for name, values in sorted(request.POST.lists()) if name not in _NOT_TYPED]
    files = [(name, one.name, one.size) for name in sorted(request.FILES) for one in request.FILES.getlist(name)]
    return sha256(repr((request.user.pk, request.path, typed, files)).encode()).hexdigest()
