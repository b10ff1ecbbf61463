"""What staff read above the next page: who is mailed, and what to look at once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.models import User
from companies.look_alikes import mixes_scripts
from companies.models import Company, Domain


def say_what_was_done(request: HttpRequest, company: Company) -> None:
    """Beside Django's own message: who is mailed, and which domain may be a look-alike (C3)."""
    person: User | None = getattr(request, "new_admin", None)
    if person and person.company_id == company.pk:
        said = gettext("The registration mail goes to %(email)s.")
        messages.info(request, said % {"email": person.email})
    elif person:  # R13
        said = gettext(
            "%(email)s has a personal account already. We have mailed the owner, who becomes an admin by "
            "confirming."
        )
        messages.info(request, said % {"email": person.email})
    for license in company.licenses.filter(documents=None):
        said = gettext("“%(license)s” holds no documents yet: nobody can read anything with it.")
        messages.warning(request, said % {"license": license})
    for domain in getattr(request, "new_domains", []):
        warn_of_odd_letters(request, domain)


def warn_of_odd_letters(request: HttpRequest, domain: Domain) -> None:
    """C3: what is stored is shown, beside what it looks like."""
    if "xn--" not in domain.name:
        return
    said = gettext("Check %(domain)s: it holds letters outside a–z and may only look like the company's domain.")
    if mixes_scripts(domain.name):
        said = gettext("Check %(domain)s: it mixes letters of several scripts, as look-alikes do.")
    messages.warning(request, said % {"domain": domain})
