import django.db.models.deletion
import django.utils.timezone
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
            name='Departure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('block', 'blocked'), ('remove', 'removed from the company')], max_length=6, verbose_name='what')),
                ('state', models.CharField(choices=[('leaving', 'going on'), ('done', 'done'), ('returning', 'being undone'), ('undone', 'undone')], default='leaving', max_length=9, verbose_name='state')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='departures', to='companies.company', verbose_name='company')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'departure',
                'verbose_name_plural': 'departures',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PeopleChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('give_license', 'Give a licence'), ('take_license', 'Take away a licence'), ('send_registration', 'Send registration mail again'), ('set_label', 'Change the label'), ('make_admin', 'Make company admin'), ('make_user', 'Make user'), ('block', 'Block'), ('unblock', 'Unblock'), ('remove', 'Remove from the company'), ('delete', 'Delete the account')], max_length=20, verbose_name='what')),
                ('is_without_label', models.BooleanField(default=False)),
                ('is_complete', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('chosen', 'not done yet'), ('running', 'going on'), ('done', 'done')], default='chosen', max_length=7, verbose_name='state')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('mails_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people_changes', to='companies.company', verbose_name='company')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('label', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='companies.labelvalue')),
                ('license', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='licenses.license')),
            ],
            options={
                'verbose_name': 'change for several users',
                'verbose_name_plural': 'changes for several users',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PeopleImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.FileField(blank=True, upload_to='imports/%Y', verbose_name='table (CSV or Excel)')),
                ('state', models.CharField(choices=[('checking', 'being checked'), ('ready', 'ready to load'), ('loading', 'being loaded'), ('done', 'loaded'), ('failed', 'refused')], default='checking', max_length=8, verbose_name='state')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='lines')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('so_far', models.JSONField(blank=True, default=dict)),
                ('mails_from', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people_imports', to='companies.company', verbose_name='company')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'import of users',
                'verbose_name_plural': 'imports of users',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Leaver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('waiting', 'waiting'), ('gone', 'done'), ('refused', 'refused'), ('back', 'undone'), ('not_back', 'not undone')], default='waiting', max_length=8, verbose_name='outcome')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('role', models.CharField(choices=[('user', 'User'), ('admin', 'Company admin')], default='user', max_length=5, verbose_name='role')),
                ('is_mail_rerouted', models.BooleanField(default=False)),
                ('registration_origin', models.CharField(choices=[('self', 'registered oneself'), ('company', 'added by a company admin'), ('nen', 'added by NEN')], default='company', max_length=7)),
                ('licenses', models.JSONField(default=list)),
                ('departure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='leavers', to='members.departure')),
                ('label', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='companies.labelvalue')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'leaver',
                'verbose_name_plural': 'leavers',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('departure', 'user'), name='leaver_once_per_departure')],
            },
        ),
        migrations.CreateModel(
            name='PeopleChangeLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('waiting', 'waiting'), ('done', 'done'), ('skipped', 'skipped'), ('refused', 'refused')], default='waiting', max_length=7, verbose_name='outcome')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='members.peoplechange')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'user of a change for several',
                'verbose_name_plural': 'users of a change for several',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('change', 'user'), name='peoplechangeline_once')],
            },
        ),
        migrations.CreateModel(
            name='PeopleImportLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='line')),
                ('outcome', models.CharField(choices=[('new', 'New'), ('invited', 'Invited to join'), ('changed', 'Changed'), ('unchanged', 'Unchanged'), ('refused', 'Refused')], max_length=9, verbose_name='outcome')),
                ('columns', models.CharField(blank=True, max_length=200, verbose_name='columns')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('people_import', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='members.peopleimport')),
            ],
            options={
                'verbose_name': 'line of an import',
                'verbose_name_plural': 'lines of an import',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('people_import', 'number'), name='peopleimportline_once')],
            },
        ),
    ]
