from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_people_import"),
    ]

    operations = [
        migrations.AddField(
            model_name="peopleimport",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
