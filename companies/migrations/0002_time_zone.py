from django.db import migrations, models

import companies.hours


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_companies_and_domains"),
    ]

    operations = [
        migrations.AddField(
            model_name="company",
            name="time_zone",
            field=models.CharField(
                default="Europe/Amsterdam",
                max_length=50,
                validators=[companies.hours.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
    ]
