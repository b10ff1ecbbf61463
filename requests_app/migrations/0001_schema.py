import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('companies', '0001_schema'),
        ('licenses', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=1000, verbose_name='reason')),
                ('status', models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn'), ('expired', 'Closed by itself')], default='open', max_length=9, verbose_name='status')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='requested')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('rejection_reason', models.CharField(blank=True, max_length=1000, verbose_name='reason for rejection')),
                ('rejection_note', models.CharField(blank=True, max_length=1000, verbose_name='message to the requester')),
                ('ask_again_on', models.DateField(blank=True, null=True, verbose_name='ask again from')),
                ('reminded_on', models.DateField(blank=True, editable=False, null=True, verbose_name='admins reminded on')),
                ('escalated_on', models.DateField(blank=True, editable=False, null=True, verbose_name='contact person told on')),
                ('nudged_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='requester reminded the admins')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='companies.company', verbose_name='company')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='licenses.document', verbose_name='document')),
                ('label', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(class)ss', to='companies.labelvalue', verbose_name='label')),
                ('license', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='document_requests', to='licenses.license', verbose_name='license')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
            ],
            options={
                'verbose_name': 'document request',
                'verbose_name_plural': 'document requests',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='LicenseRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=1000, verbose_name='reason')),
                ('status', models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn'), ('expired', 'Closed by itself')], default='open', max_length=9, verbose_name='status')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='requested')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('rejection_reason', models.CharField(blank=True, max_length=1000, verbose_name='reason for rejection')),
                ('rejection_note', models.CharField(blank=True, max_length=1000, verbose_name='message to the requester')),
                ('ask_again_on', models.DateField(blank=True, null=True, verbose_name='ask again from')),
                ('reminded_on', models.DateField(blank=True, editable=False, null=True, verbose_name='admins reminded on')),
                ('escalated_on', models.DateField(blank=True, editable=False, null=True, verbose_name='contact person told on')),
                ('nudged_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='requester reminded the admins')),
                ('waiting_since', models.DateTimeField(blank=True, null=True, verbose_name='in line since')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='companies.company', verbose_name='company')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('label', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(class)ss', to='companies.labelvalue', verbose_name='label')),
                ('license', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='licenses.license', verbose_name='license')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
            ],
            options={
                'verbose_name': 'licence request',
                'verbose_name_plural': 'licence requests',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ReadySentence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300, verbose_name='sentence')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ready_sentences', to='companies.company')),
            ],
            options={
                'verbose_name': 'ready-made sentence',
                'verbose_name_plural': 'ready-made sentences',
                'ordering': ['text', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RequestMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_question', models.BooleanField(verbose_name='asked by an admin')),
                ('text', models.CharField(max_length=1000, verbose_name='text')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='written')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='request_messages', to=settings.AUTH_USER_MODEL)),
                ('document_request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='requests_app.documentrequest')),
                ('license_request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='requests_app.licenserequest')),
            ],
            options={
                'verbose_name': 'message about a request',
                'verbose_name_plural': 'messages about requests',
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='documentrequest',
            index=models.Index(fields=['company', '-created_at'], name='document_request_of_company'),
        ),
        migrations.AddIndex(
            model_name='documentrequest',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['company'], name='document_request_open'),
        ),
        migrations.AddConstraint(
            model_name='documentrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('user', 'document'), name='documentrequest_one_open'),
        ),
        migrations.AddConstraint(
            model_name='documentrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('status__in', ['approved', 'rejected'])), models.Q(('decided_at__isnull', False), ('decided_by', None), ('status__in', ['withdrawn', 'expired'])), models.Q(('decided_at', None), ('decided_by', None), ('status', 'open')), _connector='OR'), name='documentrequest_decided_when'),
        ),
        migrations.AddConstraint(
            model_name='documentrequest',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'rejected'), models.Q(('ask_again_on', None), ('rejection_note', '')), _connector='OR'), name='documentrequest_rejected_says'),
        ),
        migrations.AddConstraint(
            model_name='documentrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'open'), _negated=True), ('user__isnull', False), _connector='OR'), name='documentrequest_open_has_a_person'),
        ),
        migrations.AddIndex(
            model_name='licenserequest',
            index=models.Index(fields=['company', '-created_at'], name='license_request_of_company'),
        ),
        migrations.AddIndex(
            model_name='licenserequest',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['company'], name='license_request_open'),
        ),
        migrations.AddIndex(
            model_name='licenserequest',
            index=models.Index(condition=models.Q(('waiting_since__isnull', False)), fields=['license', 'waiting_since'], name='license_request_in_line'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('user', 'license'), name='licenserequest_one_open'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.CheckConstraint(condition=models.Q(('waiting_since', None), ('status', 'open'), _connector='OR'), name='licenserequest_waits_while_open'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('status__in', ['approved', 'rejected'])), models.Q(('decided_at__isnull', False), ('decided_by', None), ('status__in', ['withdrawn', 'expired'])), models.Q(('decided_at', None), ('decided_by', None), ('status', 'open')), _connector='OR'), name='licenserequest_decided_when'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'rejected'), models.Q(('ask_again_on', None), ('rejection_note', '')), _connector='OR'), name='licenserequest_rejected_says'),
        ),
        migrations.AddConstraint(
            model_name='licenserequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'open'), _negated=True), ('user__isnull', False), _connector='OR'), name='licenserequest_open_has_a_person'),
        ),
        migrations.AddConstraint(
            model_name='readysentence',
            constraint=models.UniqueConstraint(fields=('company', 'text'), name='readysentence_once_per_company'),
        ),
        migrations.AddConstraint(
            model_name='readysentence',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='readysentence_says_something'),
        ),
        migrations.AddConstraint(
            model_name='requestmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document_request__isnull', False), ('license_request', None)), models.Q(('document_request', None), ('license_request__isnull', False)), _connector='OR'), name='requestmessage_about_one_request'),
        ),
    ]
