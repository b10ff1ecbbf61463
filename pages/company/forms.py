from __future__ import annotations

import json
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.actions.details import detail_value, plain_detail
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies.addresses import MAX_ADDRESS, canonical_address
from companies.models import Company, LabelValue
from licenses.models import License, LicenseQuerySet
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import validate_phone, validate_single_line

NAMED_ADMINS = 3  # in a hint; the rest is counted


def phone_number(model: type[Company] | type[User], name: str, **options: Any) -> forms.CharField:
    field = cast(forms.CharField, model._meta.get_field(name).formfield(**options))  # type: ignore[union-attr]
    field.validators.append(validate_phone)
    return field


def plain_text(model: type[Company] | type[User] | type[LabelValue], name: str, **options: Any) -> forms.CharField:
    """Make the form field of a model's one-line text, without control and direction characters (C30)."""
    field = cast(forms.CharField, model._meta.get_field(name).formfield(**options))  # type: ignore[union-attr]
    field.validators.append(validate_single_line)
    return field


class ContactForm(forms.ModelForm):
    """Change the contact details of the company (R5)."""

    contact_person = plain_text(Company, "contact_person", label=_("Contact person"))
    contact_phone = phone_number(Company, "contact_phone", label=_("Contact phone"))

    class Meta:
        model = Company
        fields = ["contact_person", "contact_phone", "contact_email"]
        labels = {"contact_email": _("Contact e-mail")}

    def clean_contact_email(self) -> str:
        return clean_address(self.cleaned_data["contact_email"])


def clean_address(address: str) -> str:
    try:
        return canonical_address(address)
    except RuleError as error:
        raise ValidationError(str(error)) from error


class LicenseChoice(forms.ModelChoiceField):
    """Choose a licence to give; the queryset comes with `with_counts()`."""

    def label_from_instance(self, obj: License) -> str:
        return f"{obj} ({seats_in_words(obj)})"


def seats_in_words(license: License) -> str:
    used: int = license.seats_used
    if license.seats is None:
        return ngettext("%(used)s person has it", "%(used)s people have it", used) % {"used": used}
    if used >= license.seats:
        return gettext("full: all seats in use (%(seats)s)") % {"seats": license.seats}
    return gettext("%(used)s of %(seats)s seats in use") % {"used": used, "seats": license.seats}


def licenses_to_give(company: Company) -> LicenseQuerySet:
    return License.objects.of(company).in_term().filter(is_company_wide=False).with_counts()


