import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0002_time_zone'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LabelValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='value')),
            ],
            options={
                'verbose_name': 'label value',
                'verbose_name_plural': 'label values',
                'ordering': [django.db.models.functions.text.Lower('name'), 'pk'],
            },
        ),
        migrations.AddField(
            model_name='company',
            name='department',
            field=models.CharField(blank=True, max_length=100, verbose_name='department'),
        ),
        migrations.AddField(
            model_name='company',
            name='second_step_for',
            field=models.CharField(choices=[('nobody', 'Nobody: everyone chooses for themselves'), ('admins', 'Company admins'), ('everyone', 'Everyone')], default='nobody', max_length=8, verbose_name='second step at sign-in'),
        ),
        migrations.AddField(
            model_name='company',
            name='second_step_from',
            field=models.DateField(blank=True, null=True, verbose_name='second step from'),
        ),
        migrations.AddField(
            model_name='company',
            name='user_label',
            field=models.CharField(blank=True, max_length=40, verbose_name='label for users'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_step_for', 'nobody'), ('second_step_from', None)), models.Q(models.Q(('second_step_for', 'nobody'), _negated=True), ('second_step_from__isnull', False)), _connector='OR'), name='company_second_step_has_a_day'),
        ),
        migrations.AddField(
            model_name='labelvalue',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='label_values', to='companies.company', verbose_name='company'),
        ),
        migrations.AddConstraint(
            model_name='labelvalue',
            constraint=models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('name'), name='labelvalue_once_per_company'),
        ),
        migrations.AddConstraint(
            model_name='labelvalue',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='labelvalue_has_a_name'),
        ),
    ]
