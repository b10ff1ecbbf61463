"""Template tags of the frame: the page's title twice, and where in the menu one is."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from nenconnect.links.own_paths import own_path, with_next

register = template.Library()


@register.simple_block_tag
def capture(content: str) -> str:
    """{% capture as name %}…{% endcapture %}: a block that is needed twice, or asked whether it is empty."""
    return content if content.strip() else ""


@register.simple_tag(takes_context=True)
def url_with_next(context: Context, url_name: str) -> str:
    """The address of a page on the way in, which takes along the page that led there."""
    request = context.get("request")
    return with_next(reverse(url_name), own_path(request.GET.get("next")) if request else "")


@register.inclusion_tag("parts/nav_item.html", takes_context=True)
def nav_item(context: Context, url_name: str, label: str, keeps_next: bool = False) -> dict[str, Any]:
    """An item of the main menu; it is the current one on every page below the first part of its path."""
    url = reverse(url_name)
    request = context.get("request")
    path = request.path if request else ""
    return {
        "url": url_with_next(context, url_name) if keeps_next else url,
        "label": label,
        "is_page": path == url,
        "is_section": _section(path) == _section(url),
    }


@register.filter
def has_optional_fields(form: BaseForm) -> bool:
    """Beside mandatory ones: then the form needs the line that says what the asterisk means."""
    return len({field.field.required for field in form.visible_fields()}) > 1


@register.filter
def first_input(field: BoundField) -> str:
    """The id that a link in the error summary jumps to; a group of radio buttons has none of its own."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def lines(texts: list[str], most: int) -> SafeString:
    """Each text on a line of its own; of more than so many, the others are counted."""
    shown = format_html_join("", "<span>{}</span>", ((text,) for text in texts[:most]))
    more = len(texts) - most
    if more <= 0:
        return shown
    said = ngettext("and %(number)s more", "and %(number)s more", more) % {"number": more}
    return shown + format_html("<span>{}</span>", said)


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that, where it does not fit, goes on at its @ or a dot rather than in mid-word."""
    return mark_safe(re.sub(r"([@.])", r"<wbr>\1", escape(address)))  # noqa: S308 - escaped here


def _section(path: str) -> str:
    return path.split("/")[1] if path.startswith("/") else path
