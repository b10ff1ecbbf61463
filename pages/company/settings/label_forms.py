from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from companies.actions import LABEL_FIELDS, MAX_LABEL_VALUES, VALUE_LENGTH
from companies.models import Company, LabelKind, LabelValue
from pages.company.forms import plain_text


class LabelForm(forms.Form):
    """Name the company's label for users or for requests."""

    HINTS = {
        LabelKind.USERS: _("For instance: Department, Location or Cost centre. Empty: you use no label."),
        LabelKind.REQUESTS: _("For instance: Project or Cost centre. Empty: you use no label."),
    }

    def __init__(self, company: Company, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = LABEL_FIELDS[LabelKind(kind)]
        self.fields[self.name] = plain_text(
            Company,
            self.name,
            label=_("Name of the label"),
            help_text=self.HINTS[LabelKind(kind)],
            initial=company.label_of(kind),
        )


class LabelValuesForm(forms.Form):
    """Add one value or a pasted list; the action checks the names."""

    names = forms.CharField(
        label=_("Values"),
        max_length=MAX_LABEL_VALUES * (VALUE_LENGTH + 2),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One value on each line. Values that are already in the list stay as they are."),
    )

    def clean_names(self) -> list[str]:
        return [line for line in re.split(r"[\r\n]+", self.cleaned_data["names"]) if line.strip()]


class LabelValueForm(forms.Form):
    name = plain_text(LabelValue, "name", label=_("New name"))
    seen = forms.CharField(widget=forms.HiddenInput, max_length=VALUE_LENGTH)  # the name when the page was opened


class LabelMergeForm(forms.Form):
    into = forms.ModelChoiceField(
        label=_("Merge with"), queryset=LabelValue.objects.none(), empty_label=_("Choose a value")
    )

    def __init__(self, value: LabelValue, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = LabelValue.objects.of(value.company, value.kind).exclude(pk=value.pk)
        cast(forms.ModelChoiceField, self.fields["into"]).queryset = others


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Part of the name"), max_length=VALUE_LENGTH, required=False)
