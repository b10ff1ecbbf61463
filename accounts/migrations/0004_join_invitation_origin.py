from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_last_active_admin")]

    operations = [
        migrations.AddField(
            model_name="joininvitation",
            name="origin",
            field=models.CharField(
                choices=[
                    ("self", "registered oneself"),
                    ("company", "added by a company admin"),
                    ("nen", "added by NEN"),
                ],
                default="company",
                max_length=7,
            ),
        ),
    ]
