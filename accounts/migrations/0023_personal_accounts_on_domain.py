import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0022_staff_members'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='user',
            index=models.Index(django.contrib.postgres.indexes.OpClass(models.Func(models.Func(models.F('email'), models.Value('@'), models.Value(2), function='split_part'), function='reverse', output_field=models.TextField()), name='text_pattern_ops'), models.F('id'), condition=models.Q(('company', None), ('is_active', True)), name='user_personal_on_domain'),
        ),
    ]
