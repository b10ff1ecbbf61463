from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from companies.addresses import canonical_address, canonical_domain, is_public
from companies.models import Company, Domain
from nenconnect.errors import RuleError
from nenconnect.trail.actions import Actor, record

CONTACT_FIELDS = ("contact_person", "contact_phone", "contact_email")


@transaction.atomic
def create_company(*, by: Actor, name: str, customer_number: str, **fields: Any) -> Company:
    """Raises RuleError when the customer number is taken. Domains and people come by their own actions."""
    fields["contact_email"] = canonical_address(fields["contact_email"])
    company = Company(name=name, customer_number=customer_number, **fields)
    _save(company)
    record("company_created", by=by, company_id=company.pk, about=company)
    return company


@transaction.atomic
def change_company(company: Company, *, by: Actor, **fields: Any) -> None:
    """Sets the given fields; which of them a company admin may set is the form's shape (R5). Raises RuleError."""
    company = lock(company)
    if "contact_email" in fields:
        fields["contact_email"] = canonical_address(fields["contact_email"])
    changed = [name for name, value in fields.items() if getattr(company, name) != value]
    for name in changed:
        setattr(company, name, fields[name])
    if changed:
        _save(company)
        record("company_changed", by=by, company_id=company.pk, about=company, fields=changed)


@transaction.atomic
def set_self_registration(company: Company, allowed: bool, *, by: Actor) -> None:
    """Raises RuleError for a company without a domain (R6)."""
    company = lock(company)
    if allowed and not company.domains.exists():
        raise RuleError(
            _("Self-registration needs an allowed domain first."),
            field="allows_self_registration",
        )
    change_company(company, by=by, allows_self_registration=allowed)


@transaction.atomic
def add_domain(company: Company, name: str, *, has_subdomains: bool = False, by: Actor) -> Domain:
    """Raises RuleError for what is no domain, for a public mail domain, and for one that is there already (R7)."""
    company = lock(company)
    name = company_domain(name)
    domain, is_new = Domain.objects.get_or_create(
        company=company, name=name, defaults={"has_subdomains": has_subdomains}
    )
    if not is_new:
        raise RuleError(_("%(domain)s is already a domain of this company.") % {"domain": name}, field="name")
    record(
        "domain_added",
        by=by,
        company_id=company.pk,
        about=domain,
        domain=name,
        with_subdomains=has_subdomains,
    )
    return domain


def company_domain(raw: str) -> str:
    """The canonical domain; raises RuleError for what cannot be a domain of one company (R7)."""
    name = canonical_domain(raw)
    if is_public(name):
        raise RuleError(
            _("%(domain)s is a public mail domain: anybody can get an address there.") % {"domain": name},
            field="name",
        )
    return name


@transaction.atomic
def change_domain(domain: Domain, *, has_subdomains: bool, by: Actor) -> None:
    lock(domain.company)
    Domain.objects.filter(pk=domain.pk).update(has_subdomains=has_subdomains)
    record(
        "domain_changed",
        by=by,
        company_id=domain.company_id,
        about=domain,
        domain=domain.name,
        with_subdomains=has_subdomains,
    )


@transaction.atomic
def remove_domain(domain: Domain, *, by: Actor) -> None:
    """Members stay; nobody new comes in through it (R9)."""
    company = lock(domain.company)
    record("domain_removed", by=by, company_id=company.pk, about=domain, domain=domain.name)
    domain.delete()
    if company.allows_self_registration and not company.domains.exists():
        change_company(company, by=by, allows_self_registration=False)


def lock(company: Company) -> Company:
    """The company's row, held until the transaction ends: the first lock of every action (C23, C40)."""
    return Company.objects.select_for_update().get(pk=company.pk)


def _save(company: Company) -> None:
    try:
        with transaction.atomic():
            company.save()
    except IntegrityError:
        raise RuleError(_("Another company has this customer number."), field="customer_number") from None
