from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0040_searched")]
    operations = [
        migrations.AddField("peoplechange", "is_without_label", models.BooleanField(default=False)),
    ]
