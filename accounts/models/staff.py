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
    """Show NEN staff on a page of their own, on which administrators give roles."""

    objects = StaffManager()  # type: ignore[assignment,misc]

    class Meta:
        proxy = True
        verbose_name = _("member of NEN staff")
        verbose_name_plural = _("members of NEN staff")
