"""Show every mail with invented people, in both languages."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.access import staff_required
from desk.mail.frame import mail_as_page
from desk.mail.samples import sample
from nenconnect.mail.events import LABELS
from nenconnect.mail.message import Letter

STAFF = "mail_samples"  # the namespace of the staff's pages; the demo shows the same ones under its own


@require_safe
@staff_required
def samples(request: HttpRequest) -> HttpResponse:
    return list_page(request, STAFF)


@require_safe
@staff_required
def sample_page(request: HttpRequest, event: str, language: str) -> HttpResponse:
    return mail_page(request, STAFF, event, language)


@require_safe
@staff_required
def sample_html(request: HttpRequest, event: str, language: str) -> HttpResponse:
    return html_page(request, event, language)


def list_page(request: HttpRequest, place: str) -> HttpResponse:
    mails = sorted(LABELS.items(), key=lambda mail: str(mail[1]))
    context = {"place": place, "mails": mails, "languages": settings.LANGUAGES}
    return render(request, "mail_samples/samples.html", context)


def mail_page(request: HttpRequest, place: str, event: str, language: str) -> HttpResponse:
    letter = _sample_letter(request, event, language)
    context = {
        "place": place,
        "event": event,
        "language": language,
        "languages": settings.LANGUAGES,
        "words": LABELS[event],
        "letter": letter,
        "size": len(letter.message().as_bytes()),
        "is_on_behalf": _is_on_behalf(request),
        "query": "?namens=1" if _is_on_behalf(request) else "",
    }
    return render(request, "mail_samples/sample.html", context)


def html_page(request: HttpRequest, event: str, language: str) -> HttpResponse:
    return mail_as_page(str(_sample_letter(request, event, language).alternatives[0][0]))


def _sample_letter(request: HttpRequest, event: str, language: str) -> Letter:
    if event not in LABELS or language not in dict(settings.LANGUAGES):
        raise Http404
    return sample(event, language, is_on_behalf=_is_on_behalf(request))


def _is_on_behalf(request: HttpRequest) -> bool:
    return "namens" in request.GET
