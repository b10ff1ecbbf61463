"""Preview the deletion of a company: the rows deleted with it, and what must be kept (C25)."""

from __future__ import annotations

from functools import cached_property

from django.utils.translation import ngettext

from companies.models import Company


class CompanyDeletion:
    def __init__(self, company: Company) -> None:
        self.company = company

    @property
    def is_possible(self) -> bool:
        return not self.must_be_kept

    @cached_property
    def must_be_kept(self) -> list[str]:
        people, licenses = self.company.people.count(), self.company.licenses.count()
        requests = self.company.licenserequests.count() + self.company.documentrequests.count()
        return _without_zeros(
            (people, ngettext("%(number)s user", "%(number)s users", people)),
            (licenses, ngettext("%(number)s licence", "%(number)s licences", licenses)),
            (requests, ngettext("%(number)s request", "%(number)s requests", requests)),
        )

    @cached_property
    def deleted_with_it(self) -> list[str]:
        domains, values = self.company.domains.count(), self.company.label_values.count()
        invitations = self.company.join_invitations.count()
        return _without_zeros(
            (domains, ngettext("%(number)s domain", "%(number)s domains", domains)),
            (values, ngettext("%(number)s label value", "%(number)s label values", values)),
            (invitations, ngettext("%(number)s invitation", "%(number)s invitations", invitations)),
        )


def _without_zeros(*counted: tuple[int, str]) -> list[str]:
    return [text % {"number": number} for number, text in counted if number]
