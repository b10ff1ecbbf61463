import datetime
import django.contrib.postgres.fields
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
        ('companies', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, unique=True, verbose_name='number')),
                ('title_nl', models.CharField(max_length=400, verbose_name='title (Dutch)')),
                ('title_en', models.CharField(blank=True, max_length=400, verbose_name='title (English)')),
                ('kind', models.CharField(choices=[('NEN', 'NEN'), ('NEN-EN', 'NEN-EN'), ('NEN-EN-ISO', 'NEN-EN-ISO'), ('NEN-ISO', 'NEN-ISO'), ('NPR', 'NPR'), ('NTA', 'NTA')], max_length=12, verbose_name='kind')),
                ('published_on', models.DateField(verbose_name='publication date')),
                ('status', models.CharField(choices=[('current', 'Current'), ('replaced', 'Replaced'), ('withdrawn', 'Withdrawn')], default='current', max_length=10, verbose_name='status')),
                ('is_free', models.BooleanField(default=False, verbose_name='free document')),
                ('is_plus', models.BooleanField(default=False, verbose_name='Plus')),
                ('plus_countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None, verbose_name='countries of a Plus document')),
                ('file', models.FileField(blank=True, upload_to='documents/%Y', verbose_name='file (PDF)')),
                ('file_missing_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='file missing since')),
                ('bare_number', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(models.Func(models.F('number'), models.Value('[\\s./_\\u2010-\\u2015-]'), models.Value(''), models.Value('g'), function='regexp_replace')), output_field=models.CharField(max_length=60))),
                ('sort_key', models.GeneratedField(db_index=True, db_persist=True, expression=models.Func(models.Func(models.F('number'), models.Value('(\\d+)'), models.Value('0000000\\1'), models.Value('g'), function='regexp_replace'), models.Value('0+(\\d{8})(?!\\d)'), models.Value('\\1'), models.Value('g'), function='regexp_replace'), output_field=models.CharField(max_length=200))),
                ('replaced_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='licenses.document', verbose_name='replaced by')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'ordering': ['sort_key', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DocumentImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.FileField(upload_to='imports/%Y', verbose_name='table (CSV or Excel)')),
                ('archive', models.FileField(blank=True, upload_to='imports/%Y', verbose_name='PDFs (zip)')),
                ('state', models.CharField(choices=[('checking', 'being checked'), ('ready', 'ready to load'), ('loading', 'being loaded'), ('done', 'loaded'), ('failed', 'refused')], default='checking', max_length=8, verbose_name='state')),
                ('only_good', models.BooleanField(default=False, verbose_name='load the good lines only')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='lines')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                ('new', models.PositiveIntegerField(default=0, verbose_name='new')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('problems', models.JSONField(blank=True, default=list, verbose_name='refused lines')),
                ('refused', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), blank=True, default=list, size=None)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'import of documents',
                'verbose_name_plural': 'imports of documents',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='License',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('kind', models.CharField(choices=[('package', 'Package'), ('custom', 'Custom collection')], default='package', max_length=8, verbose_name='kind')),
                ('starts_on', models.DateField(verbose_name='first day')),
                ('ends_on', models.DateField(verbose_name='last day')),
                ('seats', models.PositiveIntegerField(blank=True, null=True, verbose_name='seats')),
                ('is_company_wide', models.BooleanField(default=False, verbose_name='company-wide licence')),
                ('is_company_wide_approved', models.BooleanField(default=False, verbose_name='NEN approved company-wide')),
                ('is_shown', models.BooleanField(default=True, verbose_name='show in licence selection')),
                ('max_documents', models.PositiveIntegerField(blank=True, null=True, verbose_name='maximum number of documents')),
                ('allowed_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('NEN', 'NEN'), ('NEN-EN', 'NEN-EN'), ('NEN-EN-ISO', 'NEN-EN-ISO'), ('NEN-ISO', 'NEN-ISO'), ('NPR', 'NPR'), ('NTA', 'NTA')], max_length=12), blank=True, default=list, size=None, verbose_name='kinds of documents')),
                ('last_full_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last full')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licenses', to='companies.company', verbose_name='company')),
                ('documents', models.ManyToManyField(blank=True, related_name='licenses', to='licenses.document', verbose_name='documents')),
            ],
            options={
                'verbose_name': 'license',
                'verbose_name_plural': 'licenses',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted_at', models.DateTimeField(auto_now_add=True, verbose_name='given')),
                ('origin', models.CharField(choices=[('given', 'given by an admin'), ('request', 'request approved'), ('company_wide', 'kept when the licence was no longer company-wide')], default='given', max_length=12, verbose_name='how')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('granted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('license', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='licenses.license', verbose_name='license')),
            ],
            options={
                'verbose_name': 'grant',
                'verbose_name_plural': 'grants',
                'ordering': ['-granted_at'],
            },
        ),
        migrations.CreateModel(
            name='CompanyWideEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('license', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='company_wide_end', to='licenses.license')),
            ],
            options={
                'verbose_name': 'end of company-wide',
                'verbose_name_plural': 'ends of company-wide',
            },
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='opened')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='openings', to='companies.company', verbose_name='company')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='licenses.document', verbose_name='document')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='openings', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'opening',
                'verbose_name_plural': 'openings',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['bare_number'], name='document_by_bare_number', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='document',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('number', 'title_nl', 'title_en', arg_joiner=" || ' ' || ", output_field=django.contrib.postgres.search.SearchVectorField(), template="to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"), name='document_by_words'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_plus', True), ('plus_countries__len__gt', 0)), models.Q(('is_plus', False), ('plus_countries', [])), _connector='OR'), name='document_plus_has_countries'),
        ),
        migrations.AddIndex(
            model_name='license',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('name', arg_joiner=" || ' ' || ", output_field=django.contrib.postgres.search.SearchVectorField(), template="to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"), name='license_by_words'),
        ),
        migrations.AddConstraint(
            model_name='license',
            constraint=models.UniqueConstraint(fields=('company', 'name', 'starts_on'), name='license_once'),
        ),
        migrations.AddConstraint(
            model_name='license',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='license_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='license',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__lte', datetime.date(2199, 12, 31))), name='license_ends_before_2200', violation_error_message='Choose a last day before the year 2200.'),
        ),
        migrations.AddConstraint(
            model_name='license',
            constraint=models.CheckConstraint(condition=models.Q(('is_company_wide', False), ('is_company_wide_approved', True), _connector='OR'), name='license_company_wide_is_approved'),
        ),
        migrations.AddConstraint(
            model_name='license',
            constraint=models.CheckConstraint(condition=models.Q(('is_company_wide', False), ('seats', None), _connector='OR'), name='license_company_wide_has_no_seats'),
        ),
        migrations.AddConstraint(
            model_name='license',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'custom'), models.Q(('allowed_kinds', []), ('max_documents', None)), _connector='OR'), name='license_only_a_collection_has_limits'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(condition=models.Q(('ends_on__isnull', False)), fields=['ends_on'], name='grant_ending'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(fields=('license', 'user'), name='grant_once'),
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['company', '-at'], name='opening_of_company'),
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['user', 'document', '-at'], name='opening_by_user'),
        ),
    ]
