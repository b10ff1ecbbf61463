from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from licenses.models import DocumentQuerySet


class DocumentFilter(forms.Form):
    """The search on „Documenten"; each tick narrows the list further."""

    q = forms.CharField(
        label=_("Search by number or title"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search", "size": 36}),
    )
    readable = forms.BooleanField(label=_("That I can open"), required=False)
    free = forms.BooleanField(label=_("Free"), required=False)
    plus = forms.BooleanField(label=_("Plus"), required=False)

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def narrow(self, documents: DocumentQuerySet) -> DocumentQuerySet:
        """Wants documents `with_can_open`. A search that is no good finds nothing, and its field says why."""
        if not self.is_valid():
            return documents.none()
        wanted = {"can_open": "readable", "is_free": "free", "is_plus": "plus"}
        ticked = {field: True for field, tick in wanted.items() if self.cleaned_data[tick]}
        return documents.matching(self.cleaned_data["q"]).filter(**ticked)
