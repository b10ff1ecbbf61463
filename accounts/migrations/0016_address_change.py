import django.db.models.deletion
import django.db.models.functions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_status_changes")]

    operations = [
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("address", models.CharField(max_length=254, verbose_name="new user name")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("self", "registered oneself"),
                            ("company", "added by a company admin"),
                            ("nen", "added by NEN"),
                        ],
                        default="company",
                        max_length=7,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="mail sent")),
                ("round", models.PositiveIntegerField(default=1)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_change",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of user name",
                "verbose_name_plural": "changes of user name",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("address", django.db.models.functions.Lower("address")),
                            ("address__regex", r"^[a-z0-9._'+=&~-]+@[a-z0-9.-]+$"),
                        ),
                        name="addresschange_is_canonical",
                    )
                ],
            },
        ),
    ]
