from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models

TEMPLATE = "to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"


def words_of(*fields):
    return models.Func(
        *fields, arg_joiner=" || ' ' || ", template=TEMPLATE, output_field=SearchVectorField()
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0045_deputies_of_own_company")]

    operations = [
        migrations.AddIndex("user", GinIndex(words_of("name", "email"), name="user_by_words")),
    ]
