"""Add, change and remove the domains of a company, as NEN does (R7–R9)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.actions import change_company, lock
from companies.addresses import canonical_domain, is_public, is_suffix
from companies.homoglyphs import look_of
from companies.models import Company, Domain, DomainFanOut
from companies.verbs import DOMAIN_ADDED, DOMAIN_CHANGED, DOMAIN_REMOVED
from nenconnect.audit.actions import Actor, record
from nenconnect.audit.changes import changed_fields
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.rules.errors import RuleError

FAN_OUT_TASK = "companies.domain_fan_outs"  # a task of accounts, which knows the people on a domain


@transaction.atomic
def add_domain(
    company: Company, name: str, *, has_subdomains: bool = False, because: str = "", by: Actor
) -> Domain:
    """Add a domain, and have a worker mail the people on it who have no company (R8).

    `because` is NEN's reason to add a domain that is refused otherwise.

    Raises: RuleError for a domain that is not valid, is there already, or needs a reason.
    """
    company = lock(company)
    name = canonical_domain(name)
    if Domain.objects.filter(company=company, name=name).exists():
        raise RuleError(_("%(domain)s is already a domain of this company.") % {"domain": name}, field="name")
    check_subdomains(name, has_subdomains=has_subdomains)
    objections = objections_to(name, company)
    if objections and not because:
        raise RuleError(" ".join(objections), field="name")
    domain = Domain.objects.create(
        company=company,
        name=name,
        has_subdomains=has_subdomains,
        allowed_because=because if objections else "",
    )
    _restart_fan_out(domain)
    overruled = {"overruled": len(objections), "because": because} if objections else {}
    record(
        DOMAIN_ADDED,
        by=by,
        company_id=company.pk,
        about=domain,
        domain=name,
        with_subdomains=has_subdomains,
        **overruled,
    )
    return domain


def objections_to(name: str, company: Company | None) -> list[str]:
    objections = []
    if is_public(name):
        text = _("%(domain)s is a public mail domain: anybody can get an address there.")
        objections.append(text % {"domain": name})
    if is_suffix(name):
        text = _("%(domain)s is not one company's: anybody can get a domain under it.")
        objections.append(text % {"domain": name})
    others = Domain.objects.exclude(name=name).exclude(company=company).values_list("name", flat=True)
    looks = look_of(name)
    for other in sorted({other for other in others.iterator() if look_of(other) == looks}):
        text = _("%(domain)s looks like %(other)s, which another company has.")
        objections.append(text % {"domain": name, "other": other})
    return objections


def check_subdomains(name: str, *, has_subdomains: bool) -> None:
    # With subdomains, co.uk would admit a country, so no reason helps.
    if has_subdomains and (is_public(name) or is_suffix(name)):
        raise RuleError(
            _("You cannot allow the subdomains of %(domain)s: anyone can get one.") % {"domain": name},
            field="has_subdomains",
        )


def _restart_fan_out(domain: Domain) -> None:
    # From the start: a person who had the mail does not get a second one.
    fresh = {"asked_at": timezone.now(), "total": None, "mailed": 0, "last_person": 0, "finished_at": None}
    DomainFanOut.objects.update_or_create(domain=domain, defaults=fresh)
    transaction.on_commit(lambda: wake_worker(FAN_OUT_TASK), robust=True)


@transaction.atomic
def change_domain(domain: Domain, *, has_subdomains: bool, by: Actor) -> None:
    """Set whether subdomains count; if so, mail the people on them too.

    Raises: RuleError for a domain that is gone.
    """
    company = lock(domain.company)
    current_domain = Domain.objects.filter(pk=domain.pk, company=company).first()
    if current_domain is None:
        raise RuleError(_("%(domain)s is no longer a domain of this company.") % {"domain": domain.name})
    if current_domain.has_subdomains == has_subdomains:
        return
    check_subdomains(current_domain.name, has_subdomains=has_subdomains)
    changes = changed_fields(current_domain, {"has_subdomains": has_subdomains})
    current_domain.has_subdomains = has_subdomains
    current_domain.save(update_fields=["has_subdomains"])
    if has_subdomains:
        _restart_fan_out(current_domain)
    record(
        DOMAIN_CHANGED,
        by=by,
        company_id=company.pk,
        about=current_domain,
        domain=current_domain.name,
        with_subdomains=has_subdomains,
        changes=changes,
    )


@transaction.atomic
def remove_domain(domain: Domain, *, by: Actor) -> None:
    company = lock(domain.company)
    current_domain = Domain.objects.filter(pk=domain.pk, company=company).first()
    if current_domain is None:
        return
    record(DOMAIN_REMOVED, by=by, company_id=company.pk, about=current_domain, domain=current_domain.name)
    current_domain.delete()
    if company.allows_self_registration and not company.domains.exists():
        change_company(company, by=by, allows_self_registration=False)
