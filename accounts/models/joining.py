from __future__ import annotations

from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from companies.models import Company


class JoinInvitationQuerySet(models.QuerySet["JoinInvitation"]):
    def standing(self) -> JoinInvitationQuerySet:
        """Return invitations that are less than a month old, the same month as of a registration (R12)."""
        day = timezone.localdate() - relativedelta(months=1)
        while day + relativedelta(months=1) <= timezone.localdate():  # 29 to 31 January all end on 28 February
            day += timedelta(days=1)
        return self.filter(invited_at__gte=timezone.make_aware(datetime.combine(day, time.min)))


class JoinInvitation(models.Model):
    """Invite the owner of a personal account to a company for a month; the owner joins by confirming (R13)."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="join_invitations")
    user = models.ForeignKey(User, models.CASCADE, related_name="join_invitations")
    role = models.CharField(_("role"), max_length=5, choices=User.Role, default=User.Role.USER)
    origin = models.CharField(max_length=7, choices=User.Origin, default=User.Origin.COMPANY)  # who asked
    invited_at = models.DateTimeField(_("invited"), auto_now_add=True)

    objects = JoinInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to join")
        verbose_name_plural = _("invitations to join")
        constraints = [models.UniqueConstraint(fields=["company", "user"], name="joininvitation_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.company}"


class MoveRequestQuerySet(models.QuerySet["MoveRequest"]):
    def pending(self) -> MoveRequestQuerySet:
        return self.filter(status=MoveRequest.Status.OPEN)

    def to_decide_by(self, company: Company) -> MoveRequestQuerySet:
        """Return open requests to this company by people who can sign in and have not moved since."""
        moves = self.pending().filter(to_company=company, user__is_active=True)
        return moves.filter(user__company=models.F("from_company"))


class MoveRequest(models.Model):
    """Ask the admins of another company to take the person in."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    user = models.ForeignKey(User, models.CASCADE, related_name="move_requests", verbose_name=_("user"))
    from_company = models.ForeignKey(Company, models.CASCADE, related_name="+", verbose_name=_("from"))
    to_company = models.ForeignKey(Company, models.CASCADE, related_name="move_requests", verbose_name=_("to"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OPEN)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )

    is_by_nen = models.BooleanField(_("moved by NEN"), default=False)  # without a request

    objects = MoveRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to move")
        verbose_name_plural = _("requests to move")
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(fields=["to_company"], condition=Q(status="open"), name="moverequest_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(status="open"), name="moverequest_one_open"),
            models.CheckConstraint(
                condition=~Q(from_company=models.F("to_company")), name="moverequest_to_another_company"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None) | ~Q(status="open") & Q(decided_at__isnull=False),
                name="moverequest_decided_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.to_company}"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN
