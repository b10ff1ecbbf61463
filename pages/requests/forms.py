from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from companies.models import Company, LabelKind, LabelValue
from licenses.models import Document, License
from nenconnect.text.characters import has_hidden, plain_lines
from pages.forms import RuleForm
from requests_app.access import askable_by, askable_later_by, can_read_already, licenses_for, licenses_with
from requests_app.access.reasons import can_ask_for
from requests_app.actions import asking, deciding
from requests_app.actions.approving_documents import approve_document
from requests_app.models import MAX_REASON, AccessRequest, DocumentRequest, LicenseRequest, ReadySentence


class ReasonField(forms.CharField):
    """Take up to 1,000 characters on several lines; hidden characters are shown as an error and removed."""

    widget = forms.Textarea({"rows": 4})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> str:
        typed = value or ""
        reason = plain_lines(typed)
        if len(reason) > MAX_REASON:
            length = {"max": number_format(MAX_REASON), "typed": number_format(len(reason))}
            raise ValidationError(_("Use at most %(max)s characters. You used %(typed)s.") % length)
        if has_hidden(typed):
            raise ValidationError(
                _("We removed characters that cannot be shown. Check the text and send it again.")
            )
        return reason

    def bound_data(self, data: Any, initial: Any) -> Any:
        return plain_lines(data or "")


class DayField(forms.DateField):
    widget = forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": gettext_lazy("Write the day as 2026-03-14.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class LicenseField(forms.ModelChoiceField):
    widget = forms.RadioSelect

    def label_from_instance(self, obj: License) -> SafeString:
        return _license_described(obj, _license_contents(obj))


class LicensesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: License) -> SafeString:
        return _license_described(obj, _license_contents(obj))


class DestinationField(forms.ModelChoiceField):
    """Choose the licence that an approved standard goes to, with the seats that are left."""

    widget = forms.RadioSelect

    def label_from_instance(self, obj: License) -> SafeString:
        return _license_described(obj, obj.get_kind_display(), seats(obj))


