"""What deleting a company would take with it, and what stands in its way (C25)."""

from __future__ import annotations

from functools import cached_property

from django.utils.translation import ngettext

from companies.models import Company


class Deletion:
    def __init__(self, company: Company) -> None:
        self.company = company

    @property
    def can_go(self) -> bool:
        return not self.in_the_way

    @cached_property
    def in_the_way(self) -> list[str]:
        """What has to be kept: people, and what was agreed and decided."""
        people, licenses = self.company.people.count(), self.company.licenses.count()
        asked = self.company.licenserequests.count() + self.company.documentrequests.count()
        return _those_there(
            (people, ngettext("%(number)s user", "%(number)s users", people)),
            (licenses, ngettext("%(number)s licence", "%(number)s licences", licenses)),
            (asked, ngettext("%(number)s request", "%(number)s requests", asked)),
        )

    @cached_property
    def goes_along(self) -> list[str]:
        domains, values = self.company.domains.count(), self.company.label_values.count()
        invitations = self.company.join_invitations.count()
        return _those_there(
            (domains, ngettext("%(number)s domain", "%(number)s domains", domains)),
            (values, ngettext("%(number)s label value", "%(number)s label values", values)),
            (invitations, ngettext("%(number)s invitation", "%(number)s invitations", invitations)),
        )


def _those_there(*counted: tuple[int, str]) -> list[str]:
    return [said % {"number": number} for number, said in counted if number]
