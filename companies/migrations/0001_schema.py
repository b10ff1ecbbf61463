import companies.models
import companies.working_hours
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
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
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('department', models.CharField(blank=True, max_length=100, verbose_name='department')),
                ('customer_number', models.CharField(max_length=30, unique=True, verbose_name='customer number')),
                ('contact_person', models.CharField(max_length=200, verbose_name='contact person')),
                ('contact_phone', models.CharField(max_length=40, verbose_name='contact phone')),
                ('contact_email', models.EmailField(max_length=254, verbose_name='contact e-mail')),
                ('allows_self_registration', models.BooleanField(default=False, verbose_name='allow self-registration')),
                ('time_zone', models.CharField(default='Europe/Amsterdam', max_length=50, validators=[companies.working_hours.validate_time_zone], verbose_name='time zone')),
                ('second_step_for', models.CharField(choices=[('nobody', "No one: each person chooses"), ('admins', 'Company admins'), ('everyone', 'Everyone')], default='nobody', max_length=8, verbose_name='second step at sign-in')),
                ('second_step_from', models.DateField(blank=True, null=True, verbose_name='second step from')),
                ('user_label', models.CharField(blank=True, max_length=40, verbose_name='label for users')),
                ('request_label', models.CharField(blank=True, max_length=40, verbose_name='label for requests')),
                ('request_text', models.CharField(blank=True, max_length=1000, verbose_name='text with requests')),
                ('promised_days', models.PositiveSmallIntegerField(default=3, verbose_name='promised time in working days')),
                ('closes_after_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='requests close themselves after days')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('closed_because', models.CharField(blank=True, max_length=300, verbose_name='reason for closing')),
                ('account_manager', models.ForeignKey(blank=True, limit_choices_to={'is_staff': True}, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='managed_companies', to=settings.AUTH_USER_MODEL, verbose_name='NEN account manager')),
            ],
            options={
                'verbose_name': 'company',
                'verbose_name_plural': 'companies',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Domain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=253, verbose_name='domain')),
                ('has_subdomains', models.BooleanField(default=False, verbose_name='with subdomains')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='added')),
                ('allowed_because', models.CharField(blank=True, max_length=300, verbose_name="reason to add a refused domain")),
                ('proof_token', models.CharField(default=companies.models.new_proof_token, editable=False, max_length=32)),
                ('proven_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='proven')),
                ('proof_missing_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='proof gone since')),
                ('mail_gone_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='no mail server since')),
                ('looked_up_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='looked up')),
                ('look_up_due_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='domains', to='companies.company', verbose_name='company')),
            ],
            options={
                'verbose_name': 'domain',
                'verbose_name_plural': 'domains',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='DomainFanOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('total', models.PositiveIntegerField(blank=True, null=True, verbose_name='people')),
                ('mailed', models.PositiveIntegerField(default=0, verbose_name='mails written')),
                ('last_person', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('domain', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='fan_out', to='companies.domain', verbose_name='domain')),
            ],
            options={
                'verbose_name': 'mailing about a domain',
                'verbose_name_plural': 'mailings about domains',
            },
        ),
        migrations.CreateModel(
            name='LabelValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('users', 'Label for users'), ('requests', 'Label for requests')], default='users', max_length=8, verbose_name='kind')),
                ('name', models.CharField(max_length=60, verbose_name='value')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='label_values', to='companies.company', verbose_name='company')),
            ],
            options={
                'verbose_name': 'label value',
                'verbose_name_plural': 'label values',
                'ordering': [django.db.models.functions.text.Lower('name'), 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='company',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('name', 'department', 'contact_email', arg_joiner=" || ' ' || ", output_field=django.contrib.postgres.search.SearchVectorField(), template="to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"), name='company_by_words'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='company_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(('customer_number', ''), _negated=True), name='company_has_a_number'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_step_for', 'nobody'), ('second_step_from', None)), models.Q(models.Q(('second_step_for', 'nobody'), _negated=True), ('second_step_from__isnull', False)), _connector='OR'), name='company_second_step_has_a_day'),
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
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_because', '')), models.Q(('closed_at__isnull', False), models.Q(('closed_because', ''), _negated=True)), _connector='OR'), name='company_closed_says_why'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(fields=['name'], name='domain_by_name', opclasses=['varchar_pattern_ops']),
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
            model_name='domain',
            constraint=models.UniqueConstraint(fields=('company', 'name'), name='domain_once_per_company'),
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.CheckConstraint(condition=models.Q(('name', django.db.models.functions.text.Lower('name')), ('name__regex', '^[a-z0-9-]+(\\.[a-z0-9-]+)+$')), name='domain_is_canonical'),
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.CheckConstraint(condition=models.Q(('proof_missing_since', None), ('proven_at__isnull', False), _connector='OR'), name='domain_lost_proof_was_there'),
        ),
        migrations.AddIndex(
            model_name='domainfanout',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['id'], name='domainfanout_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='labelvalue',
            constraint=models.UniqueConstraint(models.F('company'), models.F('kind'), django.db.models.functions.text.Lower('name'), name='labelvalue_once_per_company'),
        ),
        migrations.AddConstraint(
            model_name='labelvalue',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='labelvalue_has_a_name'),
        ),
    ]
