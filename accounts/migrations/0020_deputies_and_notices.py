import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0019_moved_and_merged_by_nen'),
        ('companies', '0006_requests'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='request_notices',
            field=models.CharField(choices=[('each', 'Each at once'), ('daily', 'Once a day, together'), ('weekly', 'Once a week, together'), ('none', 'None')], default='each', max_length=6, verbose_name='mails about new requests'),
        ),
        migrations.AddField(
            model_name='user',
            name='requests_told_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='told of new requests'),
        ),
        migrations.CreateModel(
            name='Deputy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField(verbose_name='first day')),
                ('last_day', models.DateField(verbose_name='last day')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('began_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='began')),
                ('ended_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='ended')),
                ('admin', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputies', to=settings.AUTH_USER_MODEL, verbose_name='in the absence of')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputies', to='companies.company', verbose_name='company')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputyships', to=settings.AUTH_USER_MODEL, verbose_name='deputy')),
            ],
            options={
                'verbose_name': 'deputy',
                'verbose_name_plural': 'deputies',
                'ordering': ['first_day', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('first_day__lte', models.F('last_day'))), name='deputy_first_day_before_last'), models.CheckConstraint(condition=models.Q(('user', models.F('admin')), _negated=True), name='deputy_is_somebody_else')],
            },
        ),
    ]
