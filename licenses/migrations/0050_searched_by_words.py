from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models

TEMPLATE = "to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"


def words_of(*fields):
    return models.Func(
        *fields, arg_joiner=" || ' ' || ", template=TEMPLATE, output_field=SearchVectorField()
    )


class Migration(migrations.Migration):
    dependencies = [("licenses", "0008_document_by_bare_number")]

    operations = [
        migrations.AddIndex(
            "document", GinIndex(words_of("number", "title_nl", "title_en"), name="document_by_words")
        ),
        migrations.AddIndex("license", GinIndex(words_of("name"), name="license_by_words")),
    ]
