"""Requests outlive the accounts of those who asked and decided; an open one belongs to somebody (C42)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def person(related_name, verbose_name, **kwargs):
    return models.ForeignKey(
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name=related_name,
        to=settings.AUTH_USER_MODEL,
        verbose_name=verbose_name,
        **kwargs,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0002_reminded_on"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        operation
        for kind in ("licenserequest", "documentrequest")
        for operation in (
            migrations.RemoveConstraint(kind, f"{kind}_decided_by_whom_and_when"),
            migrations.AlterField(kind, "user", person("%(class)ss", "requested by")),
            migrations.AlterField(kind, "decided_by", person("+", "decided by", blank=True)),
            migrations.AddConstraint(
                kind,
                models.CheckConstraint(
                    condition=Q(status__in=["approved", "rejected"], decided_at__isnull=False)
                    | Q(status="withdrawn", decided_at__isnull=False, decided_by=None)
                    | Q(status="open", decided_at=None, decided_by=None),
                    name=f"{kind}_decided_when",
                ),
            ),
            migrations.AddConstraint(
                kind,
                models.CheckConstraint(
                    condition=~Q(status="open") | Q(user__isnull=False), name=f"{kind}_open_has_a_person"
                ),
            ),
        )
    ]
