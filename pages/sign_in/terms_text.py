"""Render the terms of use, which NEN types as Markdown."""

from __future__ import annotations

import re

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_markdown = MarkdownIt("zero", {"breaks": True, "html": False}).enable(["heading", "list", "newline"])
_BULLET = re.compile(r"^(\s*)•", re.MULTILINE)


def terms_html(text: str) -> SafeString:
    """Return headings, paragraphs with their line breaks, and lists; a tag in the text is shown as text."""
    tokens = _markdown.parse(_BULLET.sub(r"\1-", text))  # a bullet copied from Word
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"  # the page itself has the h1
    html: str = _markdown.renderer.render(tokens, _markdown.options, {})
    return mark_safe(html)  # noqa: S308 -- markdown-it escapes, as `html` is off
