import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_users'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('companies', '0001_schema'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='company',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='companies.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='user',
            name='groups',
            field=models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups'),
        ),
        migrations.AddField(
            model_name='user',
            name='label',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='people', to='companies.labelvalue', verbose_name='label'),
        ),
        migrations.AddField(
            model_name='user',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='merged_accounts', to=settings.AUTH_USER_MODEL, verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='user',
            name='user_permissions',
            field=models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions'),
        ),
        migrations.CreateModel(
            name='StaffMember',
            fields=[
            ],
            options={
                'verbose_name': 'member of NEN staff',
                'verbose_name_plural': 'members of NEN staff',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.user',),
        ),
        migrations.AddField(
            model_name='addresschange',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by'),
        ),
        migrations.AddField(
            model_name='addresschange',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='address_change', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddField(
            model_name='arrival',
            name='company',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='companies.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='arrival',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='arrivals', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddField(
            model_name='deputy',
            name='admin',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputies', to=settings.AUTH_USER_MODEL, verbose_name='in the absence of'),
        ),
        migrations.AddField(
            model_name='deputy',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputies', to='companies.company', verbose_name='company'),
        ),
        migrations.AddField(
            model_name='deputy',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deputyships', to=settings.AUTH_USER_MODEL, verbose_name='deputy'),
        ),
        migrations.AddField(
            model_name='joininvitation',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='join_invitations', to='companies.company'),
        ),
        migrations.AddField(
            model_name='joininvitation',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='join_invitations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='from_company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.company', verbose_name='from'),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='to_company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='move_requests', to='companies.company', verbose_name='to'),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='move_requests', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddIndex(
            model_name='signinattempts',
            index=models.Index(condition=models.Q(('locked_until__isnull', False)), fields=['locked_until'], name='signinattempts_locked'),
        ),
        migrations.AddField(
            model_name='statuschange',
            name='company',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.company'),
        ),
        migrations.AddField(
            model_name='statuscounts',
            name='company',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='companies.company'),
        ),
        migrations.AddField(
            model_name='termsacceptance',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='terms_acceptances', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddField(
            model_name='termsversion',
            name='published_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by'),
        ),
        migrations.AddField(
            model_name='termsacceptance',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='accounts.termsversion', verbose_name='version'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(fields=['company', 'name', 'id'], name='user_of_company'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(models.F('company'), django.db.models.functions.text.Lower('name'), models.F('id'), include=('name', 'searched'), name='user_of_company_by_name'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(models.F('company'), django.db.models.functions.text.Lower('name'), models.F('id'), condition=models.Q(('is_blocked', True)), name='user_blocked_by_name'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(models.F('company'), django.db.models.functions.text.Lower('name'), models.F('id'), condition=models.Q(('is_blocked', False), ('registered_at', None)), name='user_pending_by_name'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(models.F('company'), django.db.models.functions.text.Lower('name'), models.F('id'), condition=models.Q(('role', 'admin')), name='user_admin_by_name'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(condition=models.Q(('is_blocked', False), ('registered_at', None)), fields=['registration_deadline', 'id'], name='user_pending_until'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('name', 'email', arg_joiner=" || ' ' || ", output_field=django.contrib.postgres.search.SearchVectorField(), template="to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"), name='user_by_words'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(django.contrib.postgres.indexes.OpClass(models.Func(models.Func(models.F('email'), models.Value('@'), models.Value(2), function='split_part'), function='reverse', output_field=models.TextField()), name='text_pattern_ops'), models.F('id'), condition=models.Q(('company', None), ('is_active', True)), name='user_personal_on_domain'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email')), ('email__regex', "^[a-z0-9._'+=&~-]+@[a-z0-9.-]+$")), name='user_email_is_canonical'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('role', 'user'), ('company__isnull', False), _connector='OR'), name='user_admin_has_a_company'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('role', 'user'), ('is_mail_rerouted', False), _connector='OR'), name='user_admin_reads_own_mail'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('label', None), ('company__isnull', False), _connector='OR'), name='user_label_has_a_company'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('company', None), ('is_blocked', True)), _connector='OR'), name='user_merged_is_closed'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('registered_at__isnull', False), ('registration_deadline__isnull', False), _connector='OR'), name='user_pending_has_a_deadline'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('undeliverable_since__isnull', False), ('undeliverable_reason', ''), _connector='OR'), name='user_undeliverable_since'),
        ),
        migrations.AddConstraint(
            model_name='addresschange',
            constraint=models.CheckConstraint(condition=models.Q(('address', django.db.models.functions.text.Lower('address')), ('address__regex', "^[a-z0-9._'+=&~-]+@[a-z0-9.-]+$")), name='addresschange_is_canonical'),
        ),
        migrations.AddIndex(
            model_name='arrival',
            index=models.Index(fields=['user', '-id'], name='arrival_of_user'),
        ),
        migrations.AddConstraint(
            model_name='deputy',
            constraint=models.CheckConstraint(condition=models.Q(('first_day__lte', models.F('last_day'))), name='deputy_first_day_before_last'),
        ),
        migrations.AddConstraint(
            model_name='deputy',
            constraint=models.CheckConstraint(condition=models.Q(('user', models.F('admin')), _negated=True), name='deputy_is_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='joininvitation',
            constraint=models.UniqueConstraint(fields=('company', 'user'), name='joininvitation_once'),
        ),
        migrations.AddIndex(
            model_name='moverequest',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['to_company'], name='moverequest_open'),
        ),
        migrations.AddConstraint(
            model_name='moverequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('user',), name='moverequest_one_open'),
        ),
        migrations.AddConstraint(
            model_name='moverequest',
            constraint=models.CheckConstraint(condition=models.Q(('from_company', models.F('to_company')), _negated=True), name='moverequest_to_another_company'),
        ),
        migrations.AddConstraint(
            model_name='moverequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='moverequest_decided_when'),
        ),
        migrations.AddConstraint(
            model_name='termsacceptance',
            constraint=models.UniqueConstraint(fields=('version', 'user'), name='termsacceptance_once'),
        ),
    ]
