"""Show a mail's HTML part as a page of its own, for the frame in parts/mail_frame.html."""

from __future__ import annotations

import re

from django.http import HttpResponse

# A mail may hold anything: no script, no form, nothing from other sites, and links only when clicked.
_POLICY = "; ".join(
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


def mail_as_page(html: str) -> HttpResponse:
    response = HttpResponse(_with_links_to_the_window(html))
    response["Content-Security-Policy"] = _POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _with_links_to_the_window(html: str) -> str:
    base = '<base target="_top">'
    changed, count = re.subn(r"<head[^>]*>", lambda head: head.group() + base, html, count=1, flags=re.IGNORECASE)
    return changed if count else base + html
