from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('licenses', '0005_grants_that_end'),
    ]

    operations = [
        migrations.AddField(
            model_name='license',
            name='last_full_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last full'),
        ),
    ]
