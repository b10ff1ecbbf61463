import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_arrivals")]

    operations = [
        migrations.AddField(
            model_name="moverequest",
            name="is_by_nen",
            field=models.BooleanField(default=False, verbose_name="moved by NEN"),
        ),
        migrations.AddField(
            model_name="user",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="merged_accounts",
                to=settings.AUTH_USER_MODEL,
                verbose_name="merged into",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(("company", None), ("is_blocked", True)),
                    _connector="OR",
                ),
                name="user_merged_is_closed",
            ),
        ),
    ]