class AddUserForm(forms.Form):
    """Add a colleague, with the fields of R10 in its order."""

    role = forms.ChoiceField(label=_("Role"), choices=User.Role.choices, initial=User.Role.USER)
    email = forms.CharField(
        label=_("User name"),
        max_length=MAX_ADDRESS,
        error_messages={"max_length": _("This e-mail address is too long.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = plain_text(User, "name", label=_("Name"))
    phone = phone_number(User, "phone", label=_("Phone number"))
    country = cast(
        forms.Field,
        User._meta.get_field("country").formfield(
            label=_("Country"), help_text=_("The country where the user works. Plus documents depend on it.")
        ),
    )
    is_blocked = forms.BooleanField(
        label=_("Blocked"),
        required=False,
        help_text=_("Cannot sign in and gets no registration mail, until you unblock."),
    )
    is_mail_rerouted = forms.BooleanField(label=_("Send e-mails to the company admin"), required=False)
    license = LicenseChoice(
        label=_("Add licence"),
        queryset=License.objects.none(),
        required=False,
        empty_label=_("No licence yet"),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self.fields["country"], _("Not filled in"), list(countries))
        self.fields["email"].help_text = _domains_hint(company)
        self.fields["is_mail_rerouted"].help_text = reroute_hint(company)
        _add_label(self, company, before="is_blocked")
        license = cast(LicenseChoice, self.fields["license"])
        license.queryset = licenses_to_give(company)
        license.help_text = _license_hint(company)

    @property
    def new_colleague(self) -> NewColleague:
        return NewColleague(**{name: value for name, value in self.cleaned_data.items() if name != "license"})


class ChangeAddressForm(forms.Form):
    email = forms.CharField(
        label=_("New user name"),
        max_length=MAX_ADDRESS,
        error_messages={"max_length": _("This e-mail address is too long.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _domains_hint(company)

    def clean_email(self) -> str:
        return clean_address(self.cleaned_data["email"])


class EditUserForm(forms.ModelForm):
    """Change a colleague's details; the role and blocking have buttons of their own."""

    name = plain_text(User, "name", label=_("Name"))
    phone = phone_number(User, "phone", label=_("Phone number"))
    # The details when the page was opened; another value than a dictionary counts as unknown.
    seen = forms.JSONField(widget=forms.HiddenInput({"autocomplete": "off"}), required=False)

    class Meta:
        model = User
        fields = ["name", "phone", "country", "is_mail_rerouted"]
        labels = {"country": _("Country"), "is_mail_rerouted": _("Send e-mails to the company admin")}
        help_texts = {"country": _("The country where the user works. Plus documents depend on it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self.fields["country"], _("Not filled in"), list(countries))
        if self.instance.company:
            self.fields["is_mail_rerouted"].help_text = reroute_hint(self.instance.company)
            _add_label(self, self.instance.company, before="is_mail_rerouted")
            self.initial["label"] = self.instance.label_id
        if self.instance.is_company_admin:
            del self.fields["is_mail_rerouted"]  # an admin reads their own mail (R32)
        self.initial["seen"] = self._current_details()

    def _current_details(self) -> dict[str, Any]:
        return {name: detail_value(self.instance, name) for name in self.fields if name != "seen"}

    @property
    def details(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def clean_seen(self) -> dict[str, Any] | None:
        seen = self.cleaned_data["seen"]
        return seen if isinstance(seen, dict) else None

    def show_conflict(self, now: dict[str, Any], *, by: str) -> None:
        """Show what another admin changed meanwhile; saving again then succeeds.

        Fields that were typed in keep their text; the others take the current value.
        """
        data, seen = dict(self.data.items()), self.cleaned_data["seen"]
        is_edited = {name: plain_detail(self.cleaned_data[name]) != seen[name] for name in now}
        for name, value in now.items():
            text = gettext("%(by)s changed this meanwhile: it is %(value)s now.")
            self.add_error(name, text % {"by": by, "value": f"“{self._in_words(name, value)}”"})
            if not is_edited[name]:
                data[name] = "" if value is None else value
        data["seen"] = json.dumps(seen | now)
        self.data = data

    def _in_words(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        choices = {str(key): str(label) for key, label in getattr(self.fields[name], "choices", [])}
        return choices.get(str(value), str(value or "–"))


class SecondStepForm(forms.Form):
    """Choose who must use a second step, and from which day."""

    who = forms.ChoiceField(
        label=_("Who must use a second step?"), choices=Company.SecondStep.choices, widget=forms.RadioSelect
    )
    first_day = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_(
            "Until then everyone concerned sees an announcement on the home page. From that day a person without "
            "a second step must set one up at the next click."
        ),
    )


def _add_label(form: forms.BaseForm, company: Company, *, before: str) -> None:
    values = LabelValue.objects.to_choose_at(company)
    if values.exists():
        label = cast(ForeignKey, User._meta.get_field("label"))
        field = label.formfield(queryset=values, label=company.user_label, empty_label=_("Not filled in"))
        form.fields["label"] = cast(forms.Field, field)
        _move_field(form, "label", before=before)


def _move_field(form: forms.BaseForm, name: str, *, before: str) -> None:
    names = [other for other in form.fields if other != name]
    names.insert(names.index(before), name)
    form.order_fields(names)


def _set_choices(field: forms.Field, empty_label: Any, choices: list[tuple[Any, Any]]) -> None:
    cast(forms.ChoiceField, field).choices = [("", empty_label), *choices]


def _domains_hint(company: Company) -> str:
    domains = [
        gettext("%(domain)s and its subdomains") % {"domain": domain} if domain.has_subdomains else str(domain)
        for domain in company.domains.all()
    ]
    return gettext("The work address. Allowed domains: %(domains)s.") % {"domains": ", ".join(domains)}


def reroute_hint(company: Company) -> str:
    """Tell who will read the mails of this person (R32)."""
    names = [admin.name for admin in User.objects.active_admins_of(company)]
    if not names:
        return gettext(
            "There is no active admin yet: until there is, they go to the contact person, %(email)s."
        ) % {"email": company.contact_email}
    more = len(names) - NAMED_ADMINS
    shown = ", ".join(names[:NAMED_ADMINS])
    if more > 0:
        shown = ngettext("%(names)s and %(more)s other", "%(names)s and %(more)s others", more) % {
            "names": shown,
            "more": more,
        }
    return gettext("All mails for this user, also for a new password, go to %(names)s.") % {"names": shown}


def _license_hint(company: Company) -> str:
    wide = [str(license) for license in License.objects.of(company).in_term().filter(is_company_wide=True)]
    if wide:
        return gettext("Everyone has “%(licenses)s” already. You can give more on the page that follows.") % {
            "licenses": "”, “".join(wide)
        }
    return gettext("You can give more on the page that follows.")
