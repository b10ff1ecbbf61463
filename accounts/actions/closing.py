"""Close a company and reopen it: its people and everything else stay as they are."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mails import domains as domain_mails
from companies.actions import lock
from companies.models import Company
from companies.verbs import COMPANY_CLOSED, COMPANY_REOPENED
from nenconnect.audit.actions import Actor, record
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import validate_single_line


@transaction.atomic
def close_company(company: Company, *, because: str, by: Actor) -> None:
    """Close the company: its people open free documents only, and its admins can change nothing.

    `because` is what they read. Raises: RuleError without it, and for a closed company.
    """
    company = lock(company)
    if company.is_closed:
        raise RuleError(_("%(company)s is closed already.") % {"company": company})
    company.closed_because, company.closed_at = _checked_reason(because), timezone.now()
    company.save(update_fields=["closed_at", "closed_because"])
    record(COMPANY_CLOSED, by=by, company_id=company.pk, about=company)
    domain_mails.send_company_closed(company)


@transaction.atomic
def reopen_company(company: Company, *, by: Actor) -> None:
    """Open the company again; licences in term give access again. Raises RuleError for one that is open."""
    company = lock(company)
    if not company.is_closed:
        raise RuleError(_("%(company)s is open already.") % {"company": company})
    closed_at = company.closed_at
    company.closed_because, company.closed_at = "", None
    company.save(update_fields=["closed_at", "closed_because"])
    record(COMPANY_REOPENED, by=by, company_id=company.pk, about=company)
    assert closed_at is not None
    domain_mails.send_company_reopened(company, closed_at)


def _checked_reason(because: str) -> str:
    because = because.strip()
    if not because:
        raise RuleError(_("Say why: the company's people read it."), field="because")
    if len(because) > 300:
        raise RuleError(_("At most 300 characters."), field="because")
    try:
        validate_single_line(because)
    except ValidationError as error:
        raise RuleError(str(error.message), field="because") from None
    return because
