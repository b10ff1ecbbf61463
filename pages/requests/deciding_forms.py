"""What whoever decides on requests fills in."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import Company
from licenses.models import License
from pages.forms import RuleForm
from pages.requests.forms import DestinationField, ReasonField, seats
from requests_app.access import can_read_already, licenses_for
from requests_app.actions.several_at_once import MAX_AT_ONCE
from requests_app.models import DocumentRequest, ReadySentence, RequestQuerySet


class DayField(forms.DateField):
    widget = forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": gettext_lazy("Write the day as 2026-03-14.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class UntilForm(RuleForm):
    ends_on = DayField(
        label=gettext_lazy("Until (not mandatory)"),
        help_text=gettext_lazy("The last day of access; empty: as long as the licence."),
    )


class RejectForm(RuleForm):
    """Two boxes for two readers. A sentence is put into one by a button that decides nothing."""

    sentence = forms.ModelChoiceField(
        label=gettext_lazy("Ready-made sentence"),
        queryset=ReadySentence.objects.none(),
        required=False,
        empty_label=gettext_lazy("Choose a sentence"),
    )
    note = ReasonField(
        label=gettext_lazy("To the requester (not mandatory)"),
        help_text=gettext_lazy("Only the person who asked and those who decide read this."),
    )
    reason = ReasonField(
        label=gettext_lazy("Shown to colleagues (not mandatory)"),
        help_text=gettext_lazy(
            "Everyone at your company reads this in the list of requests, and so does the person who asked. "
            "Name nobody: colleagues do not see who asked."
        ),
    )
    ask_again_on = DayField(
        label=gettext_lazy("Not now: ask again from (not mandatory)"),
        help_text=gettext_lazy("Before this day the person cannot ask again. Empty: may ask again at any time."),
    )

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sentences = list(company.ready_sentences.all())
        field = cast(forms.ModelChoiceField, self.fields["sentence"])
        field.queryset = company.ready_sentences.all()
        field.widget.attrs["class"] = "form-select"
        if not self.sentences:
            del self.fields["sentence"]

    @property
    def answer(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("reason", "note", "ask_again_on")}

    def with_sentence(self, company: Company) -> RejectForm:
        """The same, not sent yet, with the chosen sentence at the end of the box whose button was pressed."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        box = self.data.get("insert")
        chosen = next((one for one in self.sentences if str(one.pk) == typed.get("sentence")), None)
        if chosen and box in ("note", "reason"):
            typed[box] = "\n".join(part for part in (typed[box].rstrip(), chosen.text) if part)
        return RejectForm(initial=typed, company=company)


class MessageForm(RuleForm):
    text = ReasonField(label=gettext_lazy("Your question"))

    def __init__(self, *args: Any, label: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label, help_text

    def clean_text(self) -> str:
        if not self.cleaned_data["text"]:
            raise ValidationError(_("Write a text first."))
        return str(self.cleaned_data["text"])


class ApproveDocumentForm(UntilForm):
    only: License | None = None  # the one licence that approval can lead to: said, not asked
    only_seats = ""
    license = DestinationField(
        label=gettext_lazy("Licence"),
        queryset=License.objects.none(),
        error_messages={
            "required": gettext_lazy("Choose a licence."),
            "invalid_choice": gettext_lazy("Choose one of the licences in the list."),
        },
    )
    field_order = ("license", "ends_on")

    def __init__(self, *args: Any, document_request: DocumentRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_readable = can_read_already(document_request)
        field = self.fields["license"]
        assert isinstance(field, DestinationField)
        if self.is_readable:  # meanwhile: nothing is left to choose
            del self.fields["license"], self.fields["ends_on"]
            return
        field.queryset = licenses_for(document_request.company_id, document_request.document).with_counts()
        field.empty_label = None
        if len(field.queryset) == 1:
            self.only = field.queryset[0]
            self.only_seats = seats(self.only)
            field.initial = self.only.pk
            cast(forms.Field, field).widget = forms.HiddenInput()

    @property
    def destination(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in ("license", "ends_on")}


class ApproveTogetherForm(UntilForm):
    """For standards also the collection that takes those which no licence holds yet."""

    license = DestinationField(
        label=gettext_lazy("Collection"),
        queryset=License.objects.none(),
        required=False,
        empty_label=None,
        help_text=gettext_lazy("For standards that no licence holds yet."),
    )
    field_order = ("license", "ends_on")

    def __init__(self, *args: Any, collections: QuerySet[License] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(DestinationField, self.fields["license"])
        if collections is None:
            del self.fields["license"]
        else:
            field.queryset = collections


def chosen_ids(sent: QueryDict, rows: RequestQuerySet) -> list[int]:
    """What was ticked, as far as it is there (C24); more than fits at once is left out."""
    ticked = {int(one) for one in sent.getlist("chosen") if one.isascii() and one.isdigit() and len(one) < 18}
    return list(rows.filter(pk__in=ticked).order_by("pk").values_list("pk", flat=True)[:MAX_AT_ONCE])
