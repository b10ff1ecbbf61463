import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0006_requests'),
        ('licenses', '0007_import_attempts'),
        ('requests_app', '0004_waiting_line'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='documentrequest',
            name='documentrequest_decided_when',
        ),
        migrations.RemoveConstraint(
            model_name='licenserequest',
            name='licenserequest_decided_when',
        ),
        migrations.AddField(
            model_name='documentrequest',
            name='escalated_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='contact person told on'),
        ),
        migrations.AddField(
            model_name='documentrequest',
            name='label',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(class)ss', to='companies.labelvalue', verbose_name='label'),
        ),
        migrations.AddField(
            model_name='documentrequest',
            name='nudged_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='requester reminded the admins'),
        ),
        migrations.AddField(
            model_name='licenserequest',
            name='escalated_on',
            field=models.DateField(blank=True, editable=False, null=True, verbose_name='contact person told on'),
        ),
        migrations.AddField(
            model_name='licenserequest',
            name='label',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(class)ss', to='companies.labelvalue', verbose_name='label'),
        ),
        migrations.AddField(
            model_name='licenserequest',
            name='nudged_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='requester reminded the admins'),
        ),
        migrations.AlterField(
            model_name='documentrequest',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn'), ('expired', 'Closed by itself')], default='open', max_length=9, verbose_name='status'),
        ),
        migrations.AlterField(
            model_name='licenserequest',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn'), ('expired', 'Closed by itself')], default='open', max_length=9, verbose_name='status'),
        ),
        migrations.AddConstraint(
            model_name='documentrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('status__in', ['approved', 'rejected'])), models.Q(('decided_at__isnull', False), ('decided_by', None), ('status__in', ['withdrawn', 'expired'])), models.Q(('decided_at', None), ('decided_by', None), ('status', 'open')), _connector='OR'), name='documentrequest_decided_when'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('status__in', ['approved', 'rejected'])), models.Q(('decided_at__isnull', False), ('decided_by', None), ('status__in', ['withdrawn', 'expired'])), models.Q(('decided_at', None), ('decided_by', None), ('status', 'open')), _connector='OR'), name='licenserequest_decided_when'),
        ),
    ]
