import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_registration_next")]

    operations = [
        migrations.AddField(
            model_name="signinattempts",
            name="last_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="last attempt"),
        ),
    ]
