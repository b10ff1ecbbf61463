from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_join_invitation_origin"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="gets_reminders",
            field=models.BooleanField(default=True, verbose_name="gets reminders"),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("is_blocked", False), ("registered_at", None)),
                fields=["registration_deadline", "id"],
                name="user_pending_until",
            ),
        ),
    ]
