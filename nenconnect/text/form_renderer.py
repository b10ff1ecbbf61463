"""Render forms so that a help text is text, as crispy-forms and Django admin print it as safe HTML (C70)."""

from __future__ import annotations

from typing import Any

from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape


class EscapingBoundField(BoundField):
    """Escape the help text; it can hold names that people typed."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.help_text = conditional_escape(self.help_text)


class FormRenderer(TemplatesSetting):
    bound_field_class = EscapingBoundField
