"""Tell staff, before and after a company is saved, who is mailed and what to check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.models import User
from companies.homoglyphs import mixes_scripts
from companies.models import Company, Domain
from licenses.models import License
from requests_app.previews.dry_run import NoticedChange, notice_of_new_license


@dataclass(frozen=True)
class Coming:
    """Hold what the company will notice of the page: the admin's mail and each new licence."""

    word_to_admin: str
    licenses: list[tuple[License, NoticedChange]]


def announcement_of(request: HttpRequest, company: Company, formsets: Iterable[Any]) -> Coming:
    new = [row for formset in formsets if formset.model is License for row in formset.new_objects]
    return Coming(
        _about_first_admin(request, company),
        [(license, notice_of_new_license(license)) for license in new],
    )


def say_what_was_done(request: HttpRequest, company: Company) -> None:
    """Tell who is mailed and which domain may be a look-alike (C3), beside Django's own message."""
    if text := _about_first_admin(request, company):
        messages.info(request, text)
    for license in company.licenses.filter(documents=None):
        text = gettext("“%(license)s” holds no documents yet, so it gives access to nothing.")
        messages.warning(request, text % {"license": license})
    for domain in getattr(request, "new_domains", []):
        warn_of_odd_letters(request, domain)


def _about_first_admin(request: HttpRequest, company: Company) -> str:
    person: User | None = getattr(request, "new_admin", None)
    if person is None:
        return ""
    text = gettext("The registration mail goes to %(email)s.")
    if person.company_id != company.pk:  # R13
        text = gettext(
            "%(email)s has a personal account already. The owner gets a mail, and becomes an admin by confirming."
        )
    return text % {"email": person.email}


def warn_of_odd_letters(request: HttpRequest, domain: Domain) -> None:
    """Warn that a domain with letters outside a–z may look like another one (C3)."""
    if "xn--" not in domain.name:
        return
    text = gettext("Check %(domain)s: it holds letters outside a–z and may only look like the company's domain.")
    if mixes_scripts(domain.name):
        text = gettext("Check %(domain)s: it mixes letters of several scripts, as look-alikes do.")
    messages.warning(request, text % {"domain": domain})
