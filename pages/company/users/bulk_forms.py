from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import ForeignKey
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import LabelValue
from licenses.models import License
from members.models import PeopleChange
from pages.company.forms import LicenseChoice, licenses_to_give


class WhichLicenseForm(forms.Form):
    """Choose the licence that several people get or lose."""

    license = LicenseChoice(label=_("Licence"), queryset=License.objects.none(), empty_label=_("Choose a licence"))

    def __init__(self, change: PeopleChange, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        licenses = License.objects.of(change.company).with_counts()
        is_giving = change.kind == PeopleChange.Kind.GIVE_LICENSE
        field = cast(LicenseChoice, self.fields["license"])
        field.queryset = licenses_to_give(change.company) if is_giving else licenses


class WhichLabelForm(forms.Form):
    """Choose the label value that several people get; empty takes it away."""

    def __init__(self, change: PeopleChange, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = cast(ForeignKey, User._meta.get_field("label"))
        values = LabelValue.objects.to_choose_at(change.company)
        name = change.company.user_label or _("Label")
        field = label.formfield(queryset=values, label=name, required=False, empty_label=_("Without"))
        self.fields["label"] = cast(forms.Field, field)
