import django.db.models.functions.text
import django.utils.timezone
import django_countries.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='user name')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone number')),
                ('country', django_countries.fields.CountryField(blank=True, max_length=2, verbose_name='country')),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], default='nl', max_length=2, verbose_name='language')),
                ('role', models.CharField(choices=[('user', 'User'), ('admin', 'Company admin')], default='user', max_length=5, verbose_name='role')),
                ('is_mail_rerouted', models.BooleanField(default=False, verbose_name='send e-mails to the company admin')),
                ('gets_reminders', models.BooleanField(default=True, verbose_name='gets reminders')),
                ('request_notices', models.CharField(choices=[('each', 'Each at once'), ('daily', 'Once a day, together'), ('weekly', 'Once a week, together'), ('none', 'None')], default='each', max_length=6, verbose_name='mails about new requests')),
                ('requests_told_at', models.DateTimeField(blank=True, null=True, verbose_name='told of new requests')),
                ('is_staff', models.BooleanField(default=False, verbose_name='NEN staff')),
                ('is_blocked', models.BooleanField(default=False, verbose_name='blocked')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('registration_origin', models.CharField(choices=[('self', 'registered oneself'), ('company', 'added by a company admin'), ('nen', 'added by NEN')], default='self', max_length=7)),
                ('registration_sent_at', models.DateTimeField(blank=True, null=True, verbose_name='registration mail sent')),
                ('registration_deadline', models.DateField(blank=True, null=True, verbose_name='finish registration before')),
                ('registration_round', models.PositiveIntegerField(default=0)),
                ('registration_next', models.CharField(blank=True, max_length=500)),
                ('registered_at', models.DateTimeField(blank=True, null=True, verbose_name='registered')),
                ('first_signed_in_at', models.DateTimeField(blank=True, null=True, verbose_name='first sign-in')),
                ('session_round', models.PositiveIntegerField(default=0)),
                ('undeliverable_since', models.DateTimeField(blank=True, null=True, verbose_name='mail undeliverable since')),
                ('undeliverable_reason', models.TextField(blank=True, verbose_name='what the mail server answered')),
                ('is_active', models.GeneratedField(db_persist=True, expression=models.Q(('is_blocked', False), ('registered_at__isnull', False)), output_field=models.BooleanField(verbose_name='active'))),
                ('searched', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Upper(django.db.models.functions.text.Concat('name', models.Value('\n'), 'email', output_field=models.TextField()))), output_field=models.TextField())),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='AddressChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=254, verbose_name='new user name')),
                ('origin', models.CharField(choices=[('self', 'registered oneself'), ('company', 'added by a company admin'), ('nen', 'added by NEN')], default='company', max_length=7)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='mail sent')),
                ('round', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'change of user name',
                'verbose_name_plural': 'changes of user name',
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('door', models.CharField(choices=[('password', 'Signed in with the password'), ('second_step', 'Signed in with the password and the second step'), ('passkey', 'Signed in with a passkey'), ('registration_link', 'Used the link to finish registration'), ('reset_link', 'Used the link to choose a new password'), ('address_link', 'Used the link to confirm the new user name')], max_length=20, verbose_name='what')),
                ('device', models.CharField(blank=True, max_length=80, verbose_name='device')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'arrival',
                'verbose_name_plural': 'arrivals',
                'ordering': ['-pk'],
            },
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
            ],
            options={
                'verbose_name': 'deputy',
                'verbose_name_plural': 'deputies',
                'ordering': ['first_day', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='JoinInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('user', 'User'), ('admin', 'Company admin')], default='user', max_length=5, verbose_name='role')),
                ('origin', models.CharField(choices=[('self', 'registered oneself'), ('company', 'added by a company admin'), ('nen', 'added by NEN')], default='company', max_length=7)),
                ('invited_at', models.DateTimeField(auto_now_add=True, verbose_name='invited')),
            ],
            options={
                'verbose_name': 'invitation to join',
                'verbose_name_plural': 'invitations to join',
            },
        ),
        migrations.CreateModel(
            name='MoveRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('open', 'Open'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='open', max_length=9, verbose_name='status')),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='asked')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('is_by_nen', models.BooleanField(default=False, verbose_name='moved by NEN')),
            ],
            options={
                'verbose_name': 'request to move',
                'verbose_name_plural': 'requests to move',
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SignInAttempts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=254, unique=True, verbose_name='address')),
                ('failures', models.PositiveSmallIntegerField(default=0, verbose_name='wrong passwords')),
                ('locked_until', models.DateTimeField(blank=True, null=True, verbose_name='locked until')),
                ('last_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last attempt')),
            ],
            options={
                'verbose_name': 'sign-in attempts',
                'verbose_name_plural': 'sign-in attempts',
            },
        ),
        migrations.CreateModel(
            name='StatusChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='StatusCounts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(null=True)),
                ('counts', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='TermsAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted_at', models.DateTimeField(auto_now_add=True, verbose_name='accepted')),
            ],
            options={
                'verbose_name': 'acceptance of the terms',
                'verbose_name_plural': 'acceptances of the terms',
            },
        ),
        migrations.CreateModel(
            name='TermsVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='published')),
                ('text_nl', models.TextField(verbose_name='text (Dutch)')),
                ('text_en', models.TextField(verbose_name='text (English)')),
            ],
            options={
                'verbose_name': 'terms of use',
                'verbose_name_plural': 'terms of use',
                'ordering': ['-published_at', '-pk'],
            },
        ),
    ]
