"""Tell who has a second step at sign-in and who must have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User, UserQuerySet
from companies.models import Company, SecondStep


@dataclass(frozen=True)
class SecondStepDemand:
    """Hold what a company asks: a second step from a day on."""

    company: Company
    starts_on: date

    @property
    def is_ahead(self) -> bool:
        return self.starts_on > timezone.localdate()


def factors_of(user: User) -> QuerySet[Authenticator]:
    """Return the person's apps and passkeys; recovery codes do not count as a second step."""
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=User.SECOND_STEPS)
    return factors.order_by("type", "created_at", "pk")


def has_second_step(user: User) -> bool:
    annotated = getattr(user, "has_second_step", None)
    return factors_of(user).exists() if annotated is None else bool(annotated)


def company_demand_on(user: User) -> SecondStepDemand | None:
    company = user.company
    if company is None or company.second_step_from is None:
        return None
    if company.second_step_for == SecondStep.ADMINS and not user.is_company_admin:
        return None
    return SecondStepDemand(company, company.second_step_from)


def must_have(user: User) -> bool:
    """Tell whether the person must have one today: NEN staff always, others when their company asks."""
    if user.is_staff and settings.STAFF_SECOND_STEP:
        return True
    demand = company_demand_on(user)
    return demand is not None and not demand.is_ahead


def is_missing(user: User) -> bool:
    """Tell whether the person must have one and has none, which comes before the rest of the site."""
    return must_have(user) and not has_second_step(user)


def home_notice(user: User) -> SecondStepDemand | None:
    demand = company_demand_on(user)
    return demand if demand and demand.is_ahead and not has_second_step(user) else None


def people_who_must_have(company: Company, who: str = "") -> UserQuerySet:
    """Return the active people who must have one; all of them where the company asks none."""
    people = User.objects.active().members_of(company).with_second_step()
    return people.active_admins() if (who or company.second_step_for) == SecondStep.ADMINS else people
