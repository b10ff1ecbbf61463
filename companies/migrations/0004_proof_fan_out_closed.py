import companies.models
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0003_second_step_and_labels'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DomainFanOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('total', models.PositiveIntegerField(blank=True, null=True, verbose_name='people')),
                ('mailed', models.PositiveIntegerField(default=0, verbose_name='mails written')),
                ('last_person', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'mailing about a domain',
                'verbose_name_plural': 'mailings about domains',
            },
        ),
        migrations.AddField(
            model_name='company',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='closed'),
        ),
        migrations.AddField(
            model_name='company',
            name='closed_because',
            field=models.CharField(blank=True, max_length=300, verbose_name='reason for closing'),
        ),
        migrations.AddField(
            model_name='domain',
            name='allowed_because',
            field=models.CharField(blank=True, max_length=300, verbose_name='added all the same, because'),
        ),
        migrations.AddField(
            model_name='domain',
            name='look_up_due_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name='domain',
            name='looked_up_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='looked up'),
        ),
        migrations.AddField(
            model_name='domain',
            name='mail_gone_since',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='no mail server since'),
        ),
        migrations.AddField(
            model_name='domain',
            name='proof_missing_since',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='proof gone since'),
        ),
        migrations.AddField(
            model_name='domain',
            name='proof_token',
            field=models.CharField(default=companies.models.new_proof_token, editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='domain',
            name='proven_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='proven'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(fields=['look_up_due_at', 'id'], name='domain_to_look_up'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(condition=models.Q(('proven_at', None)), fields=['company'], name='domain_unproven'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(condition=models.Q(('mail_gone_since__isnull', False)), fields=['company'], name='domain_without_mail'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_because', '')), models.Q(('closed_at__isnull', False), models.Q(('closed_because', ''), _negated=True)), _connector='OR'), name='company_closed_says_why'),
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.CheckConstraint(condition=models.Q(('proof_missing_since', None), ('proven_at__isnull', False), _connector='OR'), name='domain_lost_proof_was_there'),
        ),
        migrations.AddField(
            model_name='domainfanout',
            name='domain',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='fan_out', to='companies.domain', verbose_name='domain'),
        ),
        migrations.AddIndex(
            model_name='domainfanout',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['id'], name='domainfanout_unfinished'),
        ),
    ]
