"""The demo's mailbox: what the mail catcher kept, as a person would read it. Only there when DEMO is on."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from nenconnect.demo import mailbox

# A mail is somebody else's page: no script, no form, nothing from elsewhere, and links only when clicked.
_MAIL_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    ]
)


@login_not_required
@require_safe
@never_cache
def mails(request: HttpRequest) -> HttpResponse:
    everything = mailbox.newest_first(settings.DEMO_MAILBOX)
    recipient = request.GET.get("to", "")
    shown = [mail for mail in everything if recipient in ("", mail.to)]
    context = {
        "page_obj": Paginator(shown, 25).get_page(request.GET.get("page")),
        "recipient": recipient,
        "recipients": sorted({mail.to for mail in everything}),
    }
    return render(request, "demo/mails.html", context)


@login_not_required
@require_safe
@never_cache
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "demo/mail.html", {"mail": _find(name)})


@login_not_required
@require_safe
@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part by itself, for the frame in the page above; its links open in the whole window."""
    response = HttpResponse(_with_links_to_the_window(_find(name).html))
    response["Content-Security-Policy"] = _MAIL_POLICY
    return response


@login_not_required
@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    mailbox.empty(settings.DEMO_MAILBOX)
    messages.success(request, _("The mailbox is empty."))
    return redirect("demo:mails")


def _find(name: str) -> mailbox.Mail:
    found = mailbox.find(settings.DEMO_MAILBOX, name)
    if found is None:
        raise Http404
    return found


def _with_links_to_the_window(html: str) -> str:
    base = '<base target="_top">'
    changed, count = re.subn(r"<head[^>]*>", lambda head: head.group() + base, html, count=1, flags=re.IGNORECASE)
    return changed if count else base + html
