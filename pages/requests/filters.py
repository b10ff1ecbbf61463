"""Filter the requests of the list, the export and the figures (R27)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from dateutil.relativedelta import relativedelta
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import LabelKind, LabelValue
from licenses.models import Document, License
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestQuerySet, RequestStatus

PERIODS = {
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
    "all": None,
}

NARROWED_BY: dict[type[AccessRequest], str] = {LicenseRequest: "license", DocumentRequest: "kind"}


class ForgivingChoice(forms.ChoiceField):
    """Ignore a value in the address that is no choice."""

    widget = forms.Select({"class": "form-select"})

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return self.initial or ""


class ForgivingModelChoice(forms.ModelChoiceField):
    widget = forms.Select({"class": "form-select"})

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return None


class RequestsFilter(forms.Form):
    period = ForgivingChoice(
        label=_("Period"),
        initial="month",
        choices=[
            ("week", _("Past week")),
            ("month", _("Past month")),
            ("quarter", _("Past quarter")),
            ("year", _("Past year")),
            ("all", _("Everything")),
        ],
    )
    status = ForgivingChoice(
        label=_("Status"), required=False, choices=[("", _("All statuses")), *RequestStatus.choices]
    )
    license = ForgivingModelChoice(
        label=_("Licence"), queryset=License.objects.none(), required=False, empty_label=_("All licences")
    )
    kind = ForgivingChoice(label=_("Kind"), required=False, choices=[("", _("All kinds")), *Document.Kind.choices])
    label = ForgivingModelChoice(
        label=_("Label"), queryset=LabelValue.objects.none(), required=False, empty_label=_("All")
    )
    mine = forms.BooleanField(label=_("Only my own"), required=False)

    def __init__(self, text: QueryDict, *, kind: type[AccessRequest], user: User) -> None:
        super().__init__({"period": "month"} | text.dict())
        self._user = user
        for name in {"license", "kind"} - {NARROWED_BY[kind]}:
            del self.fields[name]
        if "license" in self.fields:
            self._offer_licenses()
        self._offer_label()
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "form-check-input"
        self.is_valid()

    def _offer_licenses(self) -> None:
        requests = LicenseRequest.objects.filter(license=OuterRef("pk"))
        field = cast(ForgivingModelChoice, self.fields["license"])
        field.queryset = License.objects.of(self._user.company).filter(Exists(requests))

    def _offer_label(self) -> None:
        company = self._user.company
        if company is None or not company.request_label:
            del self.fields["label"]
            return
        field = cast(ForgivingModelChoice, self.fields["label"])
        field.label = company.request_label
        field.queryset = LabelValue.objects.of(company, LabelKind.REQUESTS)

    @property
    def is_more_than_a_period(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields if name != "period")

    @property
    def since(self) -> datetime | None:
        length = PERIODS[self.cleaned_data["period"]]
        return timezone.now() - length if length else None

    def filter_rows(self, rows: RequestQuerySet, *, but_period: bool = False) -> RequestQuerySet:
        values = self.cleaned_data
        if self.since and not but_period:
            rows = rows.filter(created_at__gte=self.since)
        if values["mine"]:
            rows = rows.filter(user=self._user)
        if values.get("kind"):
            rows = rows.filter(document__kind=values["kind"])
        exactly = {name: values[name] for name in ("status", "license", "label") if values.get(name)}
        return rows.filter(**exactly)
