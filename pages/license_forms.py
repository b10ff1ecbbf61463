from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.addresses import canonical_address
from licenses.models import DocumentQuerySet, DocumentStatus, License
from nenconnect.rules.errors import RuleError


class KnownLicenseField(forms.ModelChoiceField):
    """Ignore a licence in the address that the person does not know."""

    def clean(self, value: Any) -> License | None:
        try:
            license: License | None = super().clean(value)
        except ValidationError:
            return None
        return license


class EndForm(forms.Form):
    """Ask until when a person has a licence; empty means as long as the licence."""

    ends_on = forms.DateField(
        label=_("Until (optional)"),
        required=False,
        widget=forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the day as 2026-03-14.")},
    )

    def __init__(self, *args: Any, license: License, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].help_text = _(
            "The last day; empty: as long as the licence, up to and including %s."
        ) % (date_format(license.ends_on, "j F Y"))


class AddressesForm(forms.Form):
    """Ask for a list of e-mail addresses, pasted from a mail program or a sheet, or typed."""

    MAX = 500

    addresses = forms.CharField(
        label=_("User names (e-mail addresses)"),
        help_text=_("One on each line, or with commas between; at most 500 at once."),
        widget=forms.Textarea({"rows": 8}),
        max_length=MAX * 256,
    )

    def clean_addresses(self) -> list[str]:
        words = re.split(r"[\s,;<>\"]+", self.cleaned_data["addresses"])
        if not any("@" in word for word in words):
            raise ValidationError(_("There is no e-mail address in this list."))
        # Words without an @ may be names beside the addresses; a word with a dot is a mistyped address.
        typed = [word.strip("'()[].:").lower() for word in words if "@" in word or "." in word.strip("'()[].:")]
        if len(set(typed)) > self.MAX:
            raise ValidationError(_("These are more than 500 addresses. Give the licence in parts."))
        return [_canonical(address) for address in dict.fromkeys(typed)]


def _canonical(address: str) -> str:
    """Return the canonical address, or the text itself where it is no address.

    The page then lists that text as wrong.
    """
    try:
        return canonical_address(address)
    except RuleError:
        return address[:254]


class DocumentFilter(forms.Form):
    """Search the list of documents; each field narrows the list."""

    ALL = "all"

    q = forms.CharField(
        label=_("Search by number or title"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search", "size": 36, "class": "form-control"}),
    )
    readable = forms.BooleanField(label=_("Only what I can open"), required=False)
    free = forms.BooleanField(label=_("Free"), required=False)
    plus = forms.BooleanField(label=_("Plus"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", DocumentStatus.CURRENT.label),
            (DocumentStatus.REPLACED, DocumentStatus.REPLACED.label),
            (DocumentStatus.WITHDRAWN, DocumentStatus.WITHDRAWN.label),
            (ALL, _("All, old ones too")),
        ],
    )
    license = KnownLicenseField(
        label=_("Licence"), queryset=License.objects.none(), required=False, empty_label=_("All")
    )

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "form-check-input"
            elif isinstance(field.widget, forms.Select):
                field.widget.attrs["class"] = "form-select"
        if user.company_id:
            cast(KnownLicenseField, self.fields["license"]).queryset = License.objects.known_to(user)
        else:
            del self.fields["license"]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def filter_rows(self, documents: DocumentQuerySet) -> DocumentQuerySet:
        if not self.is_valid():
            return documents.none()
        fields = {"is_free": "free", "is_plus": "plus"}
        ticked = {column: True for column, tick in fields.items() if self.cleaned_data[tick]}
        if license := self.cleaned_data.get("license"):
            documents = documents.filter(pk__in=license.documents.values("pk"))
        return documents.matching(self.cleaned_data["q"]).filter(**ticked)

    @property
    def is_only_readable(self) -> bool:
        """Tell whether only documents that the reader can open are asked for; `narrow` leaves them all in."""
        return self.is_valid() and bool(self.cleaned_data["readable"])

    @property
    def status_filter(self) -> Q:
        """Return the filter by status; without a choice only current documents are left."""
        status = self.cleaned_data.get("status") or DocumentStatus.CURRENT
        return Q() if status == self.ALL else Q(status=status)
