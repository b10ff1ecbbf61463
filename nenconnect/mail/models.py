"""Store the outbox: each mail is a row, written in the transaction of the change it reports (R31, C33).

Written here because nothing fits: the packages at hand store the rendered text, and with it live links.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nenconnect.mail.events import LABELS


class OutboxMailQuerySet(models.QuerySet["OutboxMail"]):
    def due(self, now: datetime | None = None) -> OutboxMailQuerySet:
        """Keep mails that wait, are due, and are claimed by no worker."""
        now = now or timezone.now()
        return self.filter(
            Q(claimed_until=None) | Q(claimed_until__lt=now), status=MailStatus.WAITING, due_at__lte=now
        )


REROUTED = "others read it instead"  # why the mail itself was not sent (R32)


class MailStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Refused by the mail server")
    SUPPRESSED = "suppressed", _("No longer needed")


@dataclass(frozen=True)
class Gone:
    """Hold name, address and language of a deleted person for a farewell, because no row is left (C42)."""

    name: str
    email: str
    language: str


# "license_approved:licenserequest51:to7": what the mail is about.
THING_OF_KEY = models.Func(F("key"), Value(":"), Value(2), function="split_part", output_field=models.TextField())


class OutboxMail(models.Model):
    """Store one mail to one recipient about one event: ids only, never a text, a link or a secret.

    Only a farewell holds the person it is for, until it is sent or has failed (farewell.py).
    """

    Status = MailStatus

    event = models.CharField(_("event"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        db_index=False,  # outbox_of_recipient does
        related_name="mails",
        verbose_name=_("recipient"),
    )
    # Who has no account: the contact person of a company, as the last one to read a rerouted mail (R32).
    address = models.CharField(_("address without an account"), max_length=254, blank=True)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,  # outbox_on_behalf is enough: most mails are on behalf of no person
        related_name="rerouted_mails",
        verbose_name=_("meant for"),
    )
    about = models.JSONField(_("about"), default=dict)
    message_id = models.CharField(_("Message-ID"), max_length=200)
    status = models.CharField(_("status"), max_length=12, choices=MailStatus, default=MailStatus.WAITING)
    reason = models.TextField(_("reason"), blank=True)
    sent_to = models.CharField(_("sent to"), max_length=254, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_until = models.DateTimeField(_("held by a worker until"), null=True, blank=True)
    claim = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # After it the mail makes no sense, such as a reminder of a day that has passed.
    expires_at = models.DateTimeField(_("of use until"), null=True, blank=True)
    # For NEN's desk. The part of a link that gives access is left out: a copy here must open nothing.
    sent_text = models.TextField(_("text as it was sent"), blank=True)

    objects = OutboxMailQuerySet.as_manager()
    batch: Any = None  # of a claimed mail: those claimed with it (batch.py)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mail queue")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status="waiting"), name="outbox_waiting"),
            models.Index(fields=["created_at"], condition=Q(status="waiting"), name="outbox_oldest_waiting"),
            models.Index(fields=["recipient", "-id"], name="outbox_of_recipient"),
            models.Index(
                fields=["on_behalf_of"], condition=Q(on_behalf_of__isnull=False), name="outbox_on_behalf"
            ),
            # For NEN's desk, whose lists and searches must not look through all rows.
            models.Index(fields=["status", "-id"], name="outbox_of_status"),
            models.Index(fields=["event", "-id"], name="outbox_of_event"),
            models.Index(fields=["created_at"], name="outbox_by_age"),
            models.Index(
                fields=["sent_to"],
                condition=~Q(sent_to=""),
                opclasses=["varchar_pattern_ops"],
                name="outbox_by_sent_to",
            ),
            models.Index(
                fields=["address"],
                condition=~Q(address=""),
                opclasses=["varchar_pattern_ops"],
                name="outbox_by_address",
            ),
            models.Index(THING_OF_KEY, condition=~Q(sent_text=""), name="outbox_by_thing_with_text"),
        ]
        constraints = [
            # Not unique=True: Postgres would keep a second index of each, for searches that are never done.
            models.UniqueConstraint(fields=["key"], name="outboxmail_once_per_key"),
            models.UniqueConstraint(fields=["message_id"], name="outboxmail_own_message_id"),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at=None)),
                name="outboxmail_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(recipient=F("on_behalf_of")) | Q(recipient=None) | Q(on_behalf_of=None),
                name="outboxmail_rerouted_to_another",
            ),
            # Neither: the person is deleted. An address alone, on behalf of no person, is that of a farewell.
            models.CheckConstraint(
                condition=Q(recipient=None) | Q(address=""), name="outboxmail_person_or_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.in_words} ({MailStatus(self.status).label})"

    @property
    def in_words(self) -> str | Promise:
        return LABELS.get(self.event, self.event)

    @property
    def is_rerouted(self) -> bool:
        """Return whether others got this mail instead, each through a row of their own."""
        return self.status == MailStatus.SUPPRESSED and self.reason == REROUTED

    def id_of(self, model: type[models.Model]) -> Any:
        """Return the id of the row of `model` that this mail is about, or None."""
        return self.about.get(str(model._meta.model_name))

    @property
    def gone(self) -> Gone | None:
        person = self.about.get("gone")
        return Gone(**person) if person else None

    def key_has(self, part: str) -> bool:
        return part in self.key.split(":")


class MailQueue(models.Model):
    """Store whether the whole queue is paused, and why. At most one row; no row means that the queue runs."""

    is_paused = models.BooleanField(_("paused"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    paused_at = models.DateTimeField(_("paused since"), null=True, blank=True)
    # When the queue tries by itself again; empty when a person paused it: then a person resumes it.
    retry_at = models.DateTimeField(_("tries again at"), null=True, blank=True)

    class Meta:
        verbose_name = _("state of the mail queue")
        verbose_name_plural = _("state of the mail queue")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="mailqueue_one_row"),
            models.CheckConstraint(
                condition=Q(is_paused=True, paused_at__isnull=False)
                | Q(is_paused=False, paused_at=None, retry_at=None),
                name="mailqueue_paused_since",
            ),
        ]

    def __str__(self) -> str:
        return str(_("paused") if self.is_paused else _("running"))


class Heartbeat(models.Model):
    """Store when the worker's drain and beat's tick were last active."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.name
