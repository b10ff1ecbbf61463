import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('at', models.DateTimeField(verbose_name='last seen')),
            ],
            options={
                'verbose_name': 'sign of life',
                'verbose_name_plural': 'signs of life',
            },
        ),
        migrations.CreateModel(
            name='MailQueue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_paused', models.BooleanField(default=False, verbose_name='paused')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('paused_at', models.DateTimeField(blank=True, null=True, verbose_name='paused since')),
                ('retry_at', models.DateTimeField(blank=True, null=True, verbose_name='tries again at')),
            ],
            options={
                'verbose_name': 'state of the mail queue',
                'verbose_name_plural': 'state of the mail queue',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='mailqueue_one_row'), models.CheckConstraint(condition=models.Q(models.Q(('is_paused', True), ('paused_at__isnull', False)), models.Q(('is_paused', False), ('paused_at', None), ('retry_at', None)), _connector='OR'), name='mailqueue_paused_since')],
            },
        ),
        migrations.CreateModel(
            name='OutboxMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=60, verbose_name='event')),
                ('key', models.CharField(max_length=200, verbose_name='key')),
                ('address', models.CharField(blank=True, max_length=254, verbose_name='address without an account')),
                ('about', models.JSONField(default=dict, verbose_name='about')),
                ('message_id', models.CharField(max_length=200, verbose_name='Message-ID')),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Refused by the mail server'), ('suppressed', 'No longer needed')], default='waiting', max_length=12, verbose_name='status')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('sent_to', models.CharField(blank=True, max_length=254, verbose_name='sent to')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='due')),
                ('claimed_until', models.DateTimeField(blank=True, null=True, verbose_name='held by a worker until')),
                ('claim', models.UUIDField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='of use until')),
                ('sent_text', models.TextField(blank=True, verbose_name='text as it was sent')),
                ('on_behalf_of', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='rerouted_mails', to=settings.AUTH_USER_MODEL, verbose_name='meant for')),
                ('recipient', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mails', to=settings.AUTH_USER_MODEL, verbose_name='recipient')),
            ],
            options={
                'verbose_name': 'mail',
                'verbose_name_plural': 'mail queue',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('status', 'waiting')), fields=['due_at', 'id'], name='outbox_waiting'), models.Index(condition=models.Q(('status', 'waiting')), fields=['created_at'], name='outbox_oldest_waiting'), models.Index(fields=['recipient', '-id'], name='outbox_of_recipient'), models.Index(condition=models.Q(('on_behalf_of__isnull', False)), fields=['on_behalf_of'], name='outbox_on_behalf'), models.Index(fields=['status', '-id'], name='outbox_of_status'), models.Index(fields=['event', '-id'], name='outbox_of_event'), models.Index(fields=['created_at'], name='outbox_by_age'), models.Index(condition=models.Q(('sent_to', ''), _negated=True), fields=['sent_to'], name='outbox_by_sent_to', opclasses=['varchar_pattern_ops']), models.Index(condition=models.Q(('address', ''), _negated=True), fields=['address'], name='outbox_by_address', opclasses=['varchar_pattern_ops']), models.Index(models.Func(models.F('key'), models.Value(':'), models.Value(2), function='split_part', output_field=models.TextField()), condition=models.Q(('sent_text', ''), _negated=True), name='outbox_by_thing_with_text')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='outboxmail_once_per_key'), models.UniqueConstraint(fields=('message_id',), name='outboxmail_own_message_id'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'sent')), models.Q(models.Q(('status', 'sent'), _negated=True), ('sent_at', None)), _connector='OR'), name='outboxmail_sent_has_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('recipient', models.F('on_behalf_of')), _negated=True), ('recipient', None), ('on_behalf_of', None), _connector='OR'), name='outboxmail_rerouted_to_another'), models.CheckConstraint(condition=models.Q(('recipient', None), ('address', ''), _connector='OR'), name='outboxmail_person_or_address')],
            },
        ),
    ]
