"""Whoever works at NEN's desk."""

from __future__ import annotations

from django.contrib.auth.base_user import BaseUserManager
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.models.people_queries import UserQuerySet


class StaffManager(BaseUserManager["User"]):
    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db).filter(is_staff=True)


class StaffMember(User):
    """A person of NEN, for the page of Django admin on which administrators say who may do what."""

    objects = StaffManager()  # type: ignore[assignment,misc]

    class Meta:
        proxy = True
        verbose_name = _("member of NEN staff")
        verbose_name_plural = _("members of NEN staff")
