"""Show what speaks against a domain, and who it reaches, before it is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.domain_fan_out import people_reached_by
from companies.addresses import canonical_domain
from companies.domains import check_subdomains, objections_to
from companies.models import Company, Domain
from desk.action_admin import ActionForm, as_field_error
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import validate_single_line


class DomainForm(ActionForm):
    because = forms.CharField(
        label=_("Added all the same, because"),
        max_length=300,
        required=False,
        validators=[validate_single_line],
        widget=AdminTextInputWidget,
        help_text=_("Only for a domain that is refused. The reason is kept in the audit trail: name no people."),
    )
    # The domain whose people will be mailed, as the page showed it.
    announced = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        help_texts = {
            "name": _("The part after the @. Everyone on this domain without a company gets a mail."),
            "has_subdomains": _("Also admits what lies under it, such as @lab.company.nl."),
        }

    def clean_name(self) -> str:
        with as_field_error():
            return canonical_domain(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        name = cleaned.get("name") or self.instance.name
        if name and not self.errors:
            self._look_at(name, cleaned)
        return cleaned

    def _look_at(self, name: str, typed: dict[str, Any]) -> None:
        try:
            check_subdomains(name, has_subdomains=typed["has_subdomains"])
        except RuleError as error:
            self.add_error(error.field, str(error))
        if not self.instance.pk and not typed.get("because"):
            for objection in objections_to(name, self._company(typed)):
                self.add_error("name", f"{objection} {_all_the_same()}")
        if not self.errors:
            self._tell_whom_it_reaches(name, typed)

    def _company(self, typed: dict[str, Any]) -> Company | None:
        company: Company | None = typed.get("company")
        return company if company and company.pk else None

    def _tell_whom_it_reaches(self, name: str, typed: dict[str, Any]) -> None:
        answer = f"{name}{' *' if typed['has_subdomains'] else ''}"
        number = self._number_reached(name, has_subdomains=typed["has_subdomains"])
        if not number or typed.get("announced") == answer:
            return
        text = ngettext(
            "%(number)s person with a personal account on %(domain)s will be mailed. Save again to go on.",
            "%(number)s people with a personal account on %(domain)s will be mailed. Save again to go on.",
            number,
        )
        self.add_error("has_subdomains" if self.instance.pk else "name", text % {"number": number, "domain": name})
        self.answer_with(self.add_prefix("announced"), answer)

    def _number_reached(self, name: str, *, has_subdomains: bool) -> int:
        if not self.instance.pk:
            return people_reached_by(name, has_subdomains=has_subdomains).count()
        if not has_subdomains or "has_subdomains" not in self.changed_data:
            return 0
        return (
            people_reached_by(name, has_subdomains=True).count()
            - people_reached_by(name, has_subdomains=False).count()
        )


class DomainOfNewCompanyForm(DomainForm):
    class Meta:
        model = Domain
        fields = ["name", "has_subdomains"]


def _all_the_same() -> str:
    return gettext("Do you want it all the same? Then say why, and save again.")
