"""Filter the users of a company: for the list, the export and changes of all matches."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import PersonStatus, User, UserQuerySet
from companies.models import Company, LabelValue
from licenses.access import has_active_license
from licenses.actions.status_counts import PeopleCounts
from licenses.models import Grant, License

LOOKS = {"class": "form-select"}


class UserFilterForm(forms.Form):
    """Read the filter from the address (R14); a value that fits nothing filters nothing."""

    WITHOUT_LABEL = "none"

    q = forms.CharField(
        label=_("Name or user name"),
        max_length=254,
        required=False,
        widget=forms.TextInput({"class": "form-control"}),
    )
    status = forms.ChoiceField(label=_("Status"), required=False, widget=forms.Select(LOOKS))
    role = forms.ChoiceField(label=_("Role"), required=False, widget=forms.Select(LOOKS))
    license = forms.ChoiceField(label=_("Licence"), required=False, widget=forms.Select(LOOKS))
    label = forms.ChoiceField(required=False, widget=forms.Select(LOOKS))  # where the company uses one
    undeliverable = forms.BooleanField(
        label=_("Mail undeliverable"), required=False, widget=forms.CheckboxInput({"class": "form-check-input"})
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self._set_choices("status", [("", _("All statuses")), *PersonStatus.choices])
        self._set_choices("role", [("", _("All roles")), *User.Role.choices])
        self.licenses = list(License.objects.of(company).order_by(Lower("name"), "pk"))
        self._set_choices(
            "license", [("", _("All licences")), *((str(license.pk), license.name) for license in self.licenses)]
        )
        values = [(str(value.pk), value.name) for value in LabelValue.objects.to_choose_at(company)]
        if values:
            self._set_choices("label", [("", _("All")), (self.WITHOUT_LABEL, _("Without")), *values])
            self.fields["label"].label = company.user_label
        else:
            del self.fields["label"]

    def value(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)

    @property
    def chosen(self) -> set[str]:
        return {name for name in self.fields if self.value(name)}

    @property
    def chosen_license(self) -> License | None:
        return next((license for license in self.licenses if str(license.pk) == self.value("license")), None)

    @property
    def narrowing_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "q"]

    @property
    def is_unfolded(self) -> bool:
        """Tell whether a filter is used that the page does not show elsewhere; the bars show the status."""
        return bool(self.chosen - {"q", "status"})

    @property
    def is_narrowed(self) -> bool:
        return "q" in self.chosen and len(self.chosen) > 1

    def matches(self) -> UserQuerySet:
        people = User.objects.members_of(self.company).matching(self.value("q") or "")
        if role := self.value("role"):
            people = people.filter(role=role)
        if license := self.chosen_license:
            granted = Exists(Grant.objects.lasting().filter(license=license, user=OuterRef("pk")))
            people = people if license.is_company_wide else people.filter(granted)
        if label := self.value("label"):
            people = people.filter(label=None if label == self.WITHOUT_LABEL else label)
        if self.value("undeliverable"):
            people = people.undeliverable()
        if status := self.value("status"):
            people = people.of_status(status, has_active_license())
        return people

    def known_count(self, counts: PeopleCounts) -> int | None:
        if self.chosen <= {"status", "role"}:
            return counts.people(status=self.value("status") or "", role=self.value("role") or "")
        return None

    def _set_choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices
