"""Show the mails that the mail catcher saved, and the sample mails; only when DEMO is on."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from desk.mail import preview
from desk.mail.frame import mail_as_page
from nenconnect.demo import mailbox


@login_not_required
@require_safe
@never_cache
def mails(request: HttpRequest) -> HttpResponse:
    all_mails = mailbox.newest_first(settings.DEMO_MAILBOX)
    recipient = request.GET.get("to", "")
    listed_mails = [mail for mail in all_mails if recipient in ("", mail.to)]
    context = {
        "page_obj": Paginator(listed_mails, 25).get_page(request.GET.get("page")),
        "recipient": recipient,
        "recipients": sorted({mail.to for mail in all_mails}),
    }
    return render(request, "demo/mails.html", context)


@login_not_required
@require_safe
@never_cache
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "demo/mail.html", {"mail": _get_mail_or_404(name)})


@login_not_required
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    return mail_as_page(_get_mail_or_404(name).html)


@login_not_required
@require_safe
def samples(request: HttpRequest) -> HttpResponse:
    return preview.list_page(request, "demo")


@login_not_required
@require_safe
def sample_page(request: HttpRequest, event: str, language: str) -> HttpResponse:
    return preview.mail_page(request, "demo", event, language)


@login_not_required
@require_safe
def sample_html(request: HttpRequest, event: str, language: str) -> HttpResponse:
    return preview.html_page(request, event, language)


@login_not_required
@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    mailbox.empty_mailbox(settings.DEMO_MAILBOX)
    messages.success(request, _("The mailbox is empty."))
    return redirect("demo:mails")


def _get_mail_or_404(name: str) -> mailbox.CaughtMail:
    mail = mailbox.find_mail(settings.DEMO_MAILBOX, name)
    if mail is None:
        raise Http404
    return mail
