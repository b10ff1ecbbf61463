"""A select with many choices, or on a list that is asked for often: Django takes a template for each choice."""

from __future__ import annotations

from html import escape
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.safestring import SafeString


class LongSelect(forms.Select):
    """Looks as Django's own does."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        groups = "".join([_group(label, options) for label, options, _number in widget["optgroups"]])
        return SafeString(f'<select name="{escape(name)}"{flatatt(widget["attrs"])}>{groups}</select>')


def _group(label: Any, options: list[dict[str, Any]]) -> str:
    inside = "".join([_option(option) for option in options])
    return f'<optgroup label="{escape(str(label))}">{inside}</optgroup>' if label else inside


def _option(option: dict[str, Any]) -> str:
    value, label = escape(str(option["value"])), escape(str(option["label"]))
    chosen = flatatt(option["attrs"]) if option["attrs"] else ""
    return f'<option value="{value}"{chosen}>{label}</option>'
