from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licenses", "0004_collection_limits"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                condition=models.Q(("ends_on__isnull", False)), fields=["ends_on"], name="grant_ending"
            ),
        ),
    ]
