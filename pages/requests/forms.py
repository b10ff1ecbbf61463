from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from companies.models import Company, LabelKind, LabelValue
from licenses.models import License
from nenconnect.text.characters import has_hidden, plain_lines
from pages.forms import RuleForm
from requests_app.access import askable_by
from requests_app.models import MAX_REASON


class ReasonField(forms.CharField):
    """Up to 1,000 characters on several lines. What was typed comes back with an error, without what is hidden."""

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


class LicenseField(forms.ModelChoiceField):
    widget = forms.RadioSelect

    def label_from_instance(self, obj: License) -> SafeString:
        return _described(obj, _contents(obj))


class LicensesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: License) -> SafeString:
        return _described(obj, _contents(obj))


class DestinationField(forms.ModelChoiceField):
    """The licence that an approved document request leads to; the admin sees what seats are left."""

    widget = forms.RadioSelect

    def label_from_instance(self, obj: License) -> SafeString:
        return _described(obj, obj.get_kind_display(), seats(obj))


class AskForm(RuleForm):
    reason = ReasonField(
        label=gettext_lazy("Reason (not mandatory)"),
        help_text=gettext_lazy("Your colleagues see this reason, but not your name. The admins see both."),
    )

    def __init__(self, *args: Any, company: Company | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
        """What goes to the admins with the request."""
        return {"reason": self.cleaned_data["reason"], "label": self.cleaned_data.get("label")}


class AddWordForm(RuleForm):
    reason = ReasonField(
        label=gettext_lazy("What do you want to add?"),
        help_text=gettext_lazy(
            "It comes below your reason. Your colleagues see it, but not your name. The admins see both."
        ),
    )


class RequestLicenseForm(AskForm):
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
        super().__init__(*args, company=user.company, **kwargs)
        _limit(self.fields["license"], user)


class ChooseLicensesForm(AskForm):
    """At the first sign-in: several at once, with one reason (R18)."""

    licenses = LicensesField(
        label=gettext_lazy("Which licences do you want to request?"),
        queryset=License.objects.none(),
        error_messages={
            "required": gettext_lazy("Choose at least one licence, or skip this."),
            "invalid_choice": gettext_lazy("You cannot request this licence. Choose from the list."),
            "invalid_pk_value": gettext_lazy("You cannot request this licence. Choose from the list."),
        },
    )
    field_order = ("licenses", "label", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, company=user.company, **kwargs)
        _limit(self.fields["licenses"], user)


def seats(license: License) -> str:
    """For a licence `with_counts()`: how many of its seats are in use."""
    if license.is_company_wide:
        return _("company-wide: everyone can read it")
    if license.seats is None:
        return _("no limit to the number of people")
    if license.seats_used >= license.seats:
        return _("full: all seats in use (%(seats)s)") % {"seats": number_format(license.seats)}
    numbers = {"used": number_format(license.seats_used), "seats": number_format(license.seats)}
    return _("%(used)s of %(seats)s seats in use") % numbers


def _limit(field: forms.Field, user: User) -> None:
    """Accepts what the person may request; offers what of it is not asked yet: asking twice has its answer."""
    assert isinstance(field, LicenseField | LicensesField)
    field.queryset = License.objects.requestable_by(user)
    offered: Iterable[License] = askable_by(user).with_counts()
    field.widget.choices = [(one.pk, field.label_from_instance(one)) for one in offered]


def _contents(license: License) -> SafeString:
    count = license.document_count
    documents = ngettext("%(count)s document", "%(count)s documents", count) % {"count": number_format(count)}
    address = f"{reverse('documents:documents')}?license={license.pk}"
    until = _("valid until %(date)s") % {"date": date_format(license.ends_on, "j F Y")}
    return format_html('<a href="{}">{}</a>, {}', address, documents, until)


def _described(license: License, *about: str) -> SafeString:
    return format_html(
        '{}<span class="note d-block">{}</span>', license, format_html_join(" · ", "{}", ([one] for one in about))
    )
