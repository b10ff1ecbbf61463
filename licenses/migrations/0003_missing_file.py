from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licenses", "0002_reading_and_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="file_missing_since",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="file missing since"),
        ),
    ]
