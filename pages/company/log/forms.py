from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nenconnect.audit.verbs import topics_of_a_company

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LogbookForm(forms.Form):
    """Leave out values that are invalid: a bookmarked link always shows a page."""

    first = forms.DateField(label=_("From"), required=False, widget=DAY)
    last = forms.DateField(label=_("Until"), required=False, widget=DAY)
    what = forms.ChoiceField(label=_("What"), required=False, widget=forms.Select)
    q = forms.CharField(label=_("Colleague"), max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [("", _("Everything")), *topics_of_a_company(get_language())]  # type: ignore[attr-defined]

    def value(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_valid() or name in self.cleaned_data else None

    @property
    def days(self) -> tuple[date | None, date | None]:
        return self.value("first"), self.value("last")
