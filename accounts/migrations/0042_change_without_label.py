from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_personal_accounts_on_domain")]
    operations = [
        migrations.AddField("peoplechange", "is_without_label", models.BooleanField(default=False)),
    ]