class AskForm(RuleForm):
    reason = ReasonField(
        label=gettext_lazy("Reason (not mandatory)"),
        help_text=gettext_lazy("Your colleagues see this reason, but not your name. The admins see both."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, company = user, user.company
        if company is None:
            return
        values = LabelValue.objects.to_choose_at(company, LabelKind.REQUESTS)
        if values.exists():
            self.fields["label"] = forms.ModelChoiceField(
                values, label=company.request_label, required=False, empty_label=_("Not filled in")
            )
            self.order_fields(self.field_order or ("label", "reason"))

    @property
    def details(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"], "label": self.cleaned_data.get("label")}


class RequestLicenseForm(AskForm):
    kind = LicenseRequest
    license = LicenseField(
        label=gettext_lazy("Licence"),
        queryset=License.objects.none(),
        error_messages={
            "required": gettext_lazy("Choose a licence."),
            "invalid_choice": gettext_lazy("You cannot request this licence. Choose one of the list."),
        },
    )
    field_order = ("license", "label", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        limit_to_askable(self.fields["license"], user)

    def send(self) -> AccessRequest:
        return asking.request_license(self.cleaned_data["license"], by=self.user, **self.details)

    def page_instead(self) -> str | None:
        return None

    def context(self) -> dict[str, Any]:
        return {
            "has_choice": bool(self.fields["license"].widget.choices) or self.is_bound,
            "has_licenses": License.objects.of(self.user.company).in_term().filter(is_shown=True).exists(),
            "not_now": askable_later_by(self.user),
            "cancel_url": reverse("requests:license_requests"),
        }


class RequestDocumentForm(AskForm):
    kind = DocumentRequest

    def __init__(self, *args: Any, pk: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = get_object_or_404(Document, pk=pk)

    def send(self) -> AccessRequest:
        return asking.request_document(self.document, by=self.user, **self.details)

    def page_instead(self) -> str | None:
        """Return the page of the standard when asking is refused or of no use; None to show the form."""
        is_useful = not self.non_field_errors() and can_ask_for(self.document, self.user)
        return None if is_useful else reverse("documents:document", args=[self.document.pk])

    def context(self) -> dict[str, Any]:
        in_licenses = askable_by(self.user).filter(documents=self.document).order_by("name", "pk")
        page = reverse("documents:document", args=[self.document.pk])
        return {"has_choice": True, "document": self.document, "in_licenses": in_licenses, "cancel_url": page}


class UntilForm(RuleForm):
    ends_on = DayField(
        label=gettext_lazy("Until (not mandatory)"),
        help_text=gettext_lazy("The last day of access; empty: as long as the licence."),
    )


class ApproveLicenseForm(UntilForm):
    def __init__(self, *args: Any, row: LicenseRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row

    def approve(self, *, by: User) -> None:
        deciding.approve(self.row, by=by, ends_on=self.cleaned_data["ends_on"])


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

    def __init__(self, *args: Any, row: DocumentRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.is_readable = can_read_already(row)
        field = self.fields["license"]
        assert isinstance(field, DestinationField)
        if self.is_readable:  # meanwhile: nothing is left to choose
            del self.fields["license"], self.fields["ends_on"]
            return
        field.queryset = licenses_for(row.company_id, row.document).with_counts()
        field.empty_label = None
        if len(field.queryset) == 1:
            self.only = field.queryset[0]
            self.only_seats = seats(self.only)
            field.initial = self.only.pk
            cast(forms.Field, field).widget = forms.HiddenInput()

    @cached_property
    def is_held(self) -> bool:
        return licenses_with(self.row.document, self.row.company_id).exists()

    def approve(self, *, by: User) -> None:
        destination = {name: self.cleaned_data.get(name) for name in ("license", "ends_on")}
        approve_document(self.row, by=by, **destination)


class RejectForm(RuleForm):
    """Reject with a reason for all and a note for the requester; a button inserts a ready-made sentence."""

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
            "Everyone at your company can read this in the list of requests, and so can the requester. Do not use "
            "names: colleagues do not see who sent a request."
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
        """Return the form unsent, with the chosen sentence at the end of the box of the pressed button."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        box = self.data.get("insert")
        chosen = next((sentence for sentence in self.sentences if str(sentence.pk) == typed.get("sentence")), None)
        if chosen and box in ("note", "reason"):
            typed[box] = "\n".join(part for part in (typed[box].rstrip(), chosen.text) if part)
        return RejectForm(initial=typed, company=company)


def seats(license: License) -> str:
    if license.is_company_wide:
        return _("company-wide: everyone can read it")
    if license.seats is None:
        return _("no limit to the number of people")
    if license.seats_used >= license.seats:
        return _("full: all seats in use (%(seats)s)") % {"seats": number_format(license.seats)}
    numbers = {"used": number_format(license.seats_used), "seats": number_format(license.seats)}
    return _("%(used)s of %(seats)s seats in use") % numbers


def limit_to_askable(field: forms.Field, user: User) -> None:
    """Accept all that the person may request, and offer only licences not requested yet."""
    assert isinstance(field, LicenseField | LicensesField)
    field.queryset = License.objects.requestable_by(user)
    offered: Iterable[License] = askable_by(user).with_counts()
    field.widget.choices = [(license.pk, field.label_from_instance(license)) for license in offered]


def _license_contents(license: License) -> SafeString:
    count = license.document_count
    documents = ngettext("%(count)s document", "%(count)s documents", count) % {"count": number_format(count)}
    address = f"{reverse('documents:documents')}?license={license.pk}"
    until = _("valid until %(date)s") % {"date": date_format(license.ends_on, "j F Y")}
    return format_html('<a href="{}">{}</a>, {}', address, documents, until)


def _license_described(license: License, *about: str) -> SafeString:
    return format_html(
        '{}<span class="note d-block">{}</span>',
        license,
        format_html_join(" · ", "{}", ([detail] for detail in about)),
    )
