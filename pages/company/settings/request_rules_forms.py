from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import MAX_CLOSING_DAYS, MAX_PROMISED_DAYS, MIN_CLOSING_DAYS, Company
from nenconnect.text.characters import has_hidden, plain_lines

MAX_TEXT = 1000


class RequestRulesForm(forms.Form):
    """Set the rules for requests; the fields are named after those of the action."""

    text = forms.CharField(
        label=_("Text with requests"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Shown on the form for requests: for example which colleague to call first."),
    )
    promised_days = forms.IntegerField(
        label=_("Promised time, in working days"),
        min_value=1,
        max_value=MAX_PROMISED_DAYS,
        help_text=_(
            "When it is over, the admins get a reminder. After twice the time the contact person gets a mail."
        ),
    )
    closes_after_days = forms.IntegerField(
        label=_("Requests close themselves after so many days"),
        min_value=MIN_CLOSING_DAYS,
        max_value=MAX_CLOSING_DAYS,
        required=False,
        help_text=_("The requester gets a mail about it. Empty: requests stay open until an admin decides."),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        initial = {
            "text": company.request_text,
            "promised_days": company.promised_days,
            "closes_after_days": company.closes_after_days,
        }
        super().__init__(*args, **{"initial": initial, **kwargs})

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if has_hidden(text):
            raise ValidationError(_("Use only characters that can be shown."))
        text = plain_lines(text)
        if len(text) > MAX_TEXT:
            raise ValidationError(_("Use at most %(max)s characters.") % {"max": MAX_TEXT})
        return text


class DeputyForm(forms.Form):
    """Choose a deputy by e-mail address, as a company may be large; the action checks the days."""

    email = forms.CharField(
        label=_("User name of your deputy"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The e-mail address of a colleague who is no admin."),
    )
    first_day = forms.DateField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last_day = forms.DateField(
        label=_("Up to and including"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).strip().lower()
        self.user = User.objects.members_of(self.company).filter(email=address).first()
        if self.user is None:
            raise ValidationError(_("No one at your company has this address. Add the colleague first."))
        return address

    @property
    def deputy(self) -> User:
        return cast(User, self.user)
