import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='NetworkCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('door', models.CharField(max_length=20, verbose_name='door')),
                ('network', models.CharField(max_length=43, verbose_name='network')),
                ('level', models.FloatField(verbose_name='times')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last counted')),
            ],
            options={
                'verbose_name': 'count of a network',
                'verbose_name_plural': 'counts of networks',
                'constraints': [models.UniqueConstraint(fields=('door', 'network'), name='networkcount_once'), models.CheckConstraint(condition=models.Q(('level__gt', 0)), name='networkcount_is_of_something')],
            },
        ),
    ]
