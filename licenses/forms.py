from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from licenses.models import DocumentQuerySet, DocumentStatus, License


class KnownLicenseField(forms.ModelChoiceField):
    """From a link; a licence that the person does not know counts as not said."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> License | None:
        try:
            found: License | None = super().clean(value)
        except ValidationError:
            return None
        return found


class DocumentFilter(forms.Form):
    """The search on „Documenten"; each tick narrows the list further, but for `old`, which widens it."""

    q = forms.CharField(
        label=_("Search by number or title"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search", "size": 36}),
    )
    readable = forms.BooleanField(label=_("Only what I can open"), required=False)
    free = forms.BooleanField(label=_("Free"), required=False)
    plus = forms.BooleanField(label=_("Plus"), required=False)
    old = forms.BooleanField(label=_("Also replaced and withdrawn"), required=False)
    license = KnownLicenseField(queryset=License.objects.none(), required=False)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        cast(KnownLicenseField, self.fields["license"]).queryset = License.objects.known_to(user)

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def narrow(self, documents: DocumentQuerySet) -> DocumentQuerySet:
        """Wants documents `with_can_open`, and gives all that fit, the old ones too.

        A search that is no good finds nothing, and its field says why.
        """
        if not self.is_valid():
            return documents.none()
        wanted = {"can_open": "readable", "is_free": "free", "is_plus": "plus"}
        ticked = {field: True for field, tick in wanted.items() if self.cleaned_data[tick]}
        if license := self.cleaned_data["license"]:
            documents = documents.filter(pk__in=license.documents.values("pk"))
        return documents.matching(self.cleaned_data["q"]).filter(**ticked)

    def without_old(self, documents: DocumentQuerySet) -> DocumentQuerySet:
        """What was replaced or withdrawn stays out until its tick asks for it."""
        return documents if self.data.get("old") else documents.filter(status=DocumentStatus.CURRENT)
