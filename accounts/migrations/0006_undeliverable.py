from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="undeliverable_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="mail undeliverable since"),
        ),
        migrations.AddField(
            model_name="user",
            name="undeliverable_reason",
            field=models.TextField(blank=True, verbose_name="what the mail server answered"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("undeliverable_since__isnull", False), ("undeliverable_reason", ""), _connector="OR"
                ),
                name="user_undeliverable_since",
            ),
        ),
    ]
