from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licenses", "0007_import_attempts")]

    operations = [
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                fields=["bare_number"], name="document_by_bare_number", opclasses=["varchar_pattern_ops"]
            ),
        ),
    ]
