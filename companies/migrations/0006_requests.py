import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0005_proof_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='labelvalue',
            name='labelvalue_once_per_company',
        ),
        migrations.AddField(
            model_name='company',
            name='closes_after_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='requests close themselves after days'),
        ),
        migrations.AddField(
            model_name='company',
            name='promised_days',
            field=models.PositiveSmallIntegerField(default=3, verbose_name='promised time in working days'),
        ),
        migrations.AddField(
            model_name='company',
            name='request_label',
            field=models.CharField(blank=True, max_length=40, verbose_name='label for requests'),
        ),
        migrations.AddField(
            model_name='company',
            name='request_text',
            field=models.CharField(blank=True, max_length=1000, verbose_name='text with requests'),
        ),
        migrations.AddField(
            model_name='labelvalue',
            name='kind',
            field=models.CharField(choices=[('users', 'Label for users'), ('requests', 'Label for requests')], default='users', max_length=8, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(('promised_days__gte', 1), ('promised_days__lte', 30)), name='company_promises_some_days'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(('closes_after_days', None), models.Q(('closes_after_days__gte', 7), ('closes_after_days__lte', 365)), _connector='OR'), name='company_closes_requests_in_time'),
        ),
        migrations.AddConstraint(
            model_name='labelvalue',
            constraint=models.UniqueConstraint(models.F('company'), models.F('kind'), django.db.models.functions.text.Lower('name'), name='labelvalue_once_per_company'),
        ),
    ]
