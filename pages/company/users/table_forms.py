from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.addresses import addresses_in
from companies.models import Company
from members.actions.import_columns import MAX_LINES, columns_of
from members.models import Departure
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import read_table
from nenconnect.tables.limits import MAX_BYTES

MAX_LEAVERS = 1000


class TableField(forms.FileField):
    """Take a CSV or Excel file; its reader checks the content."""

    widget = forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        table = super().clean(data, initial)
        if isinstance(table, UploadedFile) and (table.size or 0) > MAX_BYTES:
            text = gettext("This file is larger than %(max)s MB. Split it up.")
            raise ValidationError(text % {"max": MAX_BYTES // 2**20})
        return table


class ImportForm(forms.Form):
    table = TableField(
        label=_("Table with colleagues"),
        help_text=_("Excel (.xlsx) or CSV, with the columns of our example; at most 50,000 lines."),
        error_messages={"empty": _("This file is empty.")},
    )


class LeaversForm(forms.Form):
    """Take a pasted list, or a table like the import's of which only the user names count."""

    addresses = forms.CharField(
        label=_("User names (e-mail addresses)"),
        help_text=_("One on each line, or with commas between; at most 1,000 at once."),
        widget=forms.Textarea({"rows": 8}),
        max_length=MAX_LEAVERS * 256,
        required=False,
    )
    table = TableField(
        label=_("Or a table"),
        help_text=_("Excel (.xlsx) or CSV with a column “Gebruikersnaam”, such as an export of your users."),
        required=False,
        error_messages={"empty": _("This file is empty.")},
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        field = "table" if cleaned.get("table") else "addresses"
        text = self._addresses_in_table(cleaned["table"]) if field == "table" else cleaned.get("addresses", "")
        address_list = addresses_in(text)
        if not address_list and not self.errors:
            self.add_error(field, gettext("There is no e-mail address in this list."))
        if len(address_list) > MAX_LEAVERS:
            self.add_error(field, gettext("These are more than 1,000 addresses. Do it in parts."))
        cleaned["address_list"] = address_list
        return cleaned

    def _addresses_in_table(self, table: UploadedFile) -> str:
        try:
            columns = [replace(column, is_needed=column.name == "email") for column in columns_of(self.company)]
            lines = read_table(table, columns, max_lines=MAX_LINES)
            return "\n".join(line.values["email"] for line in lines)
        except RuleError as error:
            self.add_error("table", str(error))
            return ""


class LeaveForm(forms.Form):
    kind = forms.ChoiceField(choices=Departure.Kind.choices)
    user = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field = self.fields["user"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        chosen = [pk for pk in data.getlist("user") if pk.isdecimal() and len(pk) <= 18][:MAX_LEAVERS]
        field.choices = [(pk, pk) for pk in chosen]
