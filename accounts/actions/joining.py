"""Join a company with a personal account, or see which to ask (R8, R13, R17, R19)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from accounts.models import JoinInvitation, User
from accounts.verbs import JOINED_COMPANY
from companies.actions import lock as lock_company
from companies.models import Company
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError


def companies_to_join(user: User) -> list[Company]:
    """Return companies that invited the person or accept the address (R8, R13, R19).

    An invitation by NEN may be to any domain. Each company has `asked_role`: None without an invitation.
    """
    if user.company_id or user.is_staff:
        return []
    invitations = JoinInvitation.objects.standing().filter(user=user)
    is_admitting = Q(pk__in=Company.objects.admitting(user.email).values("pk"))
    is_open = Q(allows_self_registration=True) | Q(pk__in=invitations.values("company"))
    is_asked_by_nen = Q(pk__in=invitations.filter(origin=User.Origin.NEN).values("company"))
    asked_role = invitations.filter(company=OuterRef("pk")).values("role")
    companies = Company.objects.working().filter((is_admitting & is_open) | is_asked_by_nen)
    return list(companies.annotate(asked_role=Subquery(asked_role)).order_by("name", "department", "pk"))


def companies_to_ask(user: User) -> list[Company]:
    """Return companies of the person's address that only their admins can open (R17)."""
    if user.company_id or user.is_staff:
        return []
    invitations = JoinInvitation.objects.standing().filter(user=user).values("company")
    return list(Company.objects.closed_to(user.email).exclude(pk__in=invitations))


@transaction.atomic
def join(user: User, company: Company) -> None:
    """Join the company. Raises RuleError when the person may not."""
    lock_company(company)
    user = User.objects.select_for_update().get(pk=user.pk)
    if company not in companies_to_join(user):
        raise RuleError(_("You cannot join this company. Ask its admin to add you."))
    invitation = JoinInvitation.objects.standing().filter(user=user, company=company).first()
    user.company = company
    user.role = invitation.role if invitation else User.Role.USER
    user.save(update_fields=["company", "role"])
    JoinInvitation.objects.filter(user=user).delete()
    record(JOINED_COMPANY, by=user, company_id=company.pk, about=user, role=user.role)
