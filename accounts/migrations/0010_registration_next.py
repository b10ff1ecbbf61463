from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_terms_never_change")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="registration_next",
            field=models.CharField(blank=True, max_length=500),
        ),
    ]
